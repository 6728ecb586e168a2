import { exampleOf, matches, probe, commonMatches } from "./glob";
import { type Asset, list, type Many, type Policy, type Session, type Statement } from "./model";

/** A question to whoever evaluates policies. */
export interface Request {
  readonly session: Session;
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, readonly string[]>>;
  /** Account of the resource, and its own policy where it has one. */
  readonly resourceAccount: string;
  readonly resourcePolicy?: Policy;
  readonly policyMustAllow?: boolean;
}

/** The answer, with the statement that gave it. */
export interface Verdict {
  readonly allowed: boolean;
  readonly policy?: string;
  readonly statement?: string;
}

/** The port to an IAM evaluator. */
export interface Evaluator {
  decide(request: Request): Verdict;
}

/** A family of requests: an action on resources that match a pattern, with what the precondition prescribes in the context. */
export interface RequestPattern {
  readonly action: string;
  readonly pattern: string;
  readonly context: Readonly<Record<string, readonly string[]>>;
}

/** A request that was allowed. */
export interface AllowedRequest {
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, readonly string[]>>;
  readonly policy: string;
  readonly statement: string;
}

/** More resources and contexts than these are not tried for one precondition. */
const maxResources = 24;
const maxContexts = 6_000;
/** Of more values than these not every choice is tried. */
const maxSubsets = 5;

/**
 * What a caller does not choose: AWS says it of the caller, the session, the thing, or a service's call. Everything else in a request, its tags and
 * parameters before all, is the caller's. The time and the place of a request are too: who waits or travels has them.
 */
const setByAws = [
  /^aws:principal/,
  /^aws:userid$/,
  /^aws:username$/,
  /^aws:sourceidentity$/,
  /^aws:multifactorauth/,
  /^aws:resource/,
  /^aws:source(account|arn|vpc|vpce|org)/,
  /^aws:calledvia/,
  /^aws:viaawsservice$/,
  /^aws:federatedprovider$/,
  /^aws:securetransport$/,
  /^aws:requestedregion$/,
  /^aws:tokenissuetime$/,
  /^[\w-]+:resourcetag\//,
  /^kms:(resourcealiases|calleraccount|grantisforawsresource|keyorigin|keyspec|keyusage)$/,
  /^iam:(passedtoservice|associatedresourcearn)$/,
  /^ec2:role/,
  /^sagemaker:(domainid|userprofilename)$/,
  /^s3:(tlsversion|signatureversion|resourceaccount|existingobjecttag)/,
  /^sts:sourceidentity$/,
];

const chosen = new Map<string, boolean>();
function isCallerControlled(key: string): boolean {
  let known = chosen.get(key);
  if (known === undefined) chosen.set(key, (known = !setByAws.some((pattern) => pattern.test(key))));
  return known;
}

/** Services with one endpoint for all regions (`aws:RequestedRegion`, IAM user guide). */
const globalServices = new Set(["iam", "organizations", "budgets", "ce"]);

/** What AWS puts into every request of a session about a thing. @param freeTags the caller may tag the thing, so its tags are the caller's choice. */
export function awsContext(
  session: Session,
  asset: Asset,
  action: string,
  region: string,
  freeTags = false,
): Record<string, readonly string[]> {
  const context: Record<string, readonly string[]> = {
    "aws:principalarn": [session.arn],
    "aws:principalaccount": [session.account],
    "aws:principaltype": [session.type === "user" ? "User" : "AssumedRole"],
    "aws:multifactorauthpresent": [String(session.mfa)],
    "aws:securetransport": ["true"],
    "s3:tlsversion": ["1.3"],
    "aws:viaawsservice": ["false"],
    "aws:principalisawsservice": ["false"],
    "aws:requestedregion": [globalServices.has(action.slice(0, action.indexOf(":"))) ? "us-east-1" : region],
    "aws:resourceaccount": [asset.account],
    "kms:calleraccount": [session.account],
    "kms:grantisforawsresource": ["false"],
  };
  if (session.identity) context["aws:sourceidentity"] = [session.identity];
  if (session.type === "user") context["aws:username"] = [session.arn.slice(session.arn.lastIndexOf("/") + 1)];
  if (session.role?.kind === "studio" && session.identity) context["sagemaker:userprofilename"] = [session.identity];
  if (session.role?.kind === "studio") context["sagemaker:domainid"] = ["d-probe"];
  const service = action.slice(0, action.indexOf(":"));
  if (!freeTags)
    for (const [name, value] of Object.entries(asset.tags ?? {}))
      for (const prefix of ["aws", service]) context[`${prefix}:resourcetag/${name.toLowerCase()}`] = [value];
  for (const [key, value] of Object.entries(asset.context ?? {})) context[key.toLowerCase()] = list(value);
  return context;
}

