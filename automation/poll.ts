import { setTimeout as delay } from "node:timers/promises";

/** First and longest pause between two tries, milliseconds. */
export interface Backoff {
  readonly firstMs: number;
  readonly maxMs: number;
}

export interface PollOptions<Answer> {
  /** Real time, milliseconds. */
  readonly timeoutMs: number;
  /** Pauses double from the first to the longest. */
  readonly backoff?: Backoff;
  /** Told before each pause. */
  readonly onWait?: (answer: Answer) => void;
}

const defaultBackoff: Backoff = { firstMs: 500, maxMs: 15_000 };

/**
 * Asks again, with growing pauses, until the answer is good or the time is up. For what AWS says late and no event
 * tells a laptop.
 * @returns the last answer, good or not.
 */
export async function poll<Answer>(
  ask: () => Promise<Answer>,
  isGood: (answer: Answer) => boolean,
  { timeoutMs, backoff: { firstMs, maxMs } = defaultBackoff, onWait = () => undefined }: PollOptions<Answer>,
): Promise<Answer> {
  const deadline = performance.now() + timeoutMs;
  for (let pauseMs = firstMs; ; pauseMs = Math.min(pauseMs * 2, maxMs)) {
    const answer = await ask();
    const leftMs = deadline - performance.now();
    if (isGood(answer) || leftMs <= 0) return answer;
    onWait(answer);
    await delay(Math.min(pauseMs, leftMs));
  }
}
