import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { projectDir } from "../project";
import type { Recorder } from "./figures";
import { argo, flagger, historyMinutes, ours, type Rule } from "./rollouts/rules";
import { type Kind, kinds, Trace } from "./rollouts/traces";

const rates = [0.5, 1, 2, 5, 20, 100] as const;

/** What a release is, by both configurations' error rates; the objective is 1 %. */
const states = [
  { name: "healthy", oldRate: 0.005, newRate: 0.005 },
  { name: "near the objective", oldRate: 0.009, newRate: 0.009 },
  { name: "2 times the errors", oldRate: 0.005, newRate: 0.01 },
  { name: "4 times", oldRate: 0.005, newRate: 0.02 },
  { name: "10 times", oldRate: 0.005, newRate: 0.05 },
] as const;
type State = (typeof states)[number];

const rules: readonly (readonly [name: string, rule: Rule])[] = [
  ["ours", (trace) => ours(trace)],
  ["Flagger", flagger],
  ["Argo, failureLimit 0", argo(0)],
  ["Argo, failureLimit 3", argo(3)],
];

/** Releases of one state and rate, decided by one rule. */
interface Cell {
  readonly rule: string;
  readonly state: State["name"];
  readonly requestsPerSecond: number;
  readonly releases: number;
  readonly promoted: number;
  readonly rolledBack: number;
  /** Sum of minutes until the rollbacks; and of those alone whose errors come one by one, with their number. */
  readonly minutes: number;
  readonly steady: { readonly rolledBack: number; readonly minutes: number };
}

/**
 * Guarded rollouts of simulated releases: ours beside documented rules on the same traffic.
 * @param runs releases in each cell, over all kinds of traffic and errors together.
 */
export function benchRollouts(record: Recorder, runs = 334): void {
  const releases = runs * rates.length * states.length;
  record.about = `${releases} simulated releases, ${runs} in each row, by turns of six kinds: errors one by one, minutes without traffic (a third of them), minutes of eight times the traffic, incidents that hit both configurations, errors in lumps of ten, minutes that one configuration's instances spend badly; the mean error rate is the same. Ours gives the new configuration 10 % of the traffic, after 5 minutes 25 %, after 10 minutes 50 %, knows ${historyMinutes / 60} hours of the old one before, and watches four signals for at most two hours. Flagger and Argo Rollouts follow their documented examples (success of 99 % at least), re-implemented. A promotion of a release with twice the errors or more is wrong, a rollback of the first two states is false. What is neither is inconclusive: nothing was proven, and people decide. Minutes are from the start to the rollback.`;
  const cells = rules.flatMap(([rule, decide]) => {
    const own = states.flatMap((state, index) => rates.map((rate) => cellOf(rule, decide, state, rate, runs, index)));
    console.log(`${rule}: done`);
    return own;
  });
  record.figure("simulated releases", releases, "");
  const worst = (rule: string, of: (cell: Cell) => number, bad: boolean): number =>
    100 *
    Math.max(
      ...cells
        .filter((cell) => cell.rule === rule && isBad(cell.state) === bad)
        .map((cell) => of(cell) / cell.releases),
    );
  const falsely = (rule: string): number => worst(rule, ({ rolledBack }) => rolledBack, false);
  const wrongly = (rule: string): number => worst(rule, ({ promoted }) => promoted, true);
  const onePercent = (value: number) => ({ text: "at most 1 %", met: value <= 1 });
  record.figure("false rollbacks, worst cell", falsely("ours"), "%", onePercent(falsely("ours")));
  record.figure("wrong promotions, worst cell", wrongly("ours"), "%", onePercent(wrongly("ours")));
  for (const [rule] of rules) {
    const { rolledBack, minutes } = cells.find(
      (cell) => cell.rule === rule && cell.state === "10 times" && cell.requestsPerSecond === 20,
    )!.steady;
    const mean = minutes / rolledBack;
    const budget = rule === "ours" ? { text: "at most 3 minutes", met: mean <= 3 } : undefined;
    record.figure(
      `minutes to roll back, 20 requests/s, 10 times the errors one by one: ${rule}`,
      mean,
      "minutes",
      budget,
    );
  }
  for (const [rule] of rules.slice(1)) {
    record.figure(`false rollbacks, worst cell: ${rule}`, falsely(rule), "%");
    record.figure(`wrong promotions, worst cell: ${rule}`, wrongly(rule), "%");
  }
  record.table = {
    columns: ["release", "requests/s", ...rules.map(([rule]) => rule)],
    rows: states.flatMap(({ name }) =>
      rates.map((rate) => [
        name,
        String(rate),
        ...rules.map(([rule]) =>
          textOf(cells.find((cell) => cell.rule === rule && cell.state === name && cell.requestsPerSecond === rate)!),
        ),
      ]),
    ),
  };
  record.picture = {
    file: "rollouts.svg",
    alt: "False rollbacks, wrong promotions and minutes to roll back: ours beside Flagger's and Argo's rules",
  };
  execFileSync(
    join(projectDir, ".venv", "bin", "python"),
    [join(projectDir, "scripts", "bench", "rollouts", "plot.py"), join(projectDir, "docs", record.picture.file)],
    { input: JSON.stringify(cells), stdio: ["pipe", "ignore", "inherit"] },
  );
}

function isBad(state: State["name"]): boolean {
  return state !== "healthy" && state !== "near the objective";
}

function cellOf(rule: string, decide: Rule, state: State, rate: number, runs: number, index: number): Cell {
  let [promoted, rolledBack, minutes] = [0, 0, 0];
  const steady = { rolledBack: 0, minutes: 0 };
  for (let run = 0; run < runs; run++) {
    const kind: Kind = kinds[run % kinds.length]!;
    const seed = (index * rates.length + rates.indexOf(rate as never)) * 100_000 + run;
    const { oldRate, newRate } = state;
    const ending = decide(new Trace({ seed, requestsPerSecond: rate, kind, oldRate, newRate }));
    if (ending.verdict === "promote") promoted++;
    if (ending.verdict !== "roll back") continue;
    rolledBack++;
    minutes += ending.minutes;
    if (kind !== "steady") continue;
    steady.rolledBack++;
    steady.minutes += ending.minutes;
  }
  return { rule, state: state.name, requestsPerSecond: rate, releases: runs, promoted, rolledBack, minutes, steady };
}

function textOf({ releases, promoted, rolledBack, minutes }: Cell): string {
  const percent = (count: number): string => ((100 * count) / releases).toFixed(1);
  const after = rolledBack > 0 ? ` after ${(minutes / rolledBack).toFixed(0)} min` : "";
  return `${percent(promoted)} % promoted, ${percent(rolledBack)} % rolled back${after}`;
}
