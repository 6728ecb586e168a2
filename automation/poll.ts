/** First and longest pause between two looks, milliseconds. */
export interface Pauses {
  readonly firstMs: number;
  readonly longestMs: number;
}

const usual: Pauses = { firstMs: 500, longestMs: 15_000 };

/**
 * Asks again, with growing pauses, until the answer is good or the time is up. For what AWS says late and no event tells a laptop.
 * @param patienceMs real time. @param onWait told before each pause. @returns the last answer, good or not.
 */
export async function patiently<Answer>(
  ask: () => Promise<Answer>,
  good: (answer: Answer) => boolean,
  patienceMs: number,
  onWait: (answer: Answer) => void = () => undefined,
  { firstMs, longestMs } = usual,
): Promise<Answer> {
  const deadline = performance.now() + patienceMs;
  for (let pauseMs = firstMs; ; pauseMs = Math.min(pauseMs * 2, longestMs)) {
    const answer = await ask();
    const leftMs = deadline - performance.now();
    if (good(answer) || leftMs <= 0) return answer;
    onWait(answer);
    await new Promise((resolve) => setTimeout(resolve, Math.min(pauseMs, leftMs)));
  }
}
