import type { Evidence } from "../read-model/facts";
import type { Health } from "../read-model/summary";
import { Sources } from "../pages/page";
import { known, moneyText, usd } from "./amount";
import { daysOf } from "./period";
import type { Recommendation } from "./recommendations";
import type { Report } from "./report";
import type { ReportTable } from "./sections";
import { stakeText } from "./targets";
import { type Light, lightWords } from "./verdict";

/** A text, and the numbers of the places that it is from. */
export interface Cited {
  readonly text: string;
  readonly sources: readonly number[];
}

export interface DocumentTile {
  readonly title: string;
  readonly value: Cited;
  readonly lines: readonly string[];
  readonly health: Health;
}

/** What a page is made of. Every form draws each of them in its own way, and leaves none out. */
export type Block =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "answers"; readonly answers: Report["answers"] }
  | { readonly kind: "tiles"; readonly tiles: readonly DocumentTile[] }
  | {
      readonly kind: "table";
      readonly columns: readonly string[];
      /** Shares of the width. */
      readonly widths: readonly number[];
      readonly rows: readonly (readonly Cited[])[];
    }
  | { readonly kind: "list"; readonly items: readonly string[] }
  | { readonly kind: "chart"; readonly title: string; readonly svg: string };

export interface DocumentSection {
  readonly heading: string;
  readonly blocks: readonly Block[];
  /** A new page of paper begins with it. */
  readonly newPage?: boolean;
}

/** What all forms of a report show, in this order. */
export interface ReportDocument {
  readonly title: string;
  readonly subtitle: string;
  readonly light: Light;
  readonly lightWord: string;
  readonly sentence: string;
  readonly sections: readonly DocumentSection[];
  readonly sources: readonly Evidence[];
  /** The only date in it: the end of its period. */
  readonly at: string;
}

/** A chart that was drawn, with what it shows. */
export interface DrawnChart {
  readonly title: string;
  readonly svg: string;
}

/** Rows of a table that a page has room for; all of them are in the JSON. */
const mostRows = { missed: 6, changes: 8, billed: 8, targets: 60 } as const;

/** A report as pages: two of them, and an appendix. */
export function reportDocument(report: Report, charts: readonly DrawnChart[]): ReportDocument {
  const sources = new Sources();
  const cite = (text: string, evidence: readonly Evidence[] = []): Cited => ({
    text,
    sources: [...new Set(evidence.map((one) => sources.cite(one)))],
  });
  const table = (
    columns: readonly string[],
    widths: readonly number[],
    rows: readonly (readonly Cited[])[],
  ): Block => ({
    kind: "table",
    columns,
    widths,
    rows,
  });
  const told = ({ columns, rows }: ReportTable, widths: readonly number[]): Block =>
    table(
      columns,
      widths,
      rows.map(({ cells, evidence }) => cells.map((text, at) => (at === 0 ? cite(text, evidence) : cite(text)))),
    );
  const { verdict, period, recommendations } = report;
  const fates = fateSections(report, table, cite);
  const sections: DocumentSection[] = [
    {
      heading: "1 Verdict",
      blocks: [
        { kind: "answers", answers: report.answers },
        ...(verdict.wouldChange.length > 0
          ? [{ kind: "text" as const, text: `What would change the verdict: ${verdict.wouldChange.join(" ")}` }]
          : []),
      ],
    },
    { heading: "2 Missed targets, the dearest first", blocks: missedBlocks(report, table, cite) },
    {
      heading: "3 Four numbers",
      blocks: [
        {
          kind: "tiles",
          tiles: report.tiles.map(({ title, value, grade, change, target, health, evidence }) => ({
            title,
            value: cite(value, evidence),
            lines: [grade, change, `wanted: ${target}`],
            health,
          })),
        },
      ],
    },
    {
      heading: "4 Recommendations",
      blocks: [
        recommendations.length > 0
          ? table(
              ["What to do, and why", "Owner", "Due", "Worth a month", "Cost and risk", "Known by"],
              [40, 11, 10, 14, 17, 8],
              recommendations.map((one) => recommendationRow(one, cite)),
            )
          : { kind: "text", text: "No rule found anything to recommend." },
        ...(report.more > 0 ? [{ kind: "text" as const, text: moreText(report.more, "in the JSON") }] : []),
      ],
    },
    ...fates,
    {
      heading: "5 What changed in the models",
      newPage: fates.length === 0,
      blocks: [
        report.changes.length > 0
          ? table(
              ["When", "Where", "What", "Why"],
              [13, 9, 23, 55],
              report.changes
                .slice(0, mostRows.changes)
                .map(({ at, environment, what, why, evidence }) => [
                  cite(minute(at)),
                  cite(environment),
                  cite(what, evidence),
                  cite(why),
                ]),
            )
          : { kind: "text", text: "No model was released, taken back or refused in the period." },
        ...(report.changes.length > mostRows.changes
          ? [{ kind: "text" as const, text: moreText(report.changes.length - mostRows.changes, "in the JSON") }]
          : []),
        ...charts.map(({ title, svg }): Block => ({ kind: "chart", title, svg })),
      ],
    },
    { heading: "6 Effect on the business", blocks: effectBlocks(report, table, cite) },
    {
      heading: "7 Reliability and drift",
      blocks: [
        report.reliability.rows.length > 0
          ? told(report.reliability, [12, 11, 25, 20, 32])
          : { kind: "text", text: "Nothing serves, so nothing can fail." },
      ],
    },
    {
      heading: "8 Spending",
      blocks: [
        told(report.spending, [12, 14, 16, 16, 42]),
        ...(report.billed.length > 0
          ? [
              {
                kind: "text" as const,
                text: `Billed: ${report.billed
                  .slice(0, mostRows.billed)
                  .map(({ part, usd: amount }) => `${part} ${usd(amount)}`)
                  .join(", ")}.`,
              },
            ]
          : []),
      ],
    },
    { heading: "9 Compliance", blocks: [told(report.compliance, [12, 24, 24, 12, 28])] },
    { heading: "10 What this rests on, and what is not known", blocks: [{ kind: "list", items: report.unknowns }] },
    ...appendix(report, table, cite),
  ];
  return {
    title: `Peregrine: report of the ${period.kind} to ${period.end.slice(0, 10)}`,
    subtitle: `${minute(period.start)} to ${minute(period.end)} UTC, ${daysOf(period)} days; ${report.environments.join(", ") || "no environment"}`,
    light: verdict.light,
    lightWord: lightWords[verdict.light],
    sentence: verdict.sentence,
    sections,
    sources: sources.list,
    at: period.end,
  };
}

