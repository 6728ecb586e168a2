import type { MlflowRun } from "../../aws/mlflow";
import { type FactName, parseExpression, parseFactNames, parseOrder, ExpressionError } from "./expression";
import { Catalogue, type Fact, lastOf, type MetricOf, moments, UnknownFact, type Value, valueOf } from "./facts";
import { filterOf, metricsIn } from "./filter";

/** What is asked about runs, as a person writes it. */
export interface RunQuestion {
  readonly where?: string;
  /** Newest first where it is left out. */
  readonly sort?: string;
  readonly columns?: string;
  readonly limit?: number;
}

export interface RunColumn extends Fact {
  readonly heading: string;
}

export interface RunTable {
  readonly columns: readonly RunColumn[];
  readonly rows: readonly { readonly run: MlflowRun; readonly values: readonly (Value | undefined)[] }[];
  /** Runs that were asked for, before the limit. */
  readonly found: number;
  readonly of: number;
}

/** What everybody wants to see, as far as some run has it. */
const usual = "start, id, name, status, test_map50, map50, params.model, params.epochs, tags.run_reason";

/**
 * Answers a question about runs.
 * @param metricOf which value of a metric counts.
 * @throws ExpressionError.
 */
export function tableOf(runs: readonly MlflowRun[], question: RunQuestion, metricOf: MetricOf = lastOf): RunTable {
  const catalogue = new Catalogue(runs);
  const columns = columnsOf(question, catalogue, runs.length > 0);
  const matches =
    question.where === undefined
      ? () => true
      : runs.length > 0
        ? filterOf(parseExpression(question.where), question.where, catalogue, metricOf)
        : (parseExpression(question.where), () => false);
  const found = runs.filter(matches);
  const sorted =
    question.sort === undefined || runs.length === 0
      ? byStart(found)
      : inOrder(found, question.sort, catalogue, metricOf);
  return {
    columns,
    rows: sorted
      .slice(0, question.limit)
      .map((run) => ({ run, values: columns.map((column) => valueOf(run, column, metricOf)) })),
    found: found.length,
    of: runs.length,
  };
}

/** The metrics that a question needs: of these, all steps are looked at where the best one counts. */
export function metricsOf(runs: readonly MlflowRun[], question: RunQuestion): string[] {
  const catalogue = new Catalogue(runs);
  const facts = [
    ...columnsOf(question, catalogue, runs.length > 0),
    ...(question.sort === undefined || runs.length === 0
      ? []
      : parseOrder(question.sort).map(({ fact }) => named(fact, question.sort!, catalogue))),
  ];
  const shown = facts.flatMap(({ kind, key }) => (kind === "metrics" ? [key] : []));
  if (question.where === undefined || runs.length === 0) return [...new Set(shown)];
  const expression = parseExpression(question.where);
  // Says what is wrong with it, with the place.
  filterOf(expression, question.where, catalogue, lastOf);
  return [...new Set([...shown, ...metricsIn(expression, catalogue)])];
}

function columnsOf({ columns }: RunQuestion, catalogue: Catalogue, any: boolean): RunColumn[] {
  if (!any) return [];
  const asked = parseFactNames(columns ?? usual);
  return asked.flatMap((fact) => {
    if (columns === undefined && !has(catalogue, fact)) return [];
    const found = named(fact, columns ?? usual, catalogue);
    return [{ ...found, heading: found.kind === "run" ? found.key : lastPart(found) }];
  });
}

/** Tags are long, and their beginnings say who sets them. */
function lastPart({ kind, key }: Fact): string {
  return kind === "tags" ? key.slice(key.lastIndexOf(".") + 1) : key;
}

function has(catalogue: Catalogue, fact: FactName): boolean {
  try {
    catalogue.find(fact);
    return true;
  } catch (error) {
    if (error instanceof UnknownFact) return false;
    throw error;
  }
}

function named(fact: FactName, text: string, catalogue: Catalogue): Fact {
  try {
    return catalogue.find(fact);
  } catch (error) {
    if (error instanceof UnknownFact) throw new ExpressionError(text, fact.at, error.message);
    throw error;
  }
}

function byStart(runs: readonly MlflowRun[]): MlflowRun[] {
  return [...runs].sort((a, b) => b.startMs - a.startMs);
}

/** What a run does not have comes last, in either direction. */
function inOrder(runs: readonly MlflowRun[], order: string, catalogue: Catalogue, metricOf: MetricOf): MlflowRun[] {
  const keys = parseOrder(order).map(({ fact, ascending }) => ({ fact: named(fact, order, catalogue), ascending }));
  const rows = byStart(runs).map((run) => ({
    run,
    values: keys.map(({ fact }) => sortable(valueOf(run, fact, metricOf))),
  }));
  rows.sort((a, b) => {
    for (const [index, { ascending }] of keys.entries()) {
      const sign = compared(a.values[index], b.values[index], ascending);
      if (sign !== 0) return sign;
    }
    return 0;
  });
  return rows.map(({ run }) => run);
}

function compared(one: Value | undefined, other: Value | undefined, ascending: boolean): number {
  if (one === undefined || other === undefined) return Number(one === undefined) - Number(other === undefined);
  const sign =
    typeof one === "number" && typeof other === "number"
      ? one - other
      : String(one) < String(other)
        ? -1
        : Number(String(one) > String(other));
  return ascending ? sign : -sign;
}

/** Parameters are texts; those that are numbers are ordered as numbers. NaN is no value. */
function sortable(value: Value | undefined): Value | undefined {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (typeof number === "number")
    return Number.isNaN(number) ? (typeof value === "string" ? value : undefined) : number;
  return value;
}

/** A value as a person reads it. */
export function shownValue({ kind, key }: Fact, value: Value | undefined): string {
  if (value === undefined) return "";
  if (kind === "run" && moments.has(key)) return new Date(Number(value)).toISOString().slice(0, 19) + "Z";
  if (typeof value === "number") return Number.isInteger(value) ? String(value) : value.toPrecision(4);
  return value;
}
