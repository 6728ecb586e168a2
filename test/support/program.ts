import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";

const root = join(__dirname, "..", "..");

/** A stack's configuration as the engine hands it over: the project's defaults, then the stack's file, all as text. */
export function stackConfig(stack: string): Record<string, string> {
  const project = parse(readFileSync(join(root, "Pulumi.yaml"), "utf8")) as { config: Record<string, { default?: unknown }> };
  const file = parse(readFileSync(join(root, `Pulumi.${stack}.yaml`), "utf8")) as { config: Record<string, unknown> };
  const defaults = Object.entries(project.config).filter(([, { default: value }]) => value !== undefined).map(([key, { default: value }]) => [`peregrine:${key}`, asText(value)]);
  return { ...Object.fromEntries(defaults), ...Object.fromEntries(Object.entries(file.config).map(([key, value]) => [key, asText(value)])) };
}

/** Runs the program of one stack on mocks, until everything is registered. @returns the stack's outputs. */
export async function runProgram(stack: string, changes: Readonly<Record<string, string>> = {}): Promise<Record<string, unknown>> {
  pulumi.runtime.setAllConfig({ ...stackConfig(stack), ...changes });
  const program = require("../../infra/index") as () => Promise<Record<string, unknown>>;
  const outputs = await program();
  await pulumi.runtime.disconnect();
  return outputs;
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
