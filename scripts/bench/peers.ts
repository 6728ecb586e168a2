import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { projectDir } from "../project";

/** A server to measure against. */
export interface Peer {
  readonly url: string;
  stop(): void;
}

/** A plain moto server, as its own documentation starts it. */
export async function startMoto(): Promise<Peer> {
  const port = await freePort();
  return waitFor(
    spawn(join(projectDir, ".venv", "bin", "moto_server"), ["-H", "127.0.0.1", "-p", String(port)], {
      stdio: "ignore",
    }),
    `http://127.0.0.1:${port}`,
  );
}

/** The container that does nothing, without a cloud around it. */
export async function startEcho(): Promise<Peer> {
  const port = await freePort();
  return waitFor(
    spawn(process.execPath, [join(__dirname, "echo-container.mjs"), String(port)], { stdio: "ignore" }),
    `http://127.0.0.1:${port}`,
  );
}

async function waitFor(child: ChildProcess, url: string): Promise<Peer> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`${child.spawnfile} ended with exit code ${child.exitCode}`);
    try {
      await fetch(url);
      return { url, stop: () => void child.kill() };
    } catch {
      await delay(100);
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
