import { randomUUID } from "node:crypto";
import type { Cloud } from "../../cloud";
import type { ServiceEvent } from "../../service";
import { keepTime } from "../scheduler/timetable";
import { DeliveryEngine } from "./delivery/engine";
import { tell } from "./delivery/listeners";
import { Archivist } from "./archivist";
import { type ArrivalPlan, atOnce } from "./arrivals";
import type { EventStore, Rule } from "./buses";
import { busName, isEnabled } from "./buses";
import { couriers } from "./couriers";
import type { Matches } from "./patterns";
import { compilePattern } from "./patterns";
import { parseSchedule } from "./schedules";
import type { EventEnvelope } from "./transform";
import { targetInput } from "./transform";

/** Takes events in, matches them with the rules of their bus, fires schedules, and hands deliveries to the engine. */
export class Router {
  readonly engine: DeliveryEngine;
  readonly archivist: Archivist;
  private readonly compiled = new Map<string, Matches>();
  private readonly timers = new Map<string, AbortController>();
  private running = false;

  constructor(
    private readonly cloud: Cloud,
    private readonly store: EventStore,
    /** Which events are late and which come twice; without it all come at once and once. */
    private readonly plan?: ArrivalPlan,
  ) {
    this.archivist = new Archivist(store);
    this.engine = new DeliveryEngine(
      cloud,
      couriers(cloud, (busArn, event) => void this.route(busName(busArn), JSON.parse(event) as EventEnvelope)),
    );
  }

  start(): void {
    this.running = true;
    this.engine.start();
    for (const rule of this.store.rules.values()) this.reschedule(rule);
  }

  stop(): void {
    this.running = false;
    for (const timer of this.timers.values()) timer.abort();
    this.timers.clear();
    this.engine.stop();
  }

  /** An event of an AWS service, on the default bus. */
  emit(event: ServiceEvent): void {
    // Members without a value do not travel.
    const detail = JSON.parse(JSON.stringify(event.detail)) as Record<string, unknown>;
    tell(this.cloud, { ...event, detail });
    const envelope = this.envelope(event.source, event.detailType, detail, event.resources);
    this.arrive("default", envelope);
  }

  /**
   * An event from outside of EventBridge: it reaches targets sooner or later, and at least once. Services tell twice
   * under two ids.
   */
  arrive(bus: string, event: EventEnvelope): void {
    const { firstMs, secondMs } = this.plan?.next(event.source, event["detail-type"]) ?? atOnce;
    const lost = !this.route(bus, event, undefined, firstMs);
    if (secondMs !== undefined && !lost) this.deliver(bus, { ...event, id: randomUUID() }, undefined, secondMs);
  }

  envelope(
    source: string,
    detailType: string,
    detail: unknown,
    resources: readonly string[],
    timeMs = this.cloud.clock.nowMs(),
  ): EventEnvelope {
    return {
      version: "0",
      id: randomUUID(),
      "detail-type": detailType,
      source,
      account: this.cloud.accountId,
      time: new Date(timeMs).toISOString().replace(/\.\d{3}Z$/, "Z"),
      region: this.cloud.region,
      resources,
      detail,
    };
  }

  /**
   * Matches an event with all rules of a bus, or with those named alone, and hands it to the bus's archives. A fault on
   * request loses it before any of them sees it, or brings it twice.
   * @returns whether it was not lost.
   */
  route(bus: string, event: EventEnvelope, only?: readonly string[], afterMs = 0): boolean {
    const means = (fault: { readonly detailType: string; readonly source?: string }): boolean =>
      fault.detailType === event["detail-type"] && (fault.source ?? event.source) === event.source;
    if (this.cloud.faults.strike("lost-event", means)) return false;
    this.deliver(bus, event, only, afterMs);
    if (this.cloud.faults.strike("repeated-event", means))
      this.deliver(bus, { ...event, id: randomUUID() }, only, afterMs);
    return true;
  }

  private deliver(bus: string, event: EventEnvelope, only: readonly string[] | undefined, afterMs: number): void {
    this.archivist.keep(bus, event);
    for (const rule of this.store.rulesOf(bus))
      if (
        (!only || only.includes(rule.arn)) &&
        isEnabled(rule) &&
        rule.pattern !== undefined &&
        this.matcher(rule.pattern)(event)
      )
        this.trigger(rule, event, afterMs);
  }

  /** Starts or ends the timer of a rule after it was changed. */
  reschedule(rule: Rule): void {
    this.timers.get(rule.arn)?.abort();
    this.timers.delete(rule.arn);
    if (
      !this.running ||
      rule.schedule === undefined ||
      !isEnabled(rule) ||
      !this.store.rules.has(`${rule.busName}#${rule.name}`)
    )
      return;
    const timer = new AbortController();
    this.timers.set(rule.arn, timer);
    const next = parseSchedule(rule.schedule, rule.anchorMs);
    void keepTime(this.cloud.clock, { next }, timer.signal, (at) => {
      const current = this.store.rules.get(`${rule.busName}#${rule.name}`);
      if (current) this.trigger(current, this.envelope("aws.events", "Scheduled Event", {}, [rule.arn], at), 0);
    });
  }

  /**
   * Hands an event to the engine, which does not lose it, for its targets.
   * @param afterMs cloud time until it reaches them.
   */
  private trigger(rule: Rule, event: EventEnvelope, afterMs: number): void {
    const dueMs = this.cloud.clock.nowMs() + afterMs;
    const dimensions: Record<string, string> =
      rule.busName === "default" ? { RuleName: rule.name } : { RuleName: rule.name, EventBusName: rule.busName };
    this.cloud.internals.measure(
      ["MatchedEvents", "TriggeredRules"].map((name) => ({
        namespace: "AWS/Events",
        name,
        dimensions,
        value: 1,
        unit: "Count",
      })),
    );
    for (const target of rule.targets) {
      this.engine.accept({
        id: randomUUID(),
        ruleArn: rule.arn,
        ruleName: rule.name,
        busName: rule.busName,
        target,
        input: targetInput(target, event, { ruleArn: rule.arn, ruleName: rule.name, ingestionTime: event.time }),
        eventId: event.id,
        attempts: 0,
        firstMs: dueMs,
        nextMs: dueMs,
      });
    }
  }

  private matcher(pattern: string): Matches {
    let compiled = this.compiled.get(pattern);
    if (!compiled) this.compiled.set(pattern, (compiled = compilePattern(pattern)));
    return compiled;
  }
}
