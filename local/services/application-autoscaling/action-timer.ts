import type { Cloud } from "../../cloud";
import type { Members } from "../../members";
import { keepTime } from "../scheduler/timetable";
import { parseExpression } from "../scheduler/expressions";
import { noteActivity } from "./activities";
import { bringWithinBounds } from "./capacity";
import { keyOfRow, type ScalingRecords, type ScheduledAction } from "./records";

/**
 * Gives targets the bounds of their scheduled actions when those are due (Application Auto Scaling user guide,
 * "Scheduled scaling").
 */
export class ActionTimer {
  private readonly timers = new Map<string, AbortController>();
  private running = false;

  constructor(
    private readonly cloud: Cloud,
    private readonly records: ScalingRecords,
  ) {}

  start(): void {
    this.running = true;
    for (const [id] of this.records.actions.entries()) this.reset(id);
  }

  stop(): void {
    this.running = false;
    for (const timer of this.timers.values()) timer.abort();
    this.timers.clear();
  }

  /** Starts or ends the timer of an action after it was made, changed or deleted. */
  reset(id: string): void {
    this.timers.get(id)?.abort();
    this.timers.delete(id);
    const action = this.records.actions.get(id);
    if (!this.running || !action) return;
    const { Schedule, Timezone, StartTime, EndTime } = action.input;
    const startMs = timeOf(StartTime);
    const timer = new AbortController();
    this.timers.set(id, timer);
    const next = parseExpression(
      Schedule as string,
      (Timezone as string | undefined) ?? "UTC",
      startMs ?? action.createdMs,
    );
    void keepTime(this.cloud.clock, { next, startMs, endMs: timeOf(EndTime) }, timer.signal, () => this.fire(id));
  }

  /** An action goes with its target, and its timer with it. */
  private fire(id: string): void {
    const action = this.records.actions.get(id);
    if (action) this.apply(action);
    else this.reset(id);
  }

  private apply({ name, input, ...row }: ScheduledAction): void {
    const key = keyOfRow(row);
    const target = this.records.targets.get(key);
    if (!target || target.suspended.ScheduledScalingSuspended) return;
    const { MinCapacity: min = target.min, MaxCapacity: max = target.max } = (input.ScalableTargetAction ??
      {}) as Members;
    const bounds = `min capacity to ${min} and max capacity to ${max}`;
    const fits = max >= min;
    noteActivity(this.records, target, this.cloud.clock.nowMs(), {
      description: `Setting ${bounds}`,
      cause: `scheduled action name ${name} was triggered`,
      success: `Successfully set ${bounds}`,
      ...(fits ? {} : { failure: "Maximum capacity cannot be less than minimum capacity" }),
    });
    if (!fits) return;
    const changed = { ...target, min: Number(min), max: Number(max) };
    this.records.targets.put(key, changed);
    bringWithinBounds(this.cloud, this.records, changed);
  }
}

/** A timestamp as it was sent, or as the journal kept it. */
function timeOf(value: unknown): number | undefined {
  return value === undefined || value === null ? undefined : new Date(value as string).getTime();
}
