/** Longer than anything that is awaited takes on a busy machine; the test's own time-out comes first when it is shorter. */
const patienceMs = 60_000;
const betweenMs = 20;

/**
 * Tries an assertion until it holds: for what the cloud delivers a moment later (log lines, metrics, captured files, audit
 * records). @param between milliseconds from one try to the next; longer where every try is work for the cloud and the wait is long.
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
    await new Promise((resolve) => setTimeout(resolve, between));
  }
}
