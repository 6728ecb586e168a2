import type { Clock } from "../../clock";
import type { Schedule } from "../events/schedules";

/** A real timer holds 24.8 days at most; longer waits are cut into pieces. */
const longestTimerMs = 3_600_000;

export interface Timetable {
  readonly next: Schedule;
  /** Cloud time before which it is not due; that of now when left out. */
  readonly startMs?: number;
  /** Cloud time after which it is not due. */
  readonly endMs?: number;
}

/**
 * Calls `fire` at each time of a timetable, in cloud time, until there is none left or the signal says so. Times that
 * passed while the machine slept are not made up for.
 */
export async function keepTime(
  clock: Clock,
  { next, startMs = 0, endMs = Infinity }: Timetable,
  signal: AbortSignal,
  fire: (atMs: number) => void,
): Promise<void> {
  let from = Math.max(clock.nowMs(), startMs - 1);
  for (;;) {
    const at = next(from);
    if (at === undefined || at > endMs) return;
    try {
      for (let wait = at - clock.nowMs(); wait > 0; wait = at - clock.nowMs())
        await clock.sleep(Math.min(wait, longestTimerMs * clock.speed), signal);
    } catch {
      return;
    }
    if (signal.aborted) return;
    fire(at);
    from = Math.max(at, clock.nowMs() - 1);
  }
}
