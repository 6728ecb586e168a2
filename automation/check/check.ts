import type { EngineEvent } from "@pulumi/pulumi/automation";
import type { Progress } from "../stack/engine-log";
import {
  combine,
  judgeFindings,
  type Observation,
  type PolicyFinding,
  type Undecided,
} from "../../lifecycle/policy-findings";
import { readEvents, type RuleMetadata } from "./policy-findings";
import type { Environment } from "../stack/environment";

/** One verdict about an environment: what its plan would be, and what its state is. */
export interface CheckReport {
  readonly schema: "peregrine.check/1";
  readonly environment: string;
  readonly policyPack: string;
  /** `fail` when a mandatory rule is violated. */
  readonly verdict: "pass" | "fail";
  /** What holds when the plan is carried out, mandatory first. */
  readonly findings: readonly PolicyFinding[];
  /** What the state violates today and the plan mends. */
  readonly cured: readonly PolicyFinding[];
  /** What rules would rewrite on the way. */
  readonly remediations: readonly Observation[];
  /** What neither the plan nor the state can tell before the next update. */
  readonly undecided: readonly Undecided[];
  /** Operations of the plan by kind. */
  readonly changes: Readonly<Record<string, number>>;
}

/**
 * Judges an environment by its policies without changing anything. A preview does not know the outputs of what is not
 * there yet, and the engine lets a mandatory rule pass that had to stop at one; such a rule is asked again about the
 * state.
 * @throws UserError when there is no plan or the state cannot be read.
 */
export async function check(
  environment: Environment,
  rules: readonly RuleMetadata[],
  onProgress?: (progress: Progress) => void,
): Promise<CheckReport> {
  environment.invalidateState();
  const events: EngineEvent[] = [];
  const log = await environment.previewEvents((event) => void events.push(event), onProgress);
  const combined = combine(
    readEvents(events, rules, "plan"),
    readEvents(await environment.analyzeState(), rules, "state"),
  );
  return {
    schema: "peregrine.check/1",
    environment: environment.name,
    policyPack: environment.policyPackVersion(),
    verdict: judgeFindings(combined.findings).verdict,
    ...combined,
    changes: log.changes,
  };
}
