import { scoreText } from "../../lifecycle/forecasting/score";
import { type EnvironmentFacts, evidenceOf, type PlatformFacts, valueOf } from "../read-model/facts";
import type { Health } from "../read-model/summary";
import type { Cell, DataTable } from "./data-table";
import type { Sources } from "./page";
import { Badge } from "./badge";
import { cited, Table } from "./parts";

const verdicts: Readonly<Record<string, Health>> = {
  breached: "bad",
  "at-risk": "bad",
  "will-breach": "watch",
  quiet: "good",
};
const decisions: Readonly<Record<string, Health>> = { retrain: "watch", wait: "unknown", no: "good" };

/** What is on its way to its limit, and how good such warnings were. */
export function forecastTable({ forecasts }: EnvironmentFacts): DataTable {
  const page = valueOf(forecasts, undefined);
  return {
    id: "forecasts",
    title: "Forecasts",
    columns: [
      { key: "series", label: "What", kind: "short" },
      { key: "verdict", label: "Verdict", kind: "short" },
      { key: "level", label: "Now", kind: "number" },
      { key: "chance_percent", label: "Chance of a breach, %", kind: "number" },
      { key: "horizon_days", label: "Within days", kind: "number" },
      { key: "interval", label: "Then (90 %)", kind: "short" },
      { key: "score", label: "Earlier warnings about it", kind: "wide" },
    ],
    rows: Object.entries(page?.series ?? {}).map(([series, { verdict, outlook, score }]): Cell[] => {
      const head = [series, verdict];
      if ("unknown" in outlook) return [...head, null, null, null, outlook.unknown, scoreText(score)];
      const { level, willBreach, horizonDays, interval } = outlook;
      return [
        ...head,
        level,
        Math.round(100 * willBreach),
        horizonDays,
        interval.map((value) => Number(value.toPrecision(3))).join(" to "),
        scoreText(score),
      ];
    }),
  };
}

/** What was decided about proposals to train again, newest first, wherever such is decided. */
export function retrainingTable({ environments }: PlatformFacts): DataTable {
  const all = environments.flatMap(({ retraining }) => valueOf(retraining, []));
  return {
    id: "retraining",
    title: "Decisions about retraining",
    columns: [
      { key: "proposed", label: "Proposed", kind: "time" },
      { key: "verdict", label: "Verdict", kind: "short" },
      { key: "trigger", label: "By", kind: "short" },
      { key: "proposal", label: "Because", kind: "wide" },
      { key: "reasons", label: "Decided so because", kind: "wide" },
      { key: "ask", label: "Asked of people", kind: "wide" },
      { key: "execution", label: "Started", hidden: true },
    ],
    rows: all
      .toSorted((one, other) => (one.at < other.at ? 1 : -1))
      .map(({ at, verdict, proposal, reasons, ask, executionArn }): Cell[] => [
        at,
        verdict,
        proposal.trigger,
        proposal.reason,
        reasons.join("; ") || null,
        ask ?? null,
        executionArn ?? null,
      ]),
  };
}

interface OutlookProps {
  readonly page: string;
  readonly environment: EnvironmentFacts;
  readonly facts: PlatformFacts;
  readonly tables: readonly [DataTable, DataTable];
  readonly sources: Sources;
}

export function Outlook({ page, environment: { name, forecasts }, facts, tables, sources }: OutlookProps) {
  const badge = (healths: Readonly<Record<string, Health>>, text: Cell) => (
    <Badge health={healths[String(text)] ?? "unknown"} text={String(text)} />
  );
  return (
    <>
      <Table
        page={page}
        table={tables[0]}
        empty={{
          text: "Nothing was forecast yet: a forecast is made each day, from a week of values on.",
          command: `npx peregrine forecast --stack ${name}`,
        }}
        cells={{
          series: ([series]) => (
            <>
              {series}
              {cited(sources, [evidenceOf(forecasts)])}
            </>
          ),
          verdict: ([, verdict]) => badge(verdicts, verdict ?? null),
        }}
      />
      <Table
        page={page}
        table={tables[1]}
        most={10}
        filter
        empty={{
          text: "Nobody proposed a retraining: drift, lost quality, forecasts, new data and people do.",
          command: "npx peregrine retrain decisions --stack dev",
        }}
        cells={{
          verdict: ([, verdict]) => (
            <>
              {badge(decisions, verdict ?? null)}
              {cited(
                sources,
                facts.environments
                  .filter(({ retraining }) => valueOf(retraining, []).length > 0)
                  .map(({ retraining }) => evidenceOf(retraining)),
              )}
            </>
          ),
        }}
      />
    </>
  );
}
