import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { EnforcementLevel, PolicyPackConfig } from "@pulumi/policy";
import { stackSetting } from "./stack-settings";

/** Beside the sources, and beside the folder of the bundle. */
const folders = [join(__dirname, "config"), join(__dirname, "..", "config")];
const read = new Map<string, PolicyPackConfig | undefined>();

/**
 * What the rules demand of a stack when nothing else is said: `config/<stack>.json`, so that a plain `--policy-pack policies` is
 * enough. `--policy-pack-config FILE` goes over it. Undefined for any other stack: then every rule holds with its defaults.
 */
export function configOf(stack: string): PolicyPackConfig | undefined {
  if (!read.has(stack)) read.set(stack, load(stack));
  return read.get(stack);
}

function load(stack: string): PolicyPackConfig | undefined {
  // A stack's name comes from outside: it may not lead to other folders.
  if (!/^[\w.-]+$/.test(stack)) return undefined;
  const file = folders.map((folder) => join(folder, `${stack}.json`)).find(existsSync);
  return file === undefined ? undefined : (JSON.parse(readFileSync(file, "utf8")) as PolicyPackConfig);
}

/** The value of a rule's setting that is a setting of the stack: what the stack says already is not written again. */
export interface StackReference {
  /** Full key, such as `peregrine:datasetBucket`. */
  readonly stackSetting: string;
}

/** The settings of one rule as the stack's file has them, without its level. */
export function writtenSettingsOf(stack: string, rule: string): Readonly<Record<string, unknown>> {
  const own = configOf(stack)?.[rule];
  if (own === undefined || typeof own === "string") return {};
  const { enforcementLevel: _level, ...settings } = own;
  return settings;
}

/** The settings of one rule for a stack; one that the stack should say and does not is left out. */
export function settingsOf(stack: string, rule: string): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(writtenSettingsOf(stack, rule)).flatMap(([name, written]) => {
      const value = isReference(written) ? stackSetting(stack, written.stackSetting) : written;
      return value === undefined || value === "" ? [] : [[name, value]];
    }),
  );
}

export function isReference(value: unknown): value is StackReference {
  return typeof value === "object" && value !== null && "stackSetting" in value;
}

/** The level of one rule for a stack: its own, else that of all rules, else mandatory as the pack says. */
export function levelOf(stack: string, rule: string): string {
  const config = configOf(stack);
  const own = config?.[rule];
  const all = config?.["all"];
  return (
    (typeof own === "string" ? own : own?.enforcementLevel) ??
    (typeof all === "string" ? all : all?.enforcementLevel) ??
    "mandatory"
  );
}

/**
 * A stack's configuration as a pack hands it to the engine at its start: every rule with its level. The engine takes a rule that
 * comes with settings and without a level for advisory. Empty for a stack without a file.
 */
export function initialConfigOf(stack: string, rules: readonly string[]): PolicyPackConfig {
  if (!configOf(stack)) return {};
  return Object.fromEntries(
    rules.map((rule) => [
      rule,
      { ...settingsOf(stack, rule), enforcementLevel: levelOf(stack, rule) as EnforcementLevel },
    ]),
  );
}