type Table = (columns: readonly string[], widths: readonly number[], rows: readonly (readonly Cited[])[]) => Block;
type Cite = (text: string, evidence?: readonly Evidence[]) => Cited;

function missedBlocks({ missed }: Report, table: Table, cite: Cite): Block[] {
  if (missed.length === 0) return [{ kind: "text", text: "No measured target is missed." }];
  return [
    table(
      ["Target", "Found", "Wanted", "At stake in the period", "Owner", "Due", "Next action"],
      [18, 10, 11, 14, 10, 9, 28],
      missed
        .slice(0, mostRows.missed)
        .map(({ title, environment, found, wanted, evidence, owner, due, action, command, ...rest }) => [
          cite(`${environment}: ${title}`, evidence),
          cite(found),
          cite(wanted),
          cite(known(rest.atStake) ? moneyText(rest.atStake) : "not known"),
          cite(owner),
          cite(due),
          cite(`${action} ${command}`),
        ]),
    ),
    ...(missed.length > mostRows.missed
      ? [{ kind: "text" as const, text: moreText(missed.length - mostRows.missed, "in the appendix") }]
      : []),
  ];
}

function recommendationRow(one: Recommendation, cite: Cite): Cited[] {
  const { action, why, command, owner, due, overdue, since, value, cost, risk, confidence, evidence } = one;
  return [
    cite(`${action} ${why} ${command}`, evidence),
    cite(owner),
    cite(overdue ? `${due}, overdue (said first on ${since})` : due),
    cite(moneyText(value)),
    cite(`${cost}. ${risk}`),
    cite(confidence),
  ];
}

/** Where the second page begins, after a first report. */
function fateSections({ fates, period }: Report, table: Table, cite: Cite): DocumentSection[] {
  if (fates.length === 0) return [];
  return [
    {
      heading: `What became of the recommendations of the ${period.kind} before`,
      newPage: true,
      blocks: [
        table(
          ["Recommendation", "Owner", "Was due", "Fate", "Why"],
          [38, 12, 11, 11, 28],
          fates.map(({ action, owner, due, fate, why }) => [
            cite(action),
            cite(owner),
            cite(due),
            cite(fate),
            cite(why),
          ]),
        ),
      ],
    },
  ];
}

function effectBlocks({ effects }: Report, table: Table, cite: Cite): Block[] {
  if (effects.length === 0)
    return [
      {
        kind: "text",
        text: "Not known: no business figure is declared, or no change of a model can be told apart from what else happened.",
      },
    ];
  return [
    table(
      ["Change", "Where", "Figure", "Effect (95 % interval)", "Evidence", "In a sentence"],
      [14, 9, 16, 19, 8, 34],
      effects.map(({ change, environment, figure, unit, effect, grade, sentence }) => [
        cite(change),
        cite(environment),
        cite(figure),
        cite(`${effect.value} ${unit} (${effect.low} to ${effect.high})`),
        cite(grade),
        cite(sentence),
      ]),
    ),
  ];
}

function appendix(report: Report, table: Table, cite: Cite): DocumentSection[] {
  return [
    {
      heading: "Appendix: all targets",
      newPage: true,
      blocks: [
        table(
          ["Target", "Where", "Wanted", "Found", "State", "Owner", "At stake"],
          [26, 9, 14, 14, 10, 12, 15],
          report.targets
            .slice(0, mostRows.targets)
            .map((one) => [
              cite(one.title, one.evidence),
              cite(one.environment),
              cite(one.wanted),
              cite(one.found),
              cite(one.state === "unmeasured" ? "not measured" : one.state),
              cite(one.owner),
              cite(one.state === "missed" ? stakeText(one) : "–"),
            ]),
        ),
      ],
    },
    {
      heading: "Appendix: how it is made",
      blocks: [
        {
          kind: "list",
          items: [
            "Recommendations come from written rules (docs/report.md has them all); nothing is invented.",
            ...report.missed.flatMap(({ title, environment, atStake }) =>
              known(atStake) ? [`At stake, ${title} of ${environment}: ${atStake.how}.`] : [],
            ),
            ...report.checkpoints.map(
              ({ environment, size, root }) => `Log of ${environment}: ${size} entries, root ${root ?? "none"}.`,
            ),
          ],
        },
      ],
    },
  ];
}

const moreText = (more: number, where: string): string => `${more} more ${more === 1 ? "is" : "are"} ${where}.`;
/** Day and minute, without the zone, which the title tells. */
const minute = (iso: string): string => iso.slice(0, 16).replace("T", " ");
