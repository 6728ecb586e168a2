import { spawn } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { basename, delimiter, dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ServerFile } from "../../local/main";
import { keepRightsOf } from "../support/rights";
import { pulumiPath } from "./stack";

const repository = resolve(__dirname, "..", "..");

/**
 * A last resort against a command that hangs: none takes a minute on an idle machine, and a busy one may be many times
 * slower.
 */
const patienceMs = 20 * 60_000;

/** Instead of the exit code of a process that a signal ended. */
const killed = -1;

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Both, for patterns that do not care and for messages of assertions. */
  readonly output: string;
}

/**
 * The project as a user has it after a clone: its own folder and Git history, so that wrong settings, state and
 * whatever a command leaves behind touch nobody else's. Installed packages are those of this checkout.
 */
export class ProjectCopy {
  readonly folder: string;
  /** What a user's shell holds: no AWS account, no Pulumi login, no tools beyond Node, Git and the system's. */
  env: NodeJS.ProcessEnv;
  /** Of its local cloud, once that is up. */
  private url: string | undefined;

  private constructor(folder = mkdtempSync(join(tmpdir(), "peregrine-copy-"))) {
    this.folder = realpathSync(folder);
    const home = join(this.folder, ".peregrine", "home");
    const kept = Object.entries(process.env).filter(
      ([name]) => !/^(AWS_|PULUMI_|PEREGRINE_|XDG_|NODE_OPTIONS|PATH$|HOME$)/.test(name),
    );
    this.env = {
      ...Object.fromEntries(kept),
      HOME: home,
      // What set-up brought for the user is the same for all clones.
      XDG_CACHE_HOME: process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"),
      ...(process.env["PEREGRINE_CACHE"] ? { PEREGRINE_CACHE: process.env["PEREGRINE_CACHE"] } : {}),
      PATH: [dirname(process.execPath), "/usr/local/bin", "/usr/bin", "/bin"].join(delimiter),
      PULUMI_SKIP_UPDATE_CHECK: "true",
      // Pulumi asks the system, not HOME, where the user lives.
      PULUMI_HOME: join(home, ".pulumi"),
    };
  }

