import { InvalidArgumentError } from "commander";
import { preflight } from "../automation/doctor/preflight";
import { Environment } from "../automation/stack/environment";
import { type EnvironmentName, environments, isEnvironmentName } from "../contract/environments";
import { projectDir } from "../automation/project-dir";
import { providePulumi } from "./pulumi-path";

export { projectDir };

/** Parses an environment's name for commander. */
export function environmentName(text: string): EnvironmentName {
  if (!isEnvironmentName(text)) throw new InvalidArgumentError(`must be one of ${environments.join(", ")}.`);
  return text;
}

/** Parses a comma-separated list of environments. */
export function environmentNames(text: string): EnvironmentName[] {
  return text.split(",").map((name) => environmentName(name.trim()));
}

/** Opens an environment's stack with the Pulumi CLI that set-up found or brought. */
export async function openEnvironment(name: EnvironmentName): Promise<Environment> {
  await providePulumi();
  return Environment.open(name, projectDir, preflight);
}

/** Opens several, side by side, and begins to read their states. */
export async function openEnvironments<Names extends readonly EnvironmentName[]>(
  ...names: Names
): Promise<{ [Index in keyof Names]: Environment }> {
  const opened = await Promise.all(names.map(openEnvironment));
  for (const one of opened) one.prefetchState();
  return opened as { [Index in keyof Names]: Environment };
}

/** Prints data for machines: one JSON document on standard output. */
export function printJson(data: unknown): void {
  process.stdout.write(JSON.stringify(data, undefined, 2) + "\n");
}
