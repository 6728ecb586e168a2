/** How everything that an experiment makes is called and tagged, so that it is found again whatever happened. */
export const probePrefix = "peregrine-probe-";
/** Path of the roles that experiments make. */
export const probePath = "/peregrine-probe/" as const;
export const probeTags: Readonly<Record<string, string>> = { project: "peregrine-probe" };

/** Start of the names of one run's experiment. @param run letters and digits that tell runs apart, at most 6. */
export function namesOf(run: string, experiment: string): string {
  return `${probePrefix}${run}-${experiment}`;
}
