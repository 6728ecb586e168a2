import type { EngineEvent } from "@pulumi/pulumi/automation";
import type { PlannedResource } from "../../pricing/pricer";

/** A preview as resources before and after it. Inputs that it does not know yet hold Pulumi's marker for that. */
export interface Plan {
  readonly before: readonly PlannedResource[];
  readonly after: readonly PlannedResource[];
  /** The stack's settings, defaults included: `peregrine:trainingMaxHours` to text. */
  readonly settings: Readonly<Record<string, string>>;
}

/** Steps about what belongs to somebody else: somebody else pays for it. */
const reads: readonly string[] = ["read", "read-replacement", "read-discard"];

/** Gathers a plan from the events of a preview. */
export class PlanRecorder {
  private readonly before = new Map<string, PlannedResource>();
  private readonly after = new Map<string, PlannedResource>();
  private settings: Readonly<Record<string, string>> = {};

  readonly record = (event: EngineEvent): void => {
    if (event.preludeEvent) this.settings = event.preludeEvent.config;
    const step = event.resourcePreEvent?.metadata;
    if (!step || reads.includes(step.op)) return;
    const { urn, type, old, new: next } = step;
    if (old?.custom && !old.delete) this.before.set(urn, { urn, type, inputs: old.inputs ?? {} });
    // A replacement comes as several steps; the one that deletes has no say about what is there afterwards.
    if (next?.custom && !/^delete/.test(step.op) && step.op !== "discard-replaced")
      this.after.set(urn, { urn, type, inputs: next.inputs ?? {} });
  };

  plan(): Plan {
    return { before: [...this.before.values()], after: [...this.after.values()], settings: this.settings };
  }
}
