import type { FeedbackMeasure, KpiRow } from "../../contract/kpi";
import type { ScoredAnswer } from "../../contract/experiment";
import { parseDay } from "../forecasting/calendar";

/** Rows of a table, or all that is wrong with it: a table with a problem is not read in part. */
export type ReadTable = { readonly rows: readonly KpiRow[] } | { readonly problems: readonly string[] };

const required = ["day", "value"] as const;
const known = [...required, "weight", "unit", "arm"] as const;
type Column = (typeof known)[number];
/** Problems that are spelt out. */
const maxProblems = 20;

/**
 * Reads a table that the business delivers (RFC 4180 without line breaks in fields): a head line with `day` and `value`,
 * and `weight`, `unit` and `arm` where they are known.
 */
export function readKpiTable(text: string): ReadTable {
  const [head = "", ...lines] = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  const columns = fieldsOf(head) ?? [];
  const strange = columns.filter((name) => !known.includes(name as Column));
  const missing = required.filter((name) => !columns.includes(name));
  if (strange.length > 0 || missing.length > 0 || new Set(columns).size < columns.length)
    return {
      problems: [
        `line 1: the head is ${JSON.stringify(head)}; expected day,value and any of weight, unit, arm, each once`,
      ],
    };
  const rows: KpiRow[] = [];
  const problems: string[] = [];
  lines.forEach((line, index) => {
    if (line.trim() === "") return;
    const fields = fieldsOf(line);
    const row =
      fields?.length === columns.length
        ? rowOf(Object.fromEntries(columns.map((name, at) => [name, fields[at]!])))
        : undefined;
    if (row === undefined) problems.push(`line ${index + 2}: expected ${columns.length} fields, commas between them`);
    else if (typeof row === "string") problems.push(`line ${index + 2}: ${row}`);
    else rows.push(row);
  });
  if (problems.length === 0) return { rows };
  const more = problems.length - maxProblems;
  return { problems: [...problems.slice(0, maxProblems), ...(more > 0 ? [`and ${more} more lines`] : [])] };
}

function rowOf({
  day = "",
  value = "",
  weight = "",
  unit = "",
  arm = "",
}: Readonly<Record<string, string>>): KpiRow | string {
  if (parseDay(day) === undefined || day.length !== 10) return `${JSON.stringify(day)} is no day such as 2026-11-30`;
  const amount = numberOf(value);
  if (amount === undefined) return `${JSON.stringify(value)} is no number`;
  const behind = weight === "" ? undefined : numberOf(weight);
  if (weight !== "" && !(behind! > 0)) return `the weight ${JSON.stringify(weight)} is no number above 0`;
  return {
    day,
    value: amount,
    ...(behind === undefined ? {} : { weight: behind }),
    ...(unit === "" ? {} : { unit }),
    ...(arm === "" ? {} : { arm }),
  };
}

function numberOf(text: string): number | undefined {
  return /^-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined;
}

/** @returns undefined where quotes do not close. */
function fieldsOf(line: string): string[] | undefined {
  const fields: string[] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/y;
  for (;;) {
    const match = field.exec(line);
    if (!match) return undefined;
    fields.push((match[1]?.replaceAll('""', '"') ?? match[2] ?? "").trim());
    if (match[3] === "") return fields;
  }
}

/**
 * What labels say of each flight's images, by day and model: detections that are right, wrong, or objects that were
 * missed, of an image. Labels that were drawn by lot alone: what is chosen to be labelled tells of nothing else.
 */
export function feedbackRows(measure: FeedbackMeasure, answers: readonly ScoredAnswer[]): KpiRow[] {
  const groups = new Map<string, ScoredAnswer[]>();
  for (const answer of answers) {
    if (answer.sample !== "random") continue;
    const key = JSON.stringify([dayOf(answer), answer.flight, answer.variant]);
    groups.set(key, [...(groups.get(key) ?? []), answer]);
  }
  return [...groups.values()]
    .map((group): KpiRow => {
      const times = group.map(({ answeredAt }) => new Date(answeredAt).toISOString()).toSorted();
      return {
        day: dayOf(group[0]!),
        value: group.reduce((sum, answer) => sum + counted(measure, answer), 0) / group.length,
        weight: group.length,
        unit: group[0]!.flight,
        arm: group[0]!.variant,
        from: times[0]!,
        until: times.at(-1)!,
      };
    })
    .toSorted((one, other) => one.day.localeCompare(other.day) || one.unit!.localeCompare(other.unit!));
}

function dayOf({ answeredAt }: ScoredAnswer): string {
  return new Date(answeredAt).toISOString().slice(0, 10);
}

function counted(measure: FeedbackMeasure, { right, found, true: objects }: ScoredAnswer): number {
  return { right, wrong: found - right, missed: objects - right }[measure];
}

/**
 * Kept rows with newer ones: those of the same day, unit and model replace what was known, as labels come late; days
 * before `oldest` are let go.
 */
export function mergedRows(kept: readonly KpiRow[], newer: readonly KpiRow[], oldest: string): KpiRow[] {
  const key = ({ day, unit = "", arm = "" }: KpiRow): string => JSON.stringify([day, unit, arm]);
  const all = new Map([...kept, ...newer].map((row) => [key(row), row]));
  return [...all.values()]
    .filter(({ day }) => day >= oldest)
    .toSorted((one, other) => one.day.localeCompare(other.day) || key(one).localeCompare(key(other)));
}
