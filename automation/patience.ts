/** First and longest pause between two looks, milliseconds. */
const firstPauseMs = 500;
const longestPauseMs = 15_000;

/**
 * Asks again, with growing pauses, until the answer is good or the time is up. For what AWS says late and no event tells a laptop.
 * @param patienceMs real time. @param onWait told before each pause. @returns the last answer, good or not.
 */
export async function patiently<Answer>(ask: () => Promise<Answer>, good: (answer: Answer) => boolean, patienceMs: number, onWait: (answer: Answer) => void = () => undefined): Promise<Answer> {
  const deadline = performance.now() + patienceMs;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    const answer = await ask();
    const leftMs = deadline - performance.now();
    if (good(answer) || leftMs <= 0) return answer;
    onWait(answer);
    await new Promise((resolve) => setTimeout(resolve, Math.min(pauseMs, leftMs)));
  }
}
