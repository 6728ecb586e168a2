import type { RolloutResult } from "../../automation/release/rollout/rollout";
import { faultKindNames } from "../../local/faults/kinds";
import { measuredBefore, type Recorder } from "./figures";
import { kindsWithoutScenario, type Scenario, scenarios } from "./scenarios";
import type { Sight } from "./watch";

/** What came of one scenario. */
export interface Outcome {
  readonly detected: boolean;
  /** The error's class, or what was seen instead of one. */
  readonly verdict: string;
  /** The error's first line. */
  readonly reason?: string;
  readonly released?: RolloutResult;
}

/** A scenario with what was seen, as bench/results.json keeps it. */
export interface Row {
  readonly name: string;
  readonly detected: boolean;
  readonly verdict: string;
  readonly exit: "0" | "1" | "no command";
  readonly sent: number;
  readonly wrong: number;
  /** How many wrong answers of which kind. */
  readonly kinds: string;
  /** From the first wrong answer to restored traffic; absent when there was none, or traffic was not restored. */
  readonly wrongSeconds?: number;
  /** From the fault's first strike to the command's end, or to right answers where there is no command. */
  readonly settledSeconds: number;
  /** Expectations that do not hold. */
  readonly problems: readonly string[];
}

export function rowOf(
  { name, does }: Scenario,
  { detected, verdict }: Outcome,
  { sent, wrong, kinds, firstWrongMs, restoredMs }: Sight,
  settledSeconds: number,
  problems: readonly string[],
): Row {
  const exit = does === "serve" ? "no command" : verdict === "live" || verdict === "succeeded" ? "0" : "1";
  const wrongSeconds =
    firstWrongMs !== undefined && restoredMs !== undefined ? (restoredMs - firstWrongMs) / 1000 : undefined;
  return { name, detected, verdict, exit, sent, wrong, kinds, wrongSeconds, settledSeconds, problems };
}

/**
 * Writes what came of the scenarios; those that were not run keep what they had.
 * @param speed cloud seconds per real second.
 */
export function summarise(record: Recorder, measured: readonly Row[], speed: number, requestsPerSecond: number): void {
  const before = (measuredBefore("faults")?.rows ?? []) as readonly Row[];
  const rows = scenarios.flatMap(({ name }) => [...measured, ...before].find((row) => row.name === name) ?? []);
  const met = rows.filter(({ problems }) => problems.length === 0).length;
  record.figure("faults after which everything was as it must be", met, `of ${rows.length}`, {
    text: "all",
    met: met === rows.length,
  });
  const reverts = rows.filter(({ name }) => name.startsWith("silent revert"));
  const detected = reverts.filter((row) => row.detected).length;
  record.figure("silent reverts detected", detected, `of ${reverts.length}`, {
    text: "all",
    met: detected === reverts.length,
  });
  const deleted = rows.filter(({ problems }) => problems.some((problem) => problem.includes("is gone"))).length;
  record.figure("live endpoint configurations deleted", deleted, "", { text: "0", met: deleted === 0 });
  record.figure(
    "longest time with wrong answers, real time",
    Math.max(0, ...rows.map(({ wrongSeconds }) => wrongSeconds ?? 0)),
    "s",
  );
  record.rows = rows;
  record.table = {
    columns: [
      "fault",
      "detected",
      "verdict",
      "exit",
      "wrong answers",
      "first wrong answer to restored traffic",
      "first strike to the end",
      "as it must be",
    ],
    rows: rows.map((row) => cells(row, speed)),
  };
  const left = kindsWithoutScenario(faultKindNames);
  record.about = `Each fault is planted on prod (canary of 50 %, two instances) while ${requestsPerSecond} requests a second are sent, without retries, on a cloud whose clock runs ${speed} times as fast. As it must be: the verdict, the release that is live and desired, its endpoint configuration, the lock, scaling, the ledger, no stray configuration, and a preview without changes. Engines and containers start in real time, so cloud times are upper bounds.${left.length > 0 ? ` Not planted: ${left.join(", ")}.` : ""}`;
}

/** A row of the table. */
export function cells(
  { name, detected, verdict, exit, sent, wrong, kinds, wrongSeconds, settledSeconds, problems }: Row,
  speed: number,
): string[] {
  const both = (seconds: number) => `${seconds.toFixed(1)} s (cloud: ${((seconds * speed) / 60).toFixed(1)} min)`;
  return [
    name,
    detected ? "yes" : "not a failure",
    verdict,
    exit,
    `${wrong} of ${sent}${kinds ? ` (${kinds})` : ""}`,
    wrongSeconds === undefined ? "none" : both(wrongSeconds),
    both(settledSeconds),
    problems.length === 0 ? "yes" : `**no**: ${problems.join("; ")}`,
  ];
}
