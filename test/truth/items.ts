import type { Properties } from "../../local/provider/values";
import type { Deployed } from "./deployment";

/**
 * One thing that a policy document lets somebody do: a statement, or one value of a list in it that stands for a
 * service, a pattern or a role.
 */
export interface Item {
  /** `AlertsReachTopics`, `AlertsReachTopics events`. */
  readonly name: string;
  readonly without: (inputs: Properties) => Properties;
}

interface Statement {
  readonly Sid: string;
  readonly Effect: string;
  readonly Principal?: string | Readonly<Record<string, string | readonly string[]>>;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}
interface Document {
  readonly Statement: readonly Statement[];
}

/** A statement in place of another that allows nothing: a document needs one. */
const nothing = (before: Statement): Statement => ({
  ...before,
  Effect: "Deny",
  Condition: { StringEquals: { "aws:PrincipalAccount": "000000000000" } },
});

/**
 * All that a resource's policy allows, piece by piece. What it denies is asked for elsewhere: without a denial
 * something works that should not.
 */
export function itemsOf({ inputs }: Deployed): Item[] {
  const { Statement } = documentOf(inputs);
  return Statement.filter(({ Effect }) => Effect === "Allow").flatMap((statement) => {
    const { Sid } = statement;
    const lists = [
      ...valuesOf(statement.Principal),
      ...Object.values(statement.Condition ?? {}).flatMap(valuesOf),
    ].filter((values) => values.length > 1);
    if (lists.length === 0)
      return [
        { name: Sid, without: (given: Properties) => changed(given, (all) => all.filter((one) => one.Sid !== Sid)) },
      ];
    return lists.flat().map((value) => ({
      name: `${Sid} ${short(value)}`,
      without: (given: Properties) =>
        changed(given, (all) => all.map((one) => (one.Sid === Sid ? (withoutValue(one, value) as Statement) : one))),
    }));
  });
}

const valuesOf = (of: Statement["Principal"]): string[][] =>
  of === undefined || typeof of === "string" ? [] : Object.values(of).map((values) => [values].flat() as string[]);

/** `s3.eu-central-1.amazonaws.com` is `s3`, of an ARN the last part. */
const short = (value: string): string =>
  value.replace(/(\.[a-z]+-[a-z]+-\d)?\.amazonaws\.com$/, "").replace(/^arn:.*:/, "");

function withoutValue(of: unknown, value: string): unknown {
  if (Array.isArray(of)) return of.length > 1 ? of.filter((one) => one !== value) : of;
  if (typeof of !== "object" || of === null) return of;
  return Object.fromEntries(Object.entries(of).map(([key, one]) => [key, withoutValue(one, value)]));
}

function documentOf({ policy }: Properties): Document {
  return JSON.parse(policy as string) as Document;
}

function changed(inputs: Properties, to: (statements: readonly Statement[]) => readonly Statement[]): Properties {
  const document = documentOf(inputs);
  const Statement = to(document.Statement);
  return {
    ...inputs,
    policy: JSON.stringify({
      ...document,
      Statement: Statement.length > 0 ? Statement : [nothing(document.Statement[0]!)],
    }),
  };
}
