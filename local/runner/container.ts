import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { enter, probeIsolation, type Bind, type Isolation } from "./isolation";

export interface ContainerSpec {
  /** Folder of the container; `<folder>/ml` is its `/opt/ml`. */
  readonly folder: string;
  readonly command: readonly string[];
  readonly cwd?: string;
  /** Home folder: what an image keeps between runs (font caches and the like). */
  readonly home: string;
  readonly env: Readonly<Record<string, string>>;
  readonly readOnly?: readonly Bind[];
  /**
   * For a program that is told step by step what to do: its standard input stays open for `tell`, and its descriptor 3
   * closes when the local cloud ends in whatever way.
   */
  readonly conversation?: boolean;
  /** One line of stdout or stderr, without its end. */
  onLine(line: string): void;
  /**
   * `none` for a container that SageMaker isolates from the network: it has its own loopback and nothing else. The
   * machine's network when left out.
   */
  readonly network?: "host" | "none";
  /** Overrides the probe (tests of the fallback). */
  readonly isolation?: Isolation;
}

/** How a container ended; `code` follows the shell's rule for signals (128 + number). */
export interface Exit {
  readonly code: number;
  readonly signal?: NodeJS.Signals;
}

export interface Container {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  running(): boolean;
  /** Writes to the standard input of a `conversation`; what has ended hears nothing. */
  tell(text: string): void;
  /** SIGTERM, then SIGKILL after `graceMs` of real time. */
  stop(graceMs: number): Promise<Exit>;
  kill(): void;
}

const SIGNAL_NUMBERS: Partial<Record<NodeJS.Signals, number>> = {
  SIGKILL: 9,
  SIGTERM: 15,
  SIGSEGV: 11,
  SIGABRT: 6,
  SIGINT: 2,
};

/**
 * Only what finds programs and texts; a container sees neither the AWS settings nor the proxies of whoever started the
 * local cloud.
 */
const PASSED_ON = ["PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "PYENV_ROOT"] as const;

/** Every live container, so that none outlives an ordinary exit of the local cloud. */
const alive = new Set<Container>();
process.once("exit", () => {
  for (const container of alive) container.kill();
});

/** Starts a container. It dies with this process, also when this process is killed. */
export function runContainer(spec: ContainerSpec): Container {
  const isolation = spec.isolation ?? probeIsolation();
  const ml = join(spec.folder, "ml");
  const stage = join(spec.folder, "opt");
  for (const path of [ml, stage, spec.home]) mkdirSync(path, { recursive: true });
  const [file, ...args] = enter(isolation, stage, ml, spec.readOnly ?? [], spec.command, spec.network);
  const child = spawn(file!, args, {
    cwd: spec.cwd ?? spec.folder,
    env: { ...inherited(), HOME: spec.home, ...(isolation === "paths" ? { SM_ROOT: ml } : {}), ...spec.env },
    stdio: spec.conversation ? ["pipe", "pipe", "pipe", "pipe"] : ["ignore", "pipe", "pipe"],
    // A process group of its own: signals reach all of it, and a Ctrl-C at the terminal does not.
    detached: true,
  });
  pipeLines(child, spec.onLine);
  // A program that ended is known by its exit; that a pipe to it broke says nothing more.
  for (const pipe of [child.stdin, child.stdio[3]]) pipe?.on("error", () => undefined);

  let ended = false;
  const exited = new Promise<Exit>((resolve) => {
    const finish = (exit: Exit): void => {
      ended = true;
      alive.delete(container);
      resolve(exit);
    };
    // "close" comes after the last line was read, "error" when the command could not be started at all.
    child.once("close", (code, signal) => {
      finish(signal ? { code: 128 + (SIGNAL_NUMBERS[signal] ?? 0), signal } : { code: code ?? 1 });
    });
    child.once("error", (error) => {
      spec.onLine(`${spec.command[0]}: ${error.message}`);
      finish({ code: 127 });
    });
  });
  const signalGroup = (signal: NodeJS.Signals): void => {
    if (ended || child.pid === undefined) return;
    try {
      process.kill(-child.pid, signal);
    } catch {
      // The group ended between the check and the signal.
    }
  };
  const container: Container = {
    pid: child.pid ?? -1,
    exited,
    running: () => !ended,
    tell: (text) => void child.stdin?.write(text),
    kill: () => signalGroup("SIGKILL"),
    stop: async (graceMs) => {
      signalGroup("SIGTERM");
      const timer = setTimeout(() => signalGroup("SIGKILL"), graceMs);
      const exit = await exited;
      clearTimeout(timer);
      return exit;
    },
  };
  alive.add(container);
  return container;
}

function inherited(): Record<string, string> {
  const env: Record<string, string> = {};
  for (const name of PASSED_ON) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  return env;
}

/** Progress bars rewrite one line with `\r`; each rewrite counts as a line. */
function pipeLines(child: ChildProcess, onLine: (line: string) => void): void {
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue;
    let rest = "";
    stream.setEncoding("utf8");
    stream.on("data", (chunk: string) => {
      const lines = (rest + chunk).split(/\r?\n|\r/);
      rest = lines.pop() ?? "";
      for (const line of lines) if (line !== "") onLine(line);
    });
    stream.on("end", () => {
      if (rest !== "") onLine(rest);
    });
  }
}
