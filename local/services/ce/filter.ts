import type { Expression, GroupDefinition } from "@aws-sdk/client-cost-explorer";
import { costChecks } from "../../checks/costs";
import type { Validated } from "../../operation";
import type { Line } from "./bill";

type Test = (line: Line) => boolean;

/** By what usage here can be told apart. */
const filterable = new Set([
  "SERVICE",
  "USAGE_TYPE",
  "OPERATION",
  "INSTANCE_TYPE",
  "LINKED_ACCOUNT",
  "REGION",
  "RECORD_TYPE",
]);
/** GetCostAndUsage groups by all of them but the Region. */
const groupable = new Set([...filterable].filter((name) => name !== "REGION"));

/**
 * Cost Explorer's expression as a test of a line; everything passes where there is none.
 * @throws AwsError
 */
export function testOf(expression: Validated<Expression> | undefined): Test {
  if (!expression) return () => true;
  const { And: and, Or: or, Not: not, Dimensions: dimensions, Tags: tags, ...others } = expression;
  const [unknown] = Object.keys(others);
  if (unknown) throw costChecks.filterKey(unknown);
  const given = [and, or, not, dimensions, tags].filter((part) => part !== undefined);
  if (given.length !== 1 || (and ?? or ?? [not, not]).length < 2) throw costChecks.filterOne();
  if (and) {
    const tests = and.map(testOf);
    return (line) => tests.every((test) => test(line));
  }
  if (or) {
    const tests = or.map(testOf);
    return (line) => tests.some((test) => test(line));
  }
  if (not) {
    const test = testOf(not);
    return (line) => !test(line);
  }
  if (tags) {
    const { Key: key = "", Values: values = [], MatchOptions: options = [] } = tags;
    if (options.includes("ABSENT")) return (line) => line.tags[key] === undefined;
    equality(options);
    return (line) => values.includes(line.tags[key] ?? "");
  }
  const { Key: key = "", Values: values = [], MatchOptions: options = [] } = dimensions!;
  if (!filterable.has(key)) throw costChecks.filterKey(key);
  equality(options);
  return (line) => values.includes(line.dimensions[key]!);
}

function equality(options: readonly string[]): void {
  const other = options.find((option) => option !== "EQUALS" && option !== "CASE_SENSITIVE");
  if (other) throw costChecks.filterMatch(other);
}

/**
 * The keys of a line's group, in the order of the definitions: a dimension's value, or `<tag>$<value>`, with nothing
 * behind the dollar where the tag is missing.
 * @throws AwsError
 */
export function keysBy(groups: readonly Validated<GroupDefinition>[]): (line: Line) => string[] {
  if (groups.length > 2) throw costChecks.groupCount();
  const each = groups.map(({ Type: type, Key: key = "" }) => {
    if (type === "TAG") return (line: Line) => `${key}$${line.tags[key] ?? ""}`;
    if (type !== "DIMENSION" || !groupable.has(key)) throw costChecks.groupKey(key);
    return (line: Line) => line.dimensions[key]!;
  });
  return (line) => each.map((of) => of(line));
}