  /**
   * Copies the tracked and the new files, commits, builds the bundles.
   * @param options releaseTargets: where approved packages go by themselves; nowhere when left out, since most tests
   * release by commands. folder: an empty one for it.
   */
  static async make(options: { releaseTargets?: string; folder?: string } = {}): Promise<ProjectCopy> {
    const { releaseTargets = "", folder } = options;
    pulumiPath();
    const copy = new ProjectCopy(folder);
    const { stdout } = await finish("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
      cwd: repository,
    });
    for (const file of stdout.split("\0").filter(Boolean)) {
      mkdirSync(dirname(join(copy.folder, file)), { recursive: true });
      // A file that is deleted but not yet committed is listed all the same.
      cpSync(join(repository, file), join(copy.folder, file), { force: true, errorOnExist: false });
    }
    for (const name of ["node_modules", ".venv"]) symlinkSync(join(repository, name), join(copy.folder, name));
    mkdirSync(copy.env["HOME"]!, { recursive: true });
    const settings = join(copy.folder, "Pulumi.dev.yaml");
    writeFileSync(
      settings,
      readFileSync(settings, "utf8").replace(/^( *peregrine:releaseTargets:).*$/m, `$1 "${releaseTargets}"`),
    );
    await copy.succeed("git", "init", "--quiet");
    // Links are no folders, which is all that .gitignore speaks of.
    writeFileSync(join(copy.folder, ".git", "info", "exclude"), "/node_modules\n/.venv\n");
    await copy.commit("Clone");
    await copy.succeed(process.execPath, "scripts/build.mjs");
    return copy;
  }

  /**
   * A copy of a copy that rests: with its Git history, its stacks and the state of its local cloud. Files that name the
   * folder name the new one; the journals name none.
   */
  static async of(folder: string): Promise<ProjectCopy> {
    const copy = new ProjectCopy();
    await copy.succeed("cp", "-a", `${folder}/.`, copy.folder);
    // Links of the `pulumi` before the real one, which makes those that it misses.
    await copy.succeed("find", ".peregrine", "-type", "l", "-lname", `${folder}/*`, "-delete");
    const found = await copy.run("grep", "-rlIF", "--exclude-dir=.git", folder, ".");
    for (const file of found.stdout.split("\n").filter(Boolean)) {
      const path = join(copy.folder, file);
      writeFileSync(path, readFileSync(path, "utf8").replaceAll(folder, copy.folder));
    }
    return copy;
  }

  /** Runs a program in the folder. Never rejects: the exit code says how it went. */
  run(program: string, ...args: string[]): Promise<Finished> {
    return finish(program, args, { cwd: this.folder, env: this.env });
  }

  /** Runs a program that must succeed. @throws Error with all it printed. */
  async succeed(program: string, ...args: string[]): Promise<Finished> {
    const finished = await this.run(program, ...args);
    if (finished.code !== 0)
      throw new Error(`${program} ${args.join(" ")} ended with ${finished.code}:\n${finished.output}`);
    return finished;
  }

  /** `npx peregrine …`, without npx's start. */
  peregrine(...args: string[]): Promise<Finished> {
    return this.run(process.execPath, "scripts/peregrine.cjs", ...args);
  }

  /**
   * Runs a command and kills it, as `kill -9` does, as soon as it prints a line that matches.
   * @param whole kills what it started as well; otherwise its engine goes on without it.
   * @returns what it printed; fails when it ends before.
   */
  killAt(line: RegExp, whole: boolean, ...args: string[]): Promise<string> {
    return new Promise((done, fail) => {
      const child = spawn(process.execPath, ["scripts/peregrine.cjs", ...args], {
        cwd: this.folder,
        env: this.env,
        detached: true,
        stdio: ["ignore", "pipe", "pipe"],
      });
      let output = "";
      let killed = false;
      const patience = setTimeout(() => process.kill(-child.pid!, "SIGKILL"), patienceMs);
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding("utf8").on("data", (text: string) => {
          output += text;
          if (killed || !line.test(output)) return;
          killed = true;
          process.kill(whole ? -child.pid! : child.pid!, "SIGKILL");
        });
      child.once("exit", () => {
        clearTimeout(patience);
        if (killed) done(output);
        else fail(new Error(`peregrine ${args.join(" ")} ended before it printed ${String(line)}:\n${output}`));
      });
    });
  }

  /**
   * Runs a command and kills it with all it started, as `kill -9` does, as soon as its n-th write is answered: an object
   * that is put, a parameter, an alert, a change of weights. What its engine writes is not counted.
   * @returns undefined when it was killed; how it ended where it writes less.
   */
  async killAfterWrite(n: number, ...args: string[]): Promise<Finished | undefined> {
    const preload = join(repository, "test", "engine", "kill-after-write.cjs");
    const variables = [`NODE_OPTIONS=--require ${preload}`, `KILL_AFTER_WRITE=${n}`];
    const finished = await this.run("env", ...variables, process.execPath, "scripts/peregrine.cjs", ...args);
    return finished.code === killed ? undefined : finished;
  }

  /** Runs a command and kills it with all it started as soon as the condition holds. Fails when it ends before. */
  async killWhen(condition: () => Promise<boolean>, ...args: string[]): Promise<void> {
    const child = spawn(process.execPath, ["scripts/peregrine.cjs", ...args], {
      cwd: this.folder,
      env: this.env,
      detached: true,
      stdio: "ignore",
    });
    const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    while (!(await condition())) {
      if (child.exitCode !== null)
        throw new Error(`peregrine ${args.join(" ")} ended with ${child.exitCode} before it was to be killed`);
      await sleep(50);
    }
    process.kill(-child.pid!, "SIGKILL");
    await ended;
  }

  pulumi(...args: string[]): Promise<Finished> {
    return this.run("pulumi", ...args, "--non-interactive", "--color", "never");
  }

  /** Brings a stack to what its program says, under the policy pack. */
  up(stack: string, ...options: string[]): Promise<Finished> {
    return this.pulumi("up", "--yes", "--skip-preview", ...options, "--stack", stack, "--policy-pack", "policies");
  }

  /**
   * Starts the local cloud on free ports and leads later commands to it.
   * @param args further options of `local start`.
   */
  async startCloud(...args: string[]): Promise<ServerFile> {
    const { stdout } = await this.succeed(
      process.execPath,
      "scripts/peregrine.cjs",
      "local",
      "start",
      "--port",
      "0",
      "--provider-port",
      "0",
      "--json",
      ...args,
    );
    const variables = await this.succeed(process.execPath, "scripts/peregrine.cjs", "local", "env", "--json");
    this.env = { ...this.env, ...(JSON.parse(variables.stdout) as Record<string, string>) };
    const server = JSON.parse(stdout) as ServerFile;
    this.url = server.url;
    return server;
  }

  /**
   * Makes the stacks and brings them up under the policy pack, one after the other. The state is written at the end and
   * not after each resource: nobody kills these updates, and to write it hundreds of times is most of what they cost.
   * @throws Error with all that was printed.
   */
  async bringUp(...stacks: readonly string[]): Promise<void> {
    const options = ["--yes", "--skip-preview", "--non-interactive", "--color", "never", "--policy-pack", "policies"];
    for (const stack of stacks) {
      await this.succeed("pulumi", "stack", "init", stack);
      await this.succeed("env", "PULUMI_SKIP_CHECKPOINTS=true", "pulumi", "up", "--stack", stack, ...options);
    }
  }

  /** Replaces text in a file for the time of an action. */
  async with<Result>(file: string, change: (text: string) => string, action: () => Promise<Result>): Promise<Result> {
    const path = join(this.folder, file);
    const former = readFileSync(path, "utf8");
    writeFileSync(path, change(former));
    try {
      return await action();
    } finally {
      writeFileSync(path, former);
    }
  }

  /** Commits all that changed. */
  async commit(message: string): Promise<void> {
    await this.succeed("git", "add", "--all");
    await this.succeed(
      "git",
      "-c",
      "user.name=Test",
      "-c",
      "user.email=test@example.org",
      "commit",
      "--quiet",
      "--message",
      message,
    );
  }

  /** What Git sees as changed since the last commit; empty when nothing. */
  async changes(): Promise<string> {
    return (await this.succeed("git", "status", "--porcelain")).stdout;
  }

  /**
   * Stops its local cloud. Where PEREGRINE_RIGHTS names a folder, the rights that were used are kept there, for
   * `scripts/rights/`.
   */
  async rest(): Promise<void> {
    if (process.env["PEREGRINE_RIGHTS"] && this.url)
      keepRightsOf(basename(this.folder), await (await fetch(`${this.url}/_peregrine/rights`)).text());
    await this.peregrine("local", "stop");
  }

  /** Ends it. */
  async remove(): Promise<void> {
    await this.rest();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

function finish(
  program: string,
  args: readonly string[],
  options: { cwd: string; env?: NodeJS.ProcessEnv },
): Promise<Finished> {
  return new Promise((done) => {
    // A group of its own, so that a command that hangs ends with all it started.
    const child = spawn(program, args, { ...options, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    const patience = setTimeout(() => child.pid && process.kill(-child.pid, "SIGKILL"), patienceMs);
    let [stdout, stderr, output] = ["", "", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => ((stdout += text), (output += text)));
    child.stderr.setEncoding("utf8").on("data", (text: string) => ((stderr += text), (output += text)));
    child.once("error", (error) => done({ code: 127, stdout, stderr, output: `${output}${error.message}` }));
    child.once("close", (code) => {
      clearTimeout(patience);
      done({ code: code ?? killed, stdout, stderr, output });
    });
  });
}
