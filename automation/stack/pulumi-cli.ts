import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Stack } from "@pulumi/pulumi/automation";

/** How a run of the CLI ended. */
export interface CliResult {
  /** Absent when it exited with 0. */
  readonly failure?: Error;
  readonly stdout: string;
  readonly stderr: string;
}

/** A state of some thousand resources as JSON has its place in this, bytes. */
const maxOutputBytes = 64 * 1024 * 1024;

/**
 * The Pulumi CLI on one stack, for what the Automation API does not offer: options for pending operations, `policy
 * analyze`.
 */
export class PulumiCli {
  constructor(private readonly stack: Pick<Stack, "name" | "workspace">) {}

  /** Undefined when it does not tell. */
  get version(): string | undefined {
    return this.stack.workspace.pulumiCommand.version?.version;
  }

  /** Runs a command on the stack. Never rejects. */
  run(args: readonly string[]): Promise<CliResult> {
    const { name, workspace } = this.stack;
    const all = [...args, "--stack", name, "--non-interactive", "--color", "never"];
    return promisify(execFile)(workspace.pulumiCommand.command, all, {
      cwd: workspace.workDir,
      env: { ...process.env, ...workspace.envVars },
      maxBuffer: maxOutputBytes,
    }).catch((failure: Error & { stdout?: string; stderr?: string }) => ({
      failure,
      stdout: failure.stdout ?? "",
      stderr: failure.stderr ?? "",
    }));
  }
}
