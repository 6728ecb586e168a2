import type { Members } from "../../../members";
import { validationException } from "../../../errors";

/** Filters, nested filters and subexpressions that one search may hold (SearchExpression API). */
const MAX_CONDITIONS = 50;

/** The tests of a filter by its operator; what is compared is the text of one value. */
type Test = (held: unknown, wanted: string) => boolean;

const ordered =
  (holds: (difference: number) => boolean): Test =>
  (held, wanted) => {
    const [left, right] = [comparable(held), wantedNumber(held, wanted)];
    return left !== undefined && right !== undefined && holds(left - right);
  };

const tests: Readonly<Record<string, Test>> = {
  Equals: (held, wanted) => same(held, wanted),
  Contains: (held, wanted) => typeof held === "string" && held.includes(wanted),
  In: (held, wanted) => wanted.split(",").some((one) => same(held, one.trim())),
  GreaterThan: ordered((difference) => difference > 0),
  GreaterThanOrEqualTo: ordered((difference) => difference >= 0),
  LessThan: ordered((difference) => difference < 0),
  LessThanOrEqualTo: ordered((difference) => difference <= 0),
};

/**
 * Whether a resource satisfies a search expression (SearchExpression API): all of its conditions, or any with the
 * operator `Or`.
 */
export function satisfies(record: Members, expression: Members | undefined): boolean {
  if (!expression) return true;
  const answers = [
    ...((expression.Filters ?? []) as Members[]).map((filter) => passes(record, filter)),
    ...((expression.NestedFilters ?? []) as Members[]).map((nested) => passesNested(record, nested)),
    ...((expression.SubExpressions ?? []) as Members[]).map((inner) => satisfies(record, inner)),
  ];
  return expression.Operator === "Or" ? answers.some(Boolean) : answers.every(Boolean);
}

/** @throws AwsError ValidationException for an expression that SageMaker does not take. */
export function checkExpression(expression: Members | undefined): void {
  if (!expression) return;
  const conditions = flatten(expression);
  if (conditions.some(({ Filters, NestedFilters, SubExpressions }) => !Filters && !NestedFilters && !SubExpressions)) {
    throw validationException("A SearchExpression must have at least one subexpression, filter, or nested filter.");
  }
  const filters = conditions.flatMap((each) => [
    ...((each.Filters ?? []) as Members[]),
    ...((each.NestedFilters ?? []) as Members[]).flatMap((nested) => nested.Filters as Members[]),
  ]);
  if (filters.length + conditions.length - 1 > MAX_CONDITIONS)
    throw validationException(
      `A SearchExpression cannot include more than ${MAX_CONDITIONS} filters, nested filters and subexpressions.`,
    );
  if (filters.filter(({ Operator }) => Operator === "Contains").length > 1)
    throw validationException("'CONTAINS' operator usage limit of 1 exceeded.");
  const valueless = filters.find(
    ({ Operator, Value }) => Value === undefined && Operator !== "Exists" && Operator !== "NotExists",
  );
  if (valueless) throw validationException(`The filter on ${valueless.Name} needs a Value.`);
}

function flatten(expression: Members): Members[] {
  return [expression, ...((expression.SubExpressions ?? []) as Members[]).flatMap(flatten)];
}

function passes(record: unknown, { Name, Operator, Value }: Members): boolean {
  const held = valuesAt(record, String(Name));
  // A Value without an Operator means equality (Filter API).
  switch (Operator ?? "Equals") {
    case "Exists":
      return held.length > 0;
    case "NotExists":
      return held.length === 0;
    case "NotEquals":
      return !held.some((one) => same(one, String(Value)));
    default:
      return held.some((one) => tests[Operator ?? "Equals"]!(one, String(Value)));
  }
}

/** One element of the list must pass all filters, whose names begin with the list's. */
function passesNested(record: Members, { NestedPropertyName, Filters }: Members): boolean {
  const list = record[NestedPropertyName];
  const prefix = `${NestedPropertyName}.`;
  return (
    Array.isArray(list) &&
    list.some((element) =>
      (Filters as Members[]).every((filter) =>
        passes(element, { ...filter, Name: String(filter.Name).replace(prefix, "") }),
      ),
    )
  );
}

/**
 * The values of a property: `TrainingJobName`, `Tags.<key>`, `Metrics.<name>`, `HyperParameters.<name>`, or a path into
 * the description.
 */
export function valuesAt(record: unknown, path: string): unknown[] {
  if (record === undefined || record === null) return [];
  if (path === "") return Array.isArray(record) ? record : [record];
  if (Array.isArray(record)) return record.flatMap((element) => valuesAt(element, path));
  if (typeof record !== "object" || record instanceof Date) return [];
  const members = record as Members;
  if (path.startsWith("Tags."))
    return ((members.Tags ?? []) as Members[])
      .filter(({ Key }) => Key === path.slice("Tags.".length))
      .map(({ Value }) => Value as unknown);
  if (path.startsWith("Metrics."))
    return ((members.FinalMetricDataList ?? []) as Members[])
      .filter(({ MetricName }) => MetricName === path.slice("Metrics.".length))
      .map(({ Value }) => Value as unknown);
  // Keys of maps may hold dots themselves.
  if (path in members) return valuesAt(members[path], "");
  const dot = path.indexOf(".");
  return dot < 0 ? [] : valuesAt(members[path.slice(0, dot)], path.slice(dot + 1));
}

function same(held: unknown, wanted: string): boolean {
  if (held instanceof Date) return held.getTime() === Date.parse(utc(wanted));
  if (typeof held === "number") return held === Number(wanted);
  return typeof held === "object" ? JSON.stringify(held) === wanted : String(held) === wanted;
}

/** Numbers and instants; hyperparameters are text that may hold a number. */
function comparable(held: unknown): number | undefined {
  if (held instanceof Date) return held.getTime();
  if (typeof held === "number") return held;
  return typeof held === "string" && held.trim() !== "" && Number.isFinite(Number(held)) ? Number(held) : undefined;
}

function wantedNumber(held: unknown, wanted: string): number | undefined {
  const number = held instanceof Date ? Date.parse(utc(wanted)) : Number(wanted);
  return Number.isNaN(number) ? undefined : number;
}

/** `YYYY-mm-dd'T'HH:MM:SS` without a zone is UTC. */
function utc(time: string): string {
  return /(Z|[+-]\d\d:?\d\d)$/.test(time) ? time : `${time}Z`;
}
