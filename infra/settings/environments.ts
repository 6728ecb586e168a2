export const environments = ["dev", "staging", "prod"] as const;
export type EnvironmentName = (typeof environments)[number];
