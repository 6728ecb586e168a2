import { join } from "node:path";
import { claim } from "./claim.cjs";
import { StartFailure } from "./start-failure";

export { isAlive } from "./claim.cjs";

/** Another local cloud runs on the same state. */
export class StateLocked extends StartFailure {
  constructor(
    readonly pid: number,
    stateDir: string,
  ) {
    super(
      `A local cloud already runs on ${stateDir} (process ${pid}).`,
      "Stop it first with: npx peregrine local stop",
    );
  }
}

/** The claim of one process on a state folder. */
export class Lock {
  private constructor(readonly release: () => void) {}

  /** @throws StateLocked when a living process holds it. */
  static take(stateDir: string): Lock {
    const claimed = claim(join(stateDir, "lock"));
    if (claimed.holder !== undefined) throw new StateLocked(claimed.holder, stateDir);
    return new Lock(claimed.release);
  }
}
