import type { Clock } from "../../../../clock";

export interface Watched {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** `MaximumExecutionTimeoutInSeconds`; none when it is not set. */
  readonly timeoutSeconds?: number;
  /** Names of the alarms that are in ALARM now; empty when none is watched. */
  alarming(): Promise<string[]>;
}

/** Alarms are looked at this often, cloud time. */
const WATCH_EVERY_SECONDS = 5;

/** Watches over a deployment: its alarms, and the time that it may take. Answers are reasons to take it back. */
export class Guard {
  private usedSeconds = 0;

  constructor(private readonly watched: Watched) {}

  /** The alarms that speak against the deployment right now. */
  async alarms(): Promise<string | undefined> {
    const names = await this.watched.alarming();
    return names.length > 0 ? `The alarms ${names.join(", ")} are in ALARM state.` : undefined;
  }

  /**
   * Lets instances come up. They count in real time: processes do not start faster when the cloud's clock runs faster,
   * and a time-out of minutes must not strike because a model takes seconds to load.
   */
  async launching(work: () => Promise<void>): Promise<void> {
    const began = performance.now();
    await work();
    this.usedSeconds += (performance.now() - began) / 1000;
  }

  /** Waits so long in cloud time. @throws the signal's reason. */
  async bake(seconds: number): Promise<string | undefined> {
    const { clock, signal, timeoutSeconds = Infinity } = this.watched;
    for (let waited = 0; ;) {
      const alarms = await this.alarms();
      if (alarms) return alarms;
      if (this.usedSeconds > timeoutSeconds)
        return `The deployment took longer than ${timeoutSeconds} seconds (MaximumExecutionTimeoutInSeconds).`;
      const left = seconds - waited;
      if (left <= 0) return undefined;
      const nap = Math.min(left, WATCH_EVERY_SECONDS);
      await clock.sleep(nap * 1000, signal);
      waited += nap;
      this.usedSeconds += nap;
    }
  }
}
