import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Another local cloud runs on the same state. */
export class StateLocked extends Error {
  constructor(readonly pid: number, stateDir: string) {
    super(`A local cloud already runs on ${stateDir} (process ${pid}).`);
  }
}

/** The claim of one process on a state folder. A lock that a killed process left behind is taken over. */
export class Lock {
  private constructor(private readonly file: string) {}

  /** @throws StateLocked when a living process holds it. */
  static take(stateDir: string): Lock {
    mkdirSync(stateDir, { recursive: true, mode: 0o700 });
    const file = join(stateDir, "lock");
    for (;;) {
      try {
        writeFileSync(file, String(process.pid), { flag: "wx" });
        return new Lock(file);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
        const pid = Number(readFileSync(file, "utf8"));
        if (pid !== process.pid && isAlive(pid)) throw new StateLocked(pid, stateDir);
        rmSync(file, { force: true });
      }
    }
  }

  release(): void {
    rmSync(this.file, { force: true });
  }
}

export function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
