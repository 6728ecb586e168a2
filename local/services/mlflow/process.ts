import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { createServer as createHttpServer, request, type Server } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { constants, setPriority } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { RawResponse } from "../../raw";

/** A first start makes the database; on a busy machine that takes a while. */
const START_TIMEOUT_MS = 180_000;
/** Headers that belong to one connection, or that name the host that was asked. */
const HOP_HEADERS = [
  "connection",
  "keep-alive",
  "transfer-encoding",
  "host",
  "content-length",
  "authorization",
  "accept-encoding",
  "expect",
];

/** The server process of one MLflow app. */
export class TrackingServer {
  private child: ChildProcess | undefined;
  private starting: Promise<number> | undefined;
  private door: Server | undefined;
  private opening: Promise<number> | undefined;

  /**
   * @param python of an environment that has mlflow.
   * @param folder for database and log.
   * @param artifactStoreUri where clients write artifacts.
   * @param environment variables by which the server itself reads them, asked for when it starts.
   */
  constructor(
    private readonly python: string,
    private readonly folder: string,
    private readonly artifactStoreUri: string,
    private readonly environment: () => Readonly<Record<string, string>>,
  ) {}

  /**
   * The server's port; starts it when it does not run.
   * @throws Error with the place of the log when it does not come up.
   */
  port(): Promise<number> {
    this.starting ??= this.start().catch((error: unknown) => {
      this.starting = undefined;
      throw error;
    });
    return this.starting;
  }

  /** Port of a door to the pages: whoever comes by it is led to the server, which is started then and not before. */
  entrance(): Promise<number> {
    this.opening ??= new Promise((resolve, reject) => {
      const door = createHttpServer((visit, answer) => {
        this.port().then(
          (port) => answer.writeHead(307, { location: `http://127.0.0.1:${port}${visit.url ?? "/"}` }).end(),
          (error: Error) => answer.writeHead(502, { "content-type": "text/plain" }).end(error.message),
        );
      });
      door.once("error", reject);
      door.listen(0, "127.0.0.1", () => resolve((door.address() as AddressInfo).port));
      this.door = door;
    });
    return this.opening;
  }

  /** Stops the server and closes its door. */
  close(): void {
    this.stop();
    this.door?.close();
    this.door?.closeAllConnections();
    this.door = undefined;
    this.opening = undefined;
  }

  stop(): void {
    this.child?.kill("SIGTERM");
    this.child = undefined;
    this.starting = undefined;
  }

  /** Sends a request on to the server. */
  async forward(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body: Buffer,
  ): Promise<RawResponse> {
    const port = await this.port();
    const kept = Object.fromEntries(
      Object.entries(headers).filter(
        ([name]) => !HOP_HEADERS.includes(name.toLowerCase()) && !/^x-(amz|sm|mlflow-sm)-/i.test(name),
      ),
    );
    return new Promise((resolve, reject) => {
      const outgoing = request(
        { host: "127.0.0.1", port, method, path, headers: { ...kept, "content-length": String(body.length) } },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on("data", (chunk: Buffer) => chunks.push(chunk));
          answer.on("error", reject);
          answer.on("end", () => {
            const known = Object.entries(answer.headers).filter(
              ([name, value]) => value !== undefined && !HOP_HEADERS.includes(name),
            );
            resolve(
              new RawResponse(
                answer.statusCode ?? 502,
                Object.fromEntries(known.map(([name, value]) => [name, String(value)])),
                Buffer.concat(chunks),
              ),
            );
          });
        },
      );
      outgoing.on("error", reject);
      outgoing.end(body);
    });
  }

  private async start(): Promise<number> {
    mkdirSync(this.folder, { recursive: true });
    const port = await freePort();
    const logFile = join(this.folder, "server.log");
    const log = openSync(logFile, "a");
    const child = spawn(
      this.python,
      [join(__dirname, "server.py"), join(this.folder, "mlflow.db"), this.artifactStoreUri, String(port)],
      {
        stdio: ["ignore", log, log],
        env: {
          PATH: process.env["PATH"],
          HOME: this.folder,
          LANG: "C.UTF-8",
          // Compiled once: thousands of files are imported at each start.
          PYTHONDONTWRITEBYTECODE: "",
          MLFLOW_DISABLE_TELEMETRY: "true",
          DO_NOT_TRACK: "true",
          ...this.environment(),
        },
      },
    );
    closeSync(log);
    this.child = child;
    // Trackers come up in the background: what a person waits for goes first.
    if (child.pid !== undefined) lower(child.pid);
    let ended: string | undefined;
    child.on("error", (error) => (ended = error.message));
    child.on("exit", (code, signal) => {
      ended = `it ended with ${signal ?? `code ${code}`}`;
      if (this.child === child) this.stop();
    });
    const end = Date.now() + START_TIMEOUT_MS;
    while (!(await healthy(port))) {
      if (ended === undefined && Date.now() > end) ended = `it did not answer within ${START_TIMEOUT_MS / 1000} s`;
      if (ended !== undefined) {
        child.kill("SIGKILL");
        throw new Error(`The MLflow server did not start: ${ended}. See ${logFile}.`);
      }
      await delay(200);
    }
    return port;
  }
}

/** Whether a Python has MLflow, without importing it. */
export function canServe(python: string): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(
      python,
      ["-c", "import importlib.util, sys; sys.exit(importlib.util.find_spec('mlflow') is None)"],
      { stdio: "ignore" },
    );
    child.once("error", () => resolve(false));
    child.once("exit", (code) => resolve(code === 0));
  });
}

function lower(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // The process may be gone already; its exit is noticed where it is awaited.
  }
}

function healthy(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = request({ host: "127.0.0.1", port, path: "/health", timeout: 2000 }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    probe.on("error", () => resolve(false));
    probe.on("timeout", () => probe.destroy());
    probe.end();
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        address !== null && typeof address === "object" ? resolve(address.port) : reject(new Error("no free port")),
      );
    });
  });
}
