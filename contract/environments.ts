/**
 * The environments in the order of a release. Networks count their place in this list, so a new one goes to the end.
 */
export const environments = ["dev", "staging", "prod"] as const;

/** An environment: its Pulumi stack, and the `<environment>` in all names. */
export type EnvironmentName = (typeof environments)[number];

/** Where candidates are tried on a running endpoint before anybody decides about them. */
export const trialEnvironment: EnvironmentName = "staging";

/** Whose live model is the champion that candidates are compared with. */
export const productionEnvironment: EnvironmentName = "prod";

export function isEnvironmentName(text: string): text is EnvironmentName {
  return (environments as readonly string[]).includes(text);
}
