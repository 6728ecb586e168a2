import { setTimeout as delay } from "node:timers/promises";

/**
 * A last resort: a busy machine may be many times slower than an idle one. Below the tests' own clock, so that a
 * failure says what was awaited.
 */
const patienceMs = 15 * 60_000;
const betweenMs = 20;

/**
 * Tries an assertion until it holds: for what the cloud delivers a moment later (log lines, metrics, captured files,
 * audit records).
 * @param patience milliseconds; shorter only where a failure is an answer.
 * @param between milliseconds from one try to the next; longer where every try is work for the cloud and the wait is
 * long.
 * @throws the assertion's last error.
 */
export async function eventually<Result>(
  assertion: () => Result | Promise<Result>,
  patience = patienceMs,
  between = betweenMs,
): Promise<Result> {
  const deadline = performance.now() + patience;
  for (;;) {
    try {
      return await assertion();
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await delay(between);
  }
}
