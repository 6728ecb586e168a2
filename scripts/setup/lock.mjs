import { setTimeout as delay } from "node:timers/promises";
import { claim } from "../../local/claim.cjs";

/** How often a waiting process looks again. */
const pollMs = 300;

/**
 * Runs `work` while no other process holds the lock. A lock whose process has ended is taken over.
 * @template T
 * @param {string} file @param {(pid: number) => void} onWait called once with the other process's id when there is one.
 * @param {() => T | Promise<T>} work
 */
export async function withLock(file, onWait, work) {
  let claimed = claim(file);
  if (claimed.holder !== undefined) onWait(claimed.holder);
  for (; claimed.holder !== undefined; claimed = claim(file)) await delay(pollMs);
  process.once("exit", claimed.release);
  try {
    return await work();
  } finally {
    claimed.release();
    process.removeListener("exit", claimed.release);
  }
}
