import type { ScheduleStore } from "./schedule-store";

/**
 * Judges a schedule's alert after an execution: so many of its last executions found violations or failed. It may fire
 * before there were as many executions as it looks back to.
 */
export function judgeAlert(store: ScheduleStore, name: string): void {
  const schedule = store.schedules.get(name);
  if (!schedule) return;
  const { alert } = schedule;
  const bad = store
    .executionsOf(schedule)
    .filter(({ status }) => status !== "Pending" && status !== "InProgress")
    .slice(0, alert.periods)
    .filter(({ status }) => status === "CompletedWithViolations" || status === "Failed");
  const status = bad.length >= alert.datapoints ? "InAlert" : "OK";
  if (status === alert.status) return;
  const atMs = store.cloud.clock.nowMs();
  store.schedules.put(name, { ...schedule, alert: { ...alert, status } });
  store.alertChanges.put(`${name}/${atMs}`, { schedule: name, status, atMs });
}
