import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { EnforcementLevel, PolicyPackConfig } from "@pulumi/policy";
import { stackSetting } from "./stack-settings";

/** Beside the sources, and beside the folder of the bundle. */
const folders = [join(__dirname, "config"), join(__dirname, "..", "config")];
const read = new Map<string, PolicyPackConfig | undefined>();

/**
 * What the rules demand of a stack when nothing else is said: `config/<stack>.json`, so that a plain `--policy-pack
 * policies` is enough. `--policy-pack-config FILE` goes over it. Undefined for any other stack: then every rule holds
 * with its defaults.
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

/** The settings of one rule as the stack's file has them, without its level. */
export function writtenSettingsOf(stack: string, rule: string): Readonly<Record<string, unknown>> {
  const own = configOf(stack)?.[rule];
  if (own === undefined || typeof own === "string") return {};
  const { enforcementLevel: _level, ...settings } = own;
  return settings;
}

/** The settings of one rule for a stack. */
export function settingsOf(stack: string, rule: string): Readonly<Record<string, unknown>> {
  return fromStack(stack, writtenSettingsOf(stack, rule));
}

/**
 * A rule's settings with what they refer to: a value such as `${peregrine:datasetBucket}` is that setting of the stack,
 * so that a fact the stack states is not written again. A reference to what the stack does not set is left out.
 */
export function fromStack(stack: string, settings: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(settings).flatMap(([name, written]: [string, unknown]) => {
      const reference = referenceIn(written);
      const value = reference === undefined ? written : stackSetting(stack, reference);
      return value === undefined || value === "" ? [] : [[name, value]];
    }),
  );
}

/** The full key of the stack's setting that a value refers to; undefined for a value that stands for itself. */
export function referenceIn(value: unknown): string | undefined {
  return typeof value === "string" ? /^\$\{([\w-]+:[\w-]+)\}$/.exec(value)?.[1] : undefined;
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
 * A stack's configuration as a pack hands it to the engine at its start: every rule with its level. The engine takes a
 * rule that comes with settings and without a level for advisory. Empty for a stack without a file.
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
