/**
 * The local cloud's own time. It starts at real time and may run faster (`--speed 60`), so that bakes, alarm periods
 * and schedules of minutes pass in seconds while product code stays as it is. Every timestamp an answer carries, the
 * HTTP `Date` header included, comes from here.
 */
export class Clock {
  private readonly realStart = Date.now();
  private readonly cloudStart: number;

  /** @param speed cloud seconds per real second, at least 1. @param startMs cloud time to start at (epoch ms). */
  constructor(
    readonly speed = 1,
    startMs = Date.now(),
  ) {
    if (!(speed >= 1 && speed <= 3600)) throw new RangeError(`speed must lie between 1 and 3600, got ${speed}`);
    this.cloudStart = startMs;
  }

  /** Cloud time in epoch milliseconds. */
  nowMs(): number {
    return this.cloudStart + (Date.now() - this.realStart) * this.speed;
  }

  now(): Date {
    return new Date(this.nowMs());
  }

  /** Resolves after `ms` of cloud time. Rejects with the signal's reason when it is aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const timer = setTimeout(done, ms / this.speed);
      function done(): void {
        signal?.removeEventListener("abort", stop);
        resolve();
      }
      function stop(): void {
        clearTimeout(timer);
        reject(signal?.reason as Error);
      }
      signal?.addEventListener("abort", stop, { once: true });
    });
  }
}
