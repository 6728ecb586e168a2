/** A schedule expression of EventBridge and of its Scheduler, which take the singular for one alone. */
export function rate(minutes: number): string {
  return `rate(${minutes} ${minutes === 1 ? "minute" : "minutes"})`;
}
