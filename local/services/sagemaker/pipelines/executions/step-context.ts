import type { Cloud } from "../../../../cloud";
import type { Principal } from "../../../../iam/principal";
import type { Members } from "../../../../members";
import type { Step } from "../definition";
import type { Scope } from "../values";
import type { Execution, StepRun } from "./state";

/** What a step needs to run. */
export interface StepContext {
  readonly cloud: Cloud;
  readonly execution: Execution;
  readonly step: Step;
  /** The arguments with all references resolved; empty for a Condition. */
  readonly resolved: Members;
  readonly scope: Scope;
  readonly principal: Principal;
  /** Aborted when the local cloud stops. */
  readonly signal: AbortSignal;
  /** The row as it is now; a job that it names already is taken up again. */
  readonly run: StepRun;
  /** Writes what is known so far, before the step does something that cannot be repeated. */
  note(change: Partial<StepRun>): void;
}
