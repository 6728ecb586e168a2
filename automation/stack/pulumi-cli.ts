import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** How a run of the CLI ended. */
export interface CliResult {
  /** Absent when it exited with 0. */
  readonly failure?: Error;
  readonly stdout: string;
  readonly stderr: string;
}

/** A state of some thousand resources as JSON has its place in this, bytes. */
const maxOutputBytes = 64 * 1024 * 1024;

/** What all our runs of the CLI have in their environment: it is pinned, so nobody need hear of newer ones. */
export const cliVariables = { PULUMI_SKIP_UPDATE_CHECK: "true" };

/**
 * The Pulumi CLI on one stack, for what the Automation API does not offer (options for pending operations, `policy
 * analyze`) and for what only reads. The Automation API begins with two runs of the CLI, to learn its version and to
 * select the stack, and has every secret deciphered, for which the reader needs the stack's key; here a reading is one
 * run, and secrets stay secret.
 */
export class PulumiCli {
  /** @param workDir folder of the working copies (`prepareStackFiles`). */
  constructor(
    readonly stack: string,
    private readonly workDir: string,
  ) {}

  /** What a command on the stack prints. @throws Error with what it printed when it fails. */
  async answer(args: readonly string[]): Promise<string> {
    const { failure, stdout, stderr } = await this.run(args);
    if (failure) throw new Error(`${stderr}\n${stdout}`.trim() || failure.message, { cause: failure });
    return stdout;
  }

  /** Runs a command on the stack. Never rejects. */
  run(args: readonly string[]): Promise<CliResult> {
    const all = [...args, "--stack", this.stack, "--non-interactive", "--color", "never"];
    return promisify(execFile)("pulumi", all, {
      cwd: this.workDir,
      env: { ...process.env, ...cliVariables },
      maxBuffer: maxOutputBytes,
    }).catch((failure: Error & { stdout?: string; stderr?: string }) => ({
      failure,
      stdout: failure.stdout ?? "",
      stderr: failure.stderr ?? "",
    }));
  }
}
