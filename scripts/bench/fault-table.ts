import type { RolledOut } from "../../automation/rollout";
import { faultKindNames } from "../../local/fault-kinds";
import type { Recorder } from "./figures";
import { kindsWithoutScenario, type Scenario } from "./scenarios";
import type { Sight } from "./watch";

/** What came of one scenario. */
export interface Outcome {
  readonly detected: boolean;
  /** The error's class, or what was seen instead of one. */
  readonly verdict: string;
  /** The error's first line. */
  readonly reason?: string;
  readonly released?: RolledOut;
}

/** A scenario with all that was seen. */
export interface Row {
  readonly scenario: Scenario;
  readonly outcome: Outcome;
  readonly sight: Sight;
  /** From the fault's first strike to the command's end, or to right answers where there is no command; seconds. */
  readonly untilSettled: number;
  readonly problems: readonly string[];
}

/** Writes what came of all scenarios. @param speed cloud seconds per real second. */
export function summarise(record: Recorder, rows: readonly Row[], speed: number, requestsPerSecond: number): void {
  const met = rows.filter(({ problems }) => problems.length === 0).length;
  record.figure("faults after which everything was as it must be", met, `of ${rows.length}`, { text: "all", met: met === rows.length });
  const reverts = rows.filter(({ scenario }) => scenario.name.startsWith("silent revert"));
  const detected = reverts.filter(({ outcome }) => outcome.detected).length;
  if (reverts.length > 0) record.figure("silent reverts detected", detected, `of ${reverts.length}`, { text: "all", met: detected === reverts.length });
  const deleted = rows.filter(({ problems }) => problems.some((problem) => problem.includes("is gone"))).length;
  record.figure("live endpoint configurations deleted", deleted, "", { text: "0", met: deleted === 0 });
  const worst = Math.max(0, ...rows.map(({ sight: { firstWrongMs, restoredMs } }) => ((restoredMs ?? 0) - (firstWrongMs ?? 0)) / 1000));
  record.figure("longest time with wrong answers, real time", worst, "s");
  record.table = { columns: ["fault", "detected", "verdict", "exit", "wrong answers", "first wrong answer to restored traffic", "first strike to the end", "as it must be"], rows: rows.map((row) => cells(row, speed)) };
  const left = kindsWithoutScenario(faultKindNames);
  record.about = `Each fault is planted on prod (canary of 50 %, two instances) while ${requestsPerSecond} requests a second are sent, without retries, on a cloud whose clock runs ${speed} times as fast. As it must be: the verdict, the release that is live and desired, its endpoint configuration, the lock, scaling, the ledger, no stray configuration, and a preview without changes.${left.length > 0 ? ` Not planted: ${left.join(", ")}.` : ""}`;
}

/** A row of the table. */
export function cells({ scenario, outcome, sight, untilSettled, problems }: Row, speed: number): string[] {
  const both = (seconds: number) => `${seconds.toFixed(1)} s (cloud: ${((seconds * speed) / 60).toFixed(1)} min)`;
  const wrongSeconds = sight.firstWrongMs !== undefined && sight.restoredMs !== undefined ? (sight.restoredMs - sight.firstWrongMs) / 1000 : undefined;
  const exit = scenario.does === "serve" ? "no command" : outcome.verdict === "live" || outcome.verdict === "succeeded" ? "0" : "1";
  return [scenario.name, outcome.detected ? "yes" : "not a failure", outcome.verdict, exit, `${sight.wrong} of ${sight.sent}${sight.kinds ? ` (${sight.kinds})` : ""}`, wrongSeconds === undefined ? "none" : both(wrongSeconds), both(untilSettled), problems.length === 0 ? "yes" : `**no**: ${problems.join("; ")}`];
}
