import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Finished, ProjectCopy } from "./project-copy";

/** What stands for something else in a runbook's commands; docs/runbooks/README.md says what. */
export interface Placeholders {
  readonly ENVIRONMENT?: string;
  readonly RELEASE?: string;
  readonly PACKAGE_ARN?: string;
  readonly EXECUTION_ARN?: string;
  readonly VERSION?: string;
  readonly ALERT?: string;
}

/** Blocks that begin so cannot be run here. */
const needsAws = "# needs AWS";

/**
 * Stands for npx, whose own start takes a second or two each time; readme.spec.ts proves that npx finds the command.
 */
const quickNpx = '#!/bin/sh\nshift\nexec node scripts/peregrine.cjs "$@"\n';

/** The shell blocks of a page, in order, as they stand; those in a list without its indentation. */
function shellBlocks(markdown: string): string[] {
  return [...markdown.matchAll(/^( *)```sh\n([\s\S]*?)^\1```$/gm)].map(([, indent, block]) =>
    block!.replaceAll(new RegExp(`^${indent!}`, "gm"), "").trim(),
  );
}

/** A page of which each block is run, in the order that a situation asks for. */
export class Runbook {
  private readonly blocks: string[];
  private readonly ran = new Set<string>();

  constructor(
    private readonly project: ProjectCopy,
    readonly page: string,
  ) {
    this.blocks = shellBlocks(readFileSync(join(project.folder, page), "utf8"));
  }

  /**
   * Runs the first block not run yet that begins with these words, in one shell, as a person pastes it: a command that
   * fails does not stop the next.
   * @param failing the beginnings of the commands that fail in this situation, each with exit code 1.
   */
  async run(begin: string, values: Placeholders, failing: readonly string[] = []): Promise<Finished> {
    const block =
      this.blocks.find((one) => one.startsWith(begin) && !this.ran.has(one)) ??
      this.blocks.find((one) => one.startsWith(begin));
    assert(block, `${this.page} has no block that begins with: ${begin}`);
    this.ran.add(block);
    const text = Object.entries(values).reduce(
      (all, [name, value]) => all.replaceAll(new RegExp(`\\b${name}\\b`, "g"), value as string),
      block,
    );
    assert.doesNotMatch(
      text,
      /\b(ENVIRONMENT|RELEASE|PACKAGE_ARN|EXECUTION_ARN|VERSION|ALERT)\b/,
      "a placeholder is left",
    );
    const folder = join(this.project.folder, ".peregrine", "runbook");
    const script = join(folder, "block.sh");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "npx"), quickNpx, { mode: 0o755 });
    writeFileSync(script, `PATH="${folder}:$PATH"\ntrap 'echo "<$?> $BASH_COMMAND"' ERR\n${text}\n:\n`);
    const finished = await this.project.run("bash", script);
    const failed = [...finished.stdout.matchAll(/^<(\d+)> (.*)$/gm)].map(([, code, command]) => ({
      code,
      command: command!,
    }));
    assert.equal(failed.length, failing.length, finished.output);
    failing.forEach((command, index) =>
      assert(failed[index]!.code === "1" && failed[index]!.command.startsWith(command), finished.output),
    );
    return finished;
  }

  /** Blocks that were never run and do not say why. */
  get left(): string[] {
    return this.blocks.filter((one) => !this.ran.has(one) && !one.startsWith(needsAws));
  }
}
