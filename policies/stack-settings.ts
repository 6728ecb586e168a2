import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parse } from "yaml";

/** The configuration that the engine announced, by stack; a function, since it holds the stack's secrets, too. */
const announced = new Map<string, (key: string) => string | undefined>();
const read = new Map<string, Readonly<Record<string, unknown>>>();

/** Remembers what the engine says of a stack's configuration. */
export function hearSettings(stack: string, setting: (key: string) => string | undefined): void {
  announced.set(stack, setting);
}

/**
 * A setting of the stack that is judged, such as `peregrine:datasetBucket`: as the engine announced it, else from
 * `Pulumi.<stack>.yaml` beside the project's `Pulumi.yaml`, since `pulumi policy analyze` announces nothing.
 * @returns undefined when the stack does not set it.
 */
export function stackSetting(stack: string, key: string, folder: string = process.cwd()): unknown {
  const heard = announced.get(stack);
  if (heard) return heard(key);
  if (!read.has(stack)) read.set(stack, load(stack, folder));
  return read.get(stack)![key];
}

function load(stack: string, folder: string): Readonly<Record<string, unknown>> {
  const project = projectAbove(folder);
  // A stack's name comes from outside: it may not lead to other folders.
  const file = project && /^[\w.-]+$/.test(stack) && join(project, `Pulumi.${stack}.yaml`);
  if (!file || !existsSync(file)) return {};
  return (parse(readFileSync(file, "utf8")) as { config?: Record<string, unknown> } | null)?.config ?? {};
}

/** The nearest folder that holds a `Pulumi.yaml`: the pack lies in the project, or in its `node_modules`. */
export function projectAbove(folder: string): string | undefined {
  if (existsSync(join(folder, "Pulumi.yaml"))) return folder;
  const parent = dirname(folder);
  return parent === folder ? undefined : projectAbove(parent);
}
