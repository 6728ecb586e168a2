import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { UserError } from "../errors";
import { projectDir } from "../project-dir";

/** A stack's settings as its file has them: `aws:region`, `peregrine:imageTag`, ... */
export type StackConfig = Readonly<Record<string, unknown>>;

/** What the project file and a stack's file say. */
export interface StackSources {
  readonly project: Readonly<Record<string, unknown>>;
  readonly stack: Readonly<Record<string, unknown>>;
  readonly config: StackConfig;
  /** The project's own settings without their namespace, with the defaults of `Pulumi.yaml`. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/**
 * Reads both files of a stack; the one place that does.
 * @param folder of `Pulumi.yaml`.
 * @throws UserError when one cannot be read.
 */
export function readStack(name: string, folder: string): StackSources {
  const project = readYaml(join(folder, "Pulumi.yaml"));
  const stack = readYaml(join(folder, `Pulumi.${name}.yaml`));
  const config = (stack["config"] ?? {}) as StackConfig;
  const namespace = `${String(project["name"])}:`;
  const own = Object.entries(config).flatMap(([key, value]) =>
    key.startsWith(namespace) ? [[key.slice(namespace.length), value] as const] : [],
  );
  return { project, stack, config, settings: { ...defaultsOf(project), ...Object.fromEntries(own) } };
}

/** A stack's configuration as the engine hands it over: the project's defaults, then the stack's file, all as text. */
export function stackConfig(name: string, folder: string = projectDir): Record<string, string> {
  const { project, config, settings } = readStack(name, folder);
  const own = Object.entries(settings).map(([key, value]) => [`${String(project["name"])}:${key}`, value] as const);
  return Object.fromEntries([...own, ...Object.entries(config)].map(([key, value]) => [key, asText(value)]));
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function defaultsOf(project: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const declared = (project["config"] ?? {}) as Readonly<Record<string, { readonly default?: unknown }>>;
  return Object.fromEntries(
    Object.entries(declared).flatMap(([key, { default: value }]) => (value === undefined ? [] : [[key, value]])),
  );
}

/** What files said when they were last read: commands read the project's for every environment. */
const read = new Map<string, { readonly text: string; readonly value: Readonly<Record<string, unknown>> }>();

function readYaml(file: string): Readonly<Record<string, unknown>> {
  try {
    const text = readFileSync(file, "utf8");
    const known = read.get(file);
    if (known?.text === text) return known.value;
    const value = parse(text) as Record<string, unknown>;
    read.set(file, { text, value });
    return value;
  } catch (error) {
    throw new UserError(
      `Cannot read ${file}: ${(error as Error).message.trim()}`,
      "Correct it, or take it from Git again.",
      { cause: error },
    );
  }
}