/**
 * Finds a request that is allowed: on each resource that the session's own Allow statements and what is asked for have in common, with each choice of what the
 * caller chooses that the statements' conditions tell apart.
 */
export function findAllowedRequest(
  evaluator: Evaluator,
  session: Session,
  asset: Asset,
  asked: RequestPattern,
  region: string,
  freeTags = false,
): AllowedRequest | undefined {
  const action = asked.action;
  const { own, allows, bounds } = relevantStatements(session, action);
  if (allows.length === 0 && !asset.policy) return undefined;
  const ofResource = (asset.policy?.statements ?? []).filter((statement) => appliesTo(statement, action));
  const grants = ofResource.filter(({ Effect }) => Effect === "Allow");
  if (allows.length === 0 && grants.length === 0) return undefined;
  const fixed = { ...awsContext(session, asset, action, region, freeTags), ...lowerKeys(asked.context) };
  const statements = [...own, ...bounds, ...ofResource];
  for (const resource of resourcesFor(
    asked.pattern,
    {
      allows: [...allows, ...grants],
      bounds: bounds.filter(({ Effect }) => Effect === "Allow"),
      denies: statements.filter(({ Effect }) => Effect === "Deny"),
    },
    fixed,
  )) {
    if (cannotBeAllowed(resource, { own, bounds, grants }, session.boundary !== undefined, fixed)) continue;
    const about = statements.filter((statement) => mayCover(statement, resource, fixed));
    for (const context of contextsFor(about, fixed, freeTags)) {
      const verdict = evaluator.decide({
        session,
        action,
        resource,
        context,
        resourceAccount: asset.account,
        resourcePolicy: asset.policy,
        policyMustAllow: asset.policyMustAllow,
      });
      if (verdict.allowed)
        return {
          action,
          resource,
          context: choices(context, fixed),
          policy: verdict.policy ?? "?",
          statement: verdict.statement ?? "?",
        };
    }
  }
  return undefined;
}

function lowerKeys(context: Readonly<Record<string, readonly string[]>>): Record<string, readonly string[]> {
  return Object.fromEntries(Object.entries(context).map(([key, values]) => [key.toLowerCase(), values]));
}

interface RelevantStatements {
  readonly own: readonly Statement[];
  readonly allows: readonly Statement[];
  readonly bounds: readonly Statement[];
}

const relevantBySession = new WeakMap<Session, Map<string, RelevantStatements>>();

/** The statements of a session's policies and boundary that are about an action. */
function relevantStatements(session: Session, action: string): RelevantStatements {
  let byAction = relevantBySession.get(session);
  if (!byAction) relevantBySession.set(session, (byAction = new Map()));
  let known = byAction.get(action);
  if (!known) {
    const own = session.policies.flatMap(({ statements }) =>
      statements.filter((statement) => appliesTo(statement, action)),
    );
    const bounds = (session.boundary?.statements ?? []).filter((statement) => appliesTo(statement, action));
    byAction.set(action, (known = { own, allows: own.filter(({ Effect }) => Effect === "Allow"), bounds }));
  }
  return known;
}

const appliesByStatement = new WeakMap<Statement, Map<string, boolean>>();

/** Whether a statement is about an action. */
function appliesTo(statement: Statement, action: string): boolean {
  let known = appliesByStatement.get(statement);
  if (!known) appliesByStatement.set(statement, (known = new Map()));
  let speaks = known.get(action);
  if (speaks === undefined) {
    const wanted = action.toLowerCase();
    const hit = list(statement.Action ?? statement.NotAction).some((pattern) => matches(pattern.toLowerCase(), wanted));
    known.set(action, (speaks = statement.NotAction ? !hit : hit));
  }
  return speaks;
}

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
 * Resources to try: what the pattern has in common with each Allow, with what the boundary allows, and with what Denies spare (`NotResource`), alone and
 * together.
 */
function resourcesFor(
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

/** One of each list at a time, for every choice of lists: what several Denies spare at once. More than four lists are taken one by one. */
function mixes(lists: readonly (readonly string[])[]): string[][] {
  if (lists.length > 4) return lists.flatMap((one) => one.map((text) => [text]));
  return lists
    .reduce<string[][]>((all, one) => [...all, ...all.flatMap((mix) => one.map((text) => [...mix, text]))], [[]])
    .filter((mix) => mix.length > 0);
}

/** Whether no choice can help: a Deny without conditions, or no Allow where one is needed. */
function cannotBeAllowed(
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

function mayCover(
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

/** Every choice of the keys that the statements' conditions name: absent, each value they name, and one that none names. */
function* contextsFor(
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

function choices(
  context: Readonly<Record<string, readonly string[]>>,
  fixed: Readonly<Record<string, readonly string[]>>,
): Record<string, readonly string[]> {
  return Object.fromEntries(Object.entries(context).filter(([key]) => !(key in fixed)));
}
