/** What every name, path and tag of the platform begins with. */
export const project = "peregrine";

/** How the names of an environment's things begin: `peregrine-<environment>-`. @param environment or `*` in a pattern. */
export function namePrefix(environment: string): string {
  return `${project}-${environment}`;
}

/** The path of an environment's roles, policies, parameters and log groups: `/peregrine/<environment>/`. */
export function environmentPath(environment: string): string {
  return `/${project}/${environment}/`;
}

/** The tags that everything of an environment carries. */
export function environmentTags(environment: string): Record<string, string> {
  return { project, environment };
}
