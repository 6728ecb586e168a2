import { commonMatches, exampleOf, matches, probe } from "./glob";
import { list, type Many, type Statement } from "./model";
import { isCallerControlled } from "./request-context";

/** More resources and contexts than these are not tried for one precondition. */
const maxResources = 24;
const maxContexts = 6_000;
/** Of more values than these not every choice is tried. */
const maxSubsets = 5;

/** A resource pattern with the values of its variables; undefined where one has none. */
function withVariables(pattern: string, context: Readonly<Record<string, readonly string[]>>): string | undefined {
  let missing = false;
  const text = pattern.replace(
    /\$\{\s*([^},]+?)\s*(?:,\s*'([^']*)'\s*)?\}/g,
    (_all, key: string, fallback: string | undefined) => {
      if (/^[*?$]$/.test(key)) return "x";
      const values = context[key.toLowerCase()];
      if (values?.length === 1) return values[0]!;
      if (fallback === undefined) missing = true;
      return fallback ?? "";
    },
  );
  return missing ? undefined : text;
}

interface ResourceLimits {
  readonly allows: readonly Statement[];
  readonly bounds: readonly Statement[];
  readonly denies: readonly Statement[];
}

/**
 * Resources to try: what the pattern has in common with each Allow, with what the boundary allows, and with what Denies
 * spare (`NotResource`), alone and together.
 */
export function resourcesFor(
  pattern: string,
  { allows, bounds, denies }: ResourceLimits,
  context: Readonly<Record<string, readonly string[]>>,
): string[] {
  if (!/[*?]/.test(pattern)) return [pattern];
  const known = (patterns: Many | undefined): string[] =>
    list(patterns).flatMap((one) => withVariables(one, context) ?? []);
  const allowed = allows.flatMap(({ Resource }) => (Resource ? known(Resource) : ["*"]));
  const spared = denies.filter(({ NotResource }) => NotResource).map(({ NotResource }) => known(NotResource));
  const within = bounds.flatMap(({ Resource }) => known(Resource)).filter((one) => one !== "*");
  if (within.length > 0) spared.push([...new Set(within)]);
  const found = new Set<string>();
  const add = (...patterns: readonly string[]): void => {
    for (const text of commonMatches(pattern, ...patterns)) found.add(text);
  };
  for (const one of new Set(allowed)) {
    add(one);
    for (const mix of mixes(spared)) add(one, ...mix);
  }
  found.add(exampleOf(pattern));
  return [...found].slice(0, maxResources);
}

/**
 * One of each list at a time, for every choice of lists: what several Denies spare at once. More than four lists are
 * taken one by one.
 */
function mixes(lists: readonly (readonly string[])[]): string[][] {
  if (lists.length > 4) return lists.flatMap((one) => one.map((text) => [text]));
  return lists
    .reduce<string[][]>((all, one) => [...all, ...all.flatMap((mix) => one.map((text) => [...mix, text]))], [[]])
    .filter((mix) => mix.length > 0);
}

/** Whether no choice can help: a Deny without conditions, or no Allow where one is needed. */
export function cannotBeAllowed(
  resource: string,
  { own, bounds, grants }: { own: readonly Statement[]; bounds: readonly Statement[]; grants: readonly Statement[] },
  bounded: boolean,
  context: Readonly<Record<string, readonly string[]>>,
): boolean {
  const covers = (statement: Statement): boolean => mayCover(statement, resource, context);
  const always = (statement: Statement): boolean =>
    statement.Effect === "Deny" &&
    !statement.Condition &&
    !statement.NotResource &&
    list(statement.Resource).some((pattern) => !pattern.includes("${") && matches(pattern, resource));
  if (own.some(always) || bounds.some(always)) return true;
  if (grants.length > 0) return false;
  const allows = (statement: Statement): boolean => statement.Effect === "Allow" && covers(statement);
  return !own.some(allows) || (bounded && !bounds.some(allows));
}

