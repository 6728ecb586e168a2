import { dirname, resolve } from "node:path";
import { InvalidArgumentError } from "commander";
import { Environment, type EnvironmentName, environments } from "../automation/workspace";

/** The folder of `Pulumi.yaml`. */
export const projectDir = resolve(dirname(__filename), "..");

/** Parses an environment's name for commander. */
export function environmentName(text: string): EnvironmentName {
  if (!(environments as readonly string[]).includes(text)) throw new InvalidArgumentError(`must be one of ${environments.join(", ")}.`);
  return text as EnvironmentName;
}

/** Parses a comma-separated list of environments. */
export function environmentNames(text: string): EnvironmentName[] {
  return text.split(",").map((name) => environmentName(name.trim()));
}

export function openEnvironment(name: EnvironmentName): Promise<Environment> {
  return Environment.open(name, projectDir);
}

/** Prints data for machines: one JSON document on standard output. */
export function printJson(data: unknown): void {
  process.stdout.write(JSON.stringify(data, undefined, 2) + "\n");
}
