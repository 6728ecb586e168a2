/**
 * What things of an environment are called, as far as more than one part says it. Names that the program alone gives
 * are made in `infra/naming.ts`, which also knows the limits; a test holds these to them.
 */

/** What every name, path and tag of the platform begins with, and the Pulumi project. */
export const project = "peregrine";

/** How the names of an environment's things begin; a hyphen follows. @param environment or `*` in a pattern. */
export function namePrefix(environment: string): string {
  return `${project}-${environment}`;
}

/**
 * Path of an environment's roles, policies, parameters and log groups: `/peregrine/<environment>/`.
 * @param environment or `*` in a pattern.
 */
export function environmentPath(environment: string): string {
  return `/${project}/${environment}/`;
}

/** The tags that everything of an environment carries. */
export function environmentTags(environment: string): Record<string, string> {
  return { project, environment };
}

/** @param role its short name, such as `ml-engineer`. */
export function roleName(environment: string, role: string): string {
  return `${namePrefix(environment)}-${role}`;
}

/** ARN of a role. @param partition of AWS, such as `aws`. */
export function roleArn(environment: string, role: string, accountId: string, partition = "aws"): string {
  return `arn:${partition}:iam::${accountId}:role${environmentPath(environment)}${roleName(environment, role)}`;
}

/** Environment and short name of a role of ours, from its ARN; undefined for any other role. */
export function roleOfArn(arn: string): { readonly environment: string; readonly role: string } | undefined {
  const [, environment, name] = new RegExp(`:role/${project}/([^/]+)/(.+)$`).exec(arn) ?? [];
  if (environment === undefined || name === undefined) return undefined;
  const start = `${namePrefix(environment)}-`;
  return { environment, role: name.startsWith(start) ? name.slice(start.length) : name };
}

/** Bucket names are global, hence the account id. */
export function artifactsBucket(environment: string, accountId: string): string {
  return `${namePrefix(environment)}-artifacts-${accountId}`;
}

/** The endpoint, and the model package group of an environment's registry. */
export function detectorName(environment: string): string {
  return `${namePrefix(environment)}-detector`;
}

/** The function behind the URL that takes labels. */
export function feedbackFunction(environment: string): string {
  return `${namePrefix(environment)}-feedback`;
}

/** The MLflow App or tracking server. */
export function trackingName(environment: string): string {
  return `${namePrefix(environment)}-tracking`;
}

/** How jobs of a pipeline's step begin. */
export function jobPrefix(environment: string, step: string): string {
  return `${namePrefix(environment)}-run-${step}`;
}

/** Topic of the platform's alerts. @param suffix severity, or team and severity. */
export function alertTopic(environment: string, suffix: string): string {
  return `${namePrefix(environment)}-alerts-${suffix}`;
}

/** The ECR repository of the container image; one serves all environments. */
export const imageRepository = `${project}-ml`;

/** SSM parameter that says what the environment shall serve. */
export function releaseParameter(environment: string): string {
  return `${environmentPath(environment)}release`;
}

/** SSM parameter in which automation notes how long the ledger is, and its last hash. */
export function ledgerHeadParameter(environment: string): string {
  return `${environmentPath(environment)}ledger-head`;
}

/** SSM parameter in which automation notes how long the log is, and its root. */
export function logHeadParameter(environment: string): string {
  return `${environmentPath(environment)}log-head`;
}

/**
 * Where a backend that keeps states as objects has a stack's, below its own folder.
 * @param environment or a pattern.
 */
export function statePath(environment: string): string {
  return `.pulumi/stacks/${project}/${environment}.json`;
}
