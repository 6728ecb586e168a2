import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { UserError } from "../errors";

/** A stack's settings as its file has them: `aws:region`, `peregrine:imageTag`, ... */
export type StackConfig = Readonly<Record<string, unknown>>;

/** Where the engine works, and what it is told. */
export interface StackFiles {
  readonly workDir: string;
  readonly config: StackConfig;
  /** The project's own settings without their namespace, with the defaults of `Pulumi.yaml`. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/**
 * Writes the working copy of the project file and the stack's settings. What the engine added to it in an earlier run (the encryption
 * salt) is kept. @throws UserError when a file cannot be read.
 */
export function prepareStackFiles(name: string, projectDir: string): StackFiles {
  const project = readYaml(join(projectDir, "Pulumi.yaml"));
  const stack = readYaml(join(projectDir, `Pulumi.${name}.yaml`));
  const workDir = join(projectDir, ".peregrine", "work", name);
  mkdirSync(workDir, { recursive: true });
  const stackFile = join(workDir, `Pulumi.${name}.yaml`);
  writeWhole(join(workDir, "Pulumi.yaml"), stringify({ ...project, main: join(projectDir, String(project["main"])) }));
  writeWhole(stackFile, stringify({ ...earlierSecrets(stackFile), ...stack }));
  const config = (stack["config"] ?? {}) as StackConfig;
  return { workDir, config, settings: { ...defaultsOf(project), ...ownSettings(config, String(project["name"])) } };
}

/** The Region of a stack by its file. @throws UserError when nothing names one, or the file cannot be read. */
export function stackRegion(name: string, projectDir: string): string {
  return requireRegion((readYaml(join(projectDir, `Pulumi.${name}.yaml`))["config"] ?? {}) as StackConfig, name);
}

/** A stack's settings without their namespace, with the project's defaults; nothing is written. @throws UserError when a file cannot be read. */
export function stackSettings(name: string, projectDir: string): StackFiles["settings"] {
  const project = readYaml(join(projectDir, "Pulumi.yaml"));
  const { config = {} } = readYaml(join(projectDir, `Pulumi.${name}.yaml`)) as { config?: StackConfig };
  return { ...defaultsOf(project), ...ownSettings(config, String(project["name"])) };
}

/** Commands run side by side in one folder: what is right already is left alone, and nobody reads half a file. */
function writeWhole(file: string, text: string): void {
  if (existsSync(file) && readFileSync(file, "utf8") === text) return;
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, text);
  renameSync(unfinished, file);
}

/** @throws UserError when neither the settings nor the environment name a Region. */
export function requireRegion(config: StackConfig, name: string): string {
  const region = config["aws:region"] ?? process.env["AWS_REGION"];
  if (!region)
    throw new UserError(
      `Pulumi.${name}.yaml names no aws:region.`,
      `Set it: pulumi config set aws:region REGION --stack ${name}`,
    );
  return String(region);
}

function defaultsOf(project: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const declared = (project["config"] ?? {}) as Readonly<Record<string, { readonly default?: unknown }>>;
  return Object.fromEntries(
    Object.entries(declared).flatMap(([key, { default: value }]) => (value === undefined ? [] : [[key, value]])),
  );
}

function ownSettings(config: StackConfig, project: string): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(config).flatMap(([key, value]) =>
      key.startsWith(`${project}:`) ? [[key.slice(project.length + 1), value]] : [],
    ),
  );
}

function readYaml(file: string): Record<string, unknown> {
  try {
    return parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  } catch (error) {
    throw new UserError(
      `Cannot read ${file}: ${(error as Error).message.trim()}`,
      "Correct it, or take it from Git again.",
      { cause: error },
    );
  }
}

function earlierSecrets(stackFile: string): Record<string, unknown> {
  try {
    const { encryptionsalt } = (parse(readFileSync(stackFile, "utf8")) ?? {}) as Record<string, unknown>;
    return encryptionsalt ? { encryptionsalt } : {};
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw error;
  }
}
