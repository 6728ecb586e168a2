import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import { join } from "node:path";

/** What a function's process is started with. */
export interface WorkerSetup {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly memoryMb: number;
}

/** How one invocation ended. `result` is JSON text. */
export interface Answer {
  readonly ok: boolean;
  readonly result: string;
  readonly durationMs: number;
  readonly initMs?: number;
  readonly maxMemoryMb: number;
}

type Message =
  | { type: "log"; text: string }
  | { type: "done"; id: string; result: string; initMs: number; memory: number }
  | { type: "failed"; id: string; error: object; initMs: number; memory: number }
  | { type: "crashed"; error: object };

/**
 * One execution environment of a function: a Node process that handles one event at a time and stays warm between them.
 * Timeouts run in real time, because the process does.
 */
export class Worker {
  readonly bornMs = Date.now();
  private readonly child: ChildProcess;
  private current:
    { finish(answer: Omit<Answer, "durationMs">): void; print(line: string): void; id: string } | undefined;
  private warm = false;
  private lastError: object | undefined;
  dead = false;

  constructor(setup: WorkerSetup) {
    this.child = fork(join(__dirname, "bootstrap.cjs"), [], {
      cwd: setup.folder,
      env: setup.env as NodeJS.ProcessEnv,
      // Lambda kills a function that uses more than its memory; V8's own limit comes closest to that.
      execArgv: [`--max-old-space-size=${Math.max(64, Math.floor(setup.memoryMb * 0.9))}`],
      stdio: ["ignore", "ignore", "ignore", "ipc"],
      serialization: "json",
    });
    this.child.on("message", (message) => this.hear(message as Message));
    this.child.on("error", () => this.end(1, null));
    this.child.on("exit", (code, signal) => this.end(code, signal));
    // A warm function does not keep the local cloud from ending.
    this.child.unref();
    this.child.channel?.unref();
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Hands one event to the handler. @param print is given every log line while it runs. */
  async invoke(
    id: string,
    event: unknown,
    invokedArn: string,
    timeoutMs: number,
    print: (line: string) => void,
  ): Promise<Answer> {
    const startedMs = performance.now();
    this.child.channel?.ref();
    const answer = await new Promise<Omit<Answer, "durationMs">>((finish) => {
      const timer = setTimeout(() => {
        const seconds = (timeoutMs / 1000).toFixed(2);
        finish({
          ok: false,
          result: JSON.stringify({
            errorType: "Sandbox.Timedout",
            errorMessage: `RequestId: ${id} Error: Task timed out after ${seconds} seconds`,
          }),
          maxMemoryMb: 0,
        });
        this.kill();
      }, timeoutMs);
      this.current = { id, print, finish: (ended) => (clearTimeout(timer), finish(ended)) };
      this.child.send({ id, event, deadlineMs: Date.now() + timeoutMs, invokedArn }, (error) => {
        if (error) this.end(1, null);
      });
    });
    this.current = undefined;
    if (!this.dead) this.child.channel?.unref();
    return { ...answer, durationMs: performance.now() - startedMs - (answer.initMs ?? 0) };
  }

  kill(): void {
    this.dead = true;
    this.child.kill("SIGKILL");
  }

  private hear(message: Message): void {
    if (message.type === "log") return void this.current?.print(message.text);
    if (message.type === "crashed") return void (this.lastError = message.error);
    if (message.id !== this.current?.id) return;
    const initMs = this.warm ? undefined : message.initMs;
    this.warm = true;
    const maxMemoryMb = Math.ceil(message.memory / 1_048_576);
    this.current.finish(
      message.type === "done"
        ? { ok: true, result: message.result, initMs, maxMemoryMb }
        : { ok: false, result: JSON.stringify(message.error), initMs, maxMemoryMb },
    );
  }

  private end(code: number | null, signal: NodeJS.Signals | null): void {
    this.dead = true;
    const how = signal
      ? `signal: ${signal === "SIGABRT" || signal === "SIGKILL" ? "killed" : signal}`
      : `exit status ${code ?? 1}`;
    const error = this.lastError ?? {
      errorType: "Runtime.ExitError",
      errorMessage: `RequestId: ${this.current?.id ?? ""} Error: Runtime exited with error: ${how}`,
    };
    this.current?.finish({ ok: false, result: JSON.stringify(error), maxMemoryMb: 0 });
  }
}
