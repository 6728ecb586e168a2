import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { engineVariables } from "../../local/provider/engine-variables";
import { makeTemporaryFolder } from "../support/temporary-folder";

const projectDir = resolve(__dirname, "..", "..");
let path: string | undefined;

/**
 * A PATH with the Pulumi CLI and its language host; brings them when they are missing, so that no test is skipped for
 * it.
 */
export function pulumiPath(): string {
  const script =
    'import { ensureReady } from "./scripts/setup/index.mjs"; process.stdout.write((await ensureReady({ quiet: true, need: ["pulumi"] })).path)';
  path ??= execFileSync(process.execPath, ["--input-type=module", "-e", script], {
    cwd: projectDir,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  return path;
}

export interface Finished {
  readonly code: number;
  /** Standard output and error together. */
  readonly output: string;
}

/** A stack of a program in `pairs/`, with a backend of its own in a temporary folder. */
export class TinyStack {
  readonly folder = makeTemporaryFolder("engine");
  readonly policyPack: string;
  readonly env: NodeJS.ProcessEnv;
  child: ChildProcess | undefined;

  constructor(pair: string, providerPort: number, program = "program") {
    this.policyPack = join(__dirname, "pairs", pair, "policy-pack");
    const main = join(__dirname, "pairs", pair, program, "index.ts");
    const options = '    typescript: false\n    nodeargs: "--require peregrine/register"';
    writeFileSync(
      join(this.folder, "Pulumi.yaml"),
      `name: tiny\nmain: ${main}\nruntime:\n  name: nodejs\n  options:\n${options}\n`,
    );
    mkdirSync(join(this.folder, "state"));
    this.env = {
      ...process.env,
      PATH: pulumiPath(),
      PULUMI_HOME: join(this.folder, "home"),
      PULUMI_BACKEND_URL: `file://${join(this.folder, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "tiny",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      ...engineVariables(providerPort),
    };
  }

  /** Writes the stack's settings and creates the stack. */
  async init(settings: Readonly<Record<string, unknown>>): Promise<void> {
    writeFileSync(join(this.folder, "Pulumi.dev.yaml"), JSON.stringify({ config: settings }));
    await this.pulumi("stack", "init", "dev");
  }

  /** Runs the CLI. Never rejects: the exit code says how it went. */
  pulumi(...args: string[]): Promise<Finished> {
    return new Promise((done) => {
      this.child = spawn("pulumi", [...args, "--non-interactive", "--color", "never"], {
        cwd: this.folder,
        env: this.env,
        stdio: ["ignore", "pipe", "pipe"],
      });
      let output = "";
      for (const stream of [this.child.stdout!, this.child.stderr!])
        stream.setEncoding("utf8").on("data", (text: string) => (output += text));
      this.child.once("close", (code) => done({ code: code ?? -1, output }));
    });
  }

  /** The state file as text. */
  state(): string {
    return readFileSync(join(this.folder, "state", ".pulumi", "stacks", "tiny", "dev.json"), "utf8");
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
