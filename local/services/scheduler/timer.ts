import { randomUUID } from "node:crypto";
import { DeliveryEngine } from "../events/delivery/engine";
import { keepTime } from "./timetable";
import { scheduleCouriers } from "./couriers";
import { parseExpression } from "./expressions";
import { type ScheduleRecord, type ScheduleStore, scheduleKey } from "./store";

/** Fires schedules at their times and hands them to the delivery engine. */
export class ScheduleTimer {
  readonly engine: DeliveryEngine;
  private readonly timers = new Map<string, AbortController>();
  private running = false;

  constructor(private readonly store: ScheduleStore) {
    const { cloud } = store;
    const metrics = {
      Invocations: "InvocationAttemptCount",
      FailedInvocations: "InvocationDroppedCount",
      InvocationsSentToDlq: "InvocationsSentToDeadLetterCount",
      InvocationsFailedToBeSentToDlq: "InvocationsFailedToBeSentToDeadLetterCount",
    } as const;
    this.engine = new DeliveryEngine(cloud, scheduleCouriers(cloud, store), {
      table: "scheduler/deliveries",
      count: (outcome, { busName }) =>
        cloud.internals.measure([
          {
            namespace: "AWS/Scheduler",
            name: metrics[outcome],
            dimensions: { ScheduleGroup: busName },
            value: 1,
            unit: "Count",
          },
        ]),
    });
  }

  start(): void {
    this.running = true;
    this.engine.start();
    for (const schedule of this.store.schedules.values()) this.reset(schedule);
  }

  stop(): void {
    this.running = false;
    for (const timer of this.timers.values()) timer.abort();
    this.timers.clear();
    this.engine.stop();
  }

  /** Starts or ends the timer of a schedule after it was made, changed or deleted. */
  reset({ group, name }: { group: string; name: string }): void {
    const key = scheduleKey(group, name);
    this.timers.get(key)?.abort();
    this.timers.delete(key);
    const schedule = this.store.schedules.get(key);
    if (!this.running || !schedule || schedule.state !== "ENABLED") return;
    const timer = new AbortController();
    this.timers.set(key, timer);
    const next = parseExpression(schedule.expression, schedule.timezone, schedule.startMs ?? schedule.anchorMs);
    void keepTime(
      this.store.cloud.clock,
      { next, startMs: schedule.startMs, endMs: schedule.endMs },
      timer.signal,
      (at) => this.fire(schedule, at),
    );
  }

  private fire(schedule: ScheduleRecord, at: number): void {
    const now = this.store.cloud.clock.nowMs();
    const id = randomUUID();
    this.engine.accept({
      id,
      ruleArn: schedule.arn,
      ruleName: schedule.name,
      busName: schedule.group,
      target: { Id: schedule.name, ...schedule.target },
      input: filled(schedule.target.Input ?? "{}", schedule, id, at),
      eventId: id,
      attempts: 0,
      firstMs: now,
      nextMs: now,
    });
  }
}

/** Context attributes of Scheduler in a target's input (Scheduler user guide, "Adding context attributes"). */
function filled(input: string, { arn }: ScheduleRecord, executionId: string, at: number): string {
  const attributes: Record<string, string> = {
    "<aws.scheduler.schedule-arn>": arn,
    "<aws.scheduler.scheduled-time>": new Date(at).toISOString().replace(/\.\d{3}Z$/, "Z"),
    "<aws.scheduler.execution-id>": executionId,
    "<aws.scheduler.attempt-number>": "1",
  };
  return Object.entries(attributes).reduce((text, [name, value]) => text.replaceAll(name, value), input);
}
