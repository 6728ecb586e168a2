import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { projectDir } from "../project-dir";

/** A stack's configuration as the engine hands it over: the project's defaults, then the stack's file, all as text. */
export function stackConfig(stack: string): Record<string, string> {
  const read = (file: string) =>
    (parse(readFileSync(join(projectDir, file), "utf8")) as { config?: Record<string, unknown> }).config ?? {};
  const defaults = Object.entries(read("Pulumi.yaml") as Record<string, { default?: unknown }>)
    .filter(([, setting]) => setting.default !== undefined)
    .map(([key, setting]) => [`peregrine:${key}`, asText(setting.default)]);
  return {
    ...Object.fromEntries(defaults),
    ...Object.fromEntries(Object.entries(read(`Pulumi.${stack}.yaml`)).map(([key, value]) => [key, asText(value)])),
  };
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
