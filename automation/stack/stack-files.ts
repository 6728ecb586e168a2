import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { UserError } from "../errors";
import { readStack, type StackConfig, type StackSources } from "./stack-config";

/** Where the engine works, and what it is told. */
export interface StackFiles extends Pick<StackSources, "config" | "settings"> {
  readonly workDir: string;
}

/**
 * Writes the working copy of the project file and the stack's settings. What the engine added to it in an earlier run
 * (the encryption salt) is kept.
 * @throws UserError when a file cannot be read.
 */
export function prepareStackFiles(name: string, projectDir: string): StackFiles {
  const { project, stack, config, settings } = readStack(name, projectDir);
  const workDir = join(projectDir, ".peregrine", "work", name);
  mkdirSync(workDir, { recursive: true });
  const stackFile = join(workDir, `Pulumi.${name}.yaml`);
  writeWhole(join(workDir, "Pulumi.yaml"), stringify({ ...project, main: join(projectDir, String(project["main"])) }));
  writeWhole(stackFile, stringify({ ...earlierSecrets(stackFile), ...stack }));
  return { workDir, config, settings };
}

/** The Region of a stack by its file. @throws UserError when nothing names one, or the file cannot be read. */
export function stackRegion(name: string, projectDir: string): string {
  return requireRegion(readStack(name, projectDir).config, name);
}

/**
 * A stack's settings without their namespace, with the project's defaults; nothing is written.
 * @throws UserError when a file cannot be read.
 */
export function stackSettings(name: string, projectDir: string): StackSources["settings"] {
  return readStack(name, projectDir).settings;
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

function earlierSecrets(stackFile: string): Record<string, unknown> {
  try {
    const { encryptionsalt } = (parse(readFileSync(stackFile, "utf8")) ?? {}) as Record<string, unknown>;
    return encryptionsalt ? { encryptionsalt } : {};
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw error;
  }
}
