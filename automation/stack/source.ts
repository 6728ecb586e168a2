import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Where the program comes from. */
export interface Source {
  /** Undefined outside a Git checkout and outside what Git exported (which writes it down in `.source-commit`). */
  readonly commit: string | undefined;
  /** Whether nothing differs from that commit. */
  readonly clean: boolean;
}

/** @param projectDir a checkout, or what `git archive` made of one. */
export async function sourceOf(projectDir: string): Promise<Source> {
  const exported = readFileSync(join(projectDir, ".source-commit"), "utf8").trim();
  if (/^[0-9a-f]{40}$/.test(exported)) return { commit: exported, clean: true };
  const [commit, changes] = await Promise.all([
    git(projectDir, "rev-parse", "HEAD"),
    git(projectDir, "status", "--porcelain"),
  ]);
  return { commit, clean: commit !== undefined && changes === "" };
}

function git(cwd: string, ...args: string[]): Promise<string | undefined> {
  return new Promise((resolve) =>
    execFile("git", args, { cwd }, (error, stdout) => resolve(error ? undefined : stdout.trim())),
  );
}
