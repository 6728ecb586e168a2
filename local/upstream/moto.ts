import { spawn, type ChildProcess } from "node:child_process";
import { Agent, request as httpRequest } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { RawRequest } from "../call";
import { RawResponse } from "../raw";
import type { Clock } from "../clock";
import { JournalCorrupt } from "../journal";
import { StartFailure } from "../start-failure";

/** The exit code by which `moto_server.py` says that it cannot read its journal back. */
const journalUnreadable = 3;

export interface MotoOptions {
  /** Python interpreter of the environment that has moto. */
  readonly python: string;
  readonly accountId: string;
  readonly region: string;
  readonly clock: Clock;
  /** Where moto's changes are recorded; without it they live in memory. */
  readonly journal?: string;
}

/** The moto process behind the local cloud. */
export class Moto {
  private process: ChildProcess | undefined;
  private port = 0;
  private ended: string | undefined;
  private stopping = false;
  private restart: Promise<void> | undefined;
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 16, noDelay: true });
  /** Requests that were replayed from the journal at the start. */
  replayed = 0;

  constructor(private readonly options: MotoOptions) {}

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get pid(): number | undefined {
    return this.process?.pid;
  }

  /** Starts moto and waits until it answers. @throws Error with what it printed when it does not come up. */
  async start(): Promise<void> {
    const { python, accountId, region, clock, journal } = this.options;
    const realStartMs = Date.now();
    this.ended = undefined;
    const settings = { journal: journal ?? null, cloudStartMs: clock.nowMs(), realStartMs, speed: clock.speed };
    const child = spawn(python, [join(__dirname, "moto_server.py"), JSON.stringify(settings)], {
      stdio: ["pipe", "pipe", "pipe"],
      env: {
        ...process.env,
        MOTO_ACCOUNT_ID: accountId,
        AWS_DEFAULT_REGION: region,
        MOTO_S3_DEFAULT_MAX_KEYS: "1000",
        // Compiled once: thousands of files are imported at each start.
        PYTHONDONTWRITEBYTECODE: "",
      },
    });
    this.process = child;
    let told = "";
    child.stderr.on("data", (chunk: Buffer) => {
      told = (told + chunk.toString()).slice(-4000);
    });
    await new Promise<void>((resolve, reject) => {
      child.once("error", (error) =>
        reject(
          new StartFailure(
            `Cannot start moto with ${python}: ${error.message}.`,
            'Run "npm start" or "npm test" once to set up the Python environment.',
            { cause: error },
          ),
        ),
      );
      child.once("exit", (code, signal) => {
        this.ended = `moto ended (${signal ?? `exit code ${code}`})${told ? `: ${told.trim().split("\n").slice(-3).join(" | ")}` : ""}`;
        reject(code === journalUnreadable ? new JournalCorrupt(`${this.ended}.`) : new Error(this.ended));
      });
      createInterface({ input: child.stdout }).once("line", (line) => {
        const ready = JSON.parse(line) as { port: number; replayed: number };
        this.port = ready.port;
        this.replayed = ready.replayed;
        resolve();
      });
    });
  }

  /** Brings moto back when it has ended by itself: the journal holds what it knew. @throws Error when it cannot be. */
  async revive(): Promise<void> {
    if (!this.ended) return;
    if (this.stopping || !this.options.journal) throw new Error(`${this.ended}; start the local cloud again`);
    this.restart ??= this.start().finally(() => (this.restart = undefined));
    await this.restart;
  }

  /** Sends a request on, byte for byte. @param mutates whether it is recorded for the next start. */
  async forward(request: RawRequest, mutates: boolean): Promise<RawResponse> {
    await this.revive();
    const headers: Record<string, string> = { ...request.headers, "content-length": String(request.body.length) };
    for (const name of ["connection", "transfer-encoding", "expect"]) delete headers[name];
    if (mutates) headers["x-peregrine-mutates"] = "1";
    return new Promise((resolve, reject) => {
      const sent = httpRequest(
        { host: "127.0.0.1", port: this.port, method: request.method, path: request.url, headers, agent: this.agent },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("error", reject);
          response.on("end", () => {
            const held: Record<string, string> = {};
            for (const [name, value] of Object.entries(response.headers))
              if (value !== undefined) held[name] = Array.isArray(value) ? value.join(",") : value;
            resolve(new RawResponse(response.statusCode ?? 502, held, Buffer.concat(chunks)));
          });
        },
      );
      sent.on("error", reject);
      sent.end(request.body);
    });
  }

  async stop(): Promise<void> {
    const child = this.process;
    this.stopping = true;
    this.agent.destroy();
    if (!child || this.ended) return;
    const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    child.kill("SIGKILL");
    await gone;
  }
}