export function mayCover(
  statement: Statement,
  resource: string,
  context: Readonly<Record<string, readonly string[]>>,
): boolean {
  if (statement.NotResource || !statement.Resource) return true;
  return list(statement.Resource).some((pattern) => {
    const known = withVariables(pattern, context);
    return known === undefined || matches(known.replace(/(^arn:[^:]*:[^:]*):\*$/, "$1:*"), resource);
  });
}

/**
 * Every choice of the keys that the statements' conditions name: absent, each value they name, and one that none names.
 */
export function* contextsFor(
  statements: readonly Statement[],
  fixed: Readonly<Record<string, readonly string[]>>,
  freeTags: boolean,
): Generator<Record<string, readonly string[]>> {
  const sets = new Set<string>();
  const options = new Map<string, Map<string, readonly string[] | undefined>>();
  for (const { Condition } of statements)
    for (const [operator, keys] of Object.entries(Condition ?? {}))
      for (const [name, values] of Object.entries(keys)) {
        const key = name.toLowerCase();
        if (key in fixed || !(isCallerControlled(key) || (freeTags && /:resourcetag\//.test(key)))) continue;
        let known = options.get(key);
        if (!known) options.set(key, (known = new Map([["", undefined]])));
        for (const value of valuesFor(operator, values, fixed)) known.set(JSON.stringify(value), value);
        // A tag has one value; what is compared as a set may have several at once.
        if (/^for(any|all)values?:/i.test(operator) && !key.startsWith("aws:requesttag/")) sets.add(key);
      }
  for (const key of sets)
    for (const several of subsets([...options.get(key)!.values()]))
      options.get(key)!.set(JSON.stringify(several), several);
  const keys = [...options.keys()];
  const values = keys.map((key) => [...options.get(key)!.values()]);
  let left = maxContexts;
  const walk = function* (
    at: number,
    context: Record<string, readonly string[]>,
  ): Generator<Record<string, readonly string[]>> {
    if (left <= 0) return;
    if (at === keys.length) {
      left -= 1;
      yield context;
      return;
    }
    for (const value of values[at]!)
      yield* walk(at + 1, value === undefined ? context : { ...context, [keys[at]!]: value });
  };
  yield* walk(0, { ...fixed });
}

function valuesFor(
  operator: string,
  values: Many,
  fixed: Readonly<Record<string, readonly string[]>>,
): (readonly string[])[] {
  const plain = operator
    .toLowerCase()
    .replace(/^(foranyvalue|forallvalues):/, "")
    .replace(/ifexists$/, "");
  if (plain === "null") return [[probe]];
  if (plain === "bool") return [["true"], ["false"]];
  const named = list(values).flatMap((value) => withVariables(value, fixed) ?? []);
  if (plain.startsWith("numeric"))
    return named.flatMap((value) => [[value], [String(Number(value) - 1)], [String(Number(value) + 1)]]);
  if (plain.startsWith("date"))
    return named.flatMap((value) => [[value], ["1970-01-02T00:00:00Z"], ["2999-01-01T00:00:00Z"]]);
  if (plain.endsWith("ipaddress")) return [...named.map((value) => [value.replace(/\/.*$/, "")]), ["203.0.113.9"]];
  if (plain.startsWith("binary")) return named.map((value) => [value]);
  const other = plain.startsWith("arn") ? "arn:aws:iam::999999999999:role/probe" : probe;
  const patterns = plain.endsWith("like") || plain.startsWith("arn");
  const texts = named.map((value) => [patterns ? exampleOf(value) : value]);
  return [...texts, [other]];
}

/** Several values at once: every choice of the single ones where they are few, else all of them. */
function subsets(values: readonly (readonly string[] | undefined)[]): string[][] {
  const single = [...new Set(values.flatMap((value) => (value?.length === 1 ? value : [])))];
  if (single.length > maxSubsets) return [single, single.filter((value) => value !== probe)];
  return single
    .reduce<string[][]>((all, value) => [...all, ...all.map((some) => [...some, value])], [[]])
    .filter(({ length }) => length > 1);
}
