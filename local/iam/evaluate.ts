import type { Lookup } from "./pattern";
import { maxIndexedActions, type CompiledPolicy, type CompiledStatement } from "./policy";
import type { Principal } from "./principal";
import { namingOf, type Naming } from "./principals";

/** A policy under the name it is attached by: an ARN, an inline policy's name, `session policy`. */
export interface NamedPolicy {
  readonly name: string;
  readonly policy: CompiledPolicy;
}

/** All policies that have a say on one request. */
export interface PolicySet {
  readonly identity: readonly NamedPolicy[];
  readonly boundary?: NamedPolicy;
  /** Present (even when empty) only for sessions that were made with session policies. */
  readonly session?: readonly NamedPolicy[];
  readonly resource?: NamedPolicy;
  /** Service control policies by level (organisation root, units, account); every level must allow. */
  readonly serviceControl?: readonly (readonly NamedPolicy[])[];
  /** Of the VPC endpoint that the request came through: must allow, whoever calls. */
  readonly endpoint?: NamedPolicy;
}

/** One question to the evaluator. */
export interface Question {
  readonly action: string;
  readonly resource: string;
  readonly principal: Principal;
  readonly lookup: Lookup;
  /** The account that owns the resource; the caller's own where it is left out. */
  readonly resourceAccount?: string;
  /** The resource's policy must allow, whatever the identity policies say: role trust policies, key policies. */
  readonly resourceMustAllow?: boolean;
}

export type PolicyLayer = "service-control" | "resource" | "identity" | "boundary" | "session" | "endpoint";

/** The verdict, and which statement of which policy gave it. */
export interface Decision {
  readonly allowed: boolean;
  /** The layer that decided: the one that denies, or the one that grants. `root` is the account's root user. */
  readonly layer: PolicyLayer | "root";
  /** Denied by a Deny statement, not for want of an Allow. */
  readonly explicit: boolean;
  readonly policy?: string;
  readonly statement?: string;
}

interface Hit {
  readonly policy: string;
  readonly statement: CompiledStatement;
}

/** What one layer says: a Deny that applies, else the first Allow that applies. */
interface Voice {
  readonly deny?: Hit;
  readonly allow?: Hit;
  readonly naming?: Naming;
}

const strength: Readonly<Record<Naming, number>> = { direct: 3, role: 2, account: 1 };
const silent: Voice = {};

/**
 * AWS's evaluation logic: an explicit Deny anywhere wins; service control policies must allow; a resource-based policy
 * of the same account may grant on its own (not limited by boundary and session policies unless it names only the
 * role); else identity, boundary and session policies must all allow. Across accounts the resource's policy *and* the
 * caller's own must allow. What comes through a VPC endpoint must be allowed by its policy as well.
 */
export function evaluate(question: Question, policies: PolicySet): Decision {
  const action = question.action.toLowerCase();
  const { principal } = question;
  const hear = (list: readonly NamedPolicy[] | NamedPolicy | undefined): Voice =>
    list ? voiceOf(list, action, question) : silent;

  const levels = principal.type === "service" ? [] : (policies.serviceControl ?? []).map(hear);
  const resource = policies.resource
    ? resourceVoice(policies.resource, action, question, policies.boundary !== undefined)
    : silent;
  const endpoint = policies.endpoint
    ? resourceVoice(policies.endpoint, action, question, policies.boundary !== undefined)
    : silent;
  const identity = hear(policies.identity);
  const boundary = hear(policies.boundary);
  const session = hear(policies.session);
  for (const level of levels) if (level.deny) return denied("service-control", level.deny);
  if (endpoint.deny) return denied("endpoint", endpoint.deny);
  if (policies.endpoint && !endpoint.allow) return denied("endpoint");
  if (resource.deny) return denied("resource", resource.deny);
  if (identity.deny) return denied("identity", identity.deny);
  if (boundary.deny) return denied("boundary", boundary.deny);
  if (session.deny) return denied("session", session.deny);
  if (levels.some((level) => !level.allow)) return denied("service-control");

  const sameAccount = (question.resourceAccount ?? principal.accountId) === principal.accountId;
  if (resource.naming === undefined && (question.resourceMustAllow || !sameAccount || principal.type === "service"))
    return denied("resource");
  if (principal.type === "service") return granted("resource", resource.allow!);
  if (principal.type === "root") return { allowed: true, layer: "root", explicit: false };
  if (sameAccount && resource.naming === "direct") return granted("resource", resource.allow!);
  const byRole = sameAccount && resource.naming === "role";
  if (!byRole && !identity.allow) return denied("identity");
  if (policies.boundary && !boundary.allow) return denied("boundary");
  if (policies.session && !session.allow) return denied("session");
  return byRole ? granted("resource", resource.allow!) : granted("identity", identity.allow!);
}

function voiceOf(list: readonly NamedPolicy[] | NamedPolicy, action: string, question: Question): Voice {
  const { denies, allows } = hitsOf(list, action);
  const deny = first(denies, question);
  if (deny) return { deny };
  const allow = first(allows, question);
  return allow ? { allow } : silent;
}

interface Hits {
  readonly denies: readonly Hit[];
  readonly allows: readonly Hit[];
}

/** The statements of all policies of a list that speak of an action, kept as long as the list lives. */
const hitsByList = new WeakMap<readonly NamedPolicy[] | NamedPolicy, Map<string, Hits>>();

function hitsOf(list: readonly NamedPolicy[] | NamedPolicy, action: string): Hits {
  let byAction = hitsByList.get(list);
  if (!byAction) hitsByList.set(list, (byAction = new Map<string, Hits>()));
  const known = byAction.get(action);
  if (known) return known;
  const of = (effect: "denies" | "allows"): Hit[] =>
    [list]
      .flat()
      .flatMap(({ name, policy }) =>
        policy.statementsOf(action)[effect].map((statement) => ({ policy: name, statement })),
      );
  const hits = { denies: of("denies"), allows: of("allows") };
  if (byAction.size < maxIndexedActions) byAction.set(action, hits);
  return hits;
}

function first(hits: readonly Hit[], { resource, lookup }: Question): Hit | undefined {
  for (const hit of hits)
    if (hit.statement.matchesResource(resource, lookup) && hit.statement.holds(lookup)) return hit;
  return undefined;
}

function resourceVoice({ name, policy }: NamedPolicy, action: string, question: Question, bounded: boolean): Voice {
  const applies = (statement: CompiledStatement): boolean =>
    statement.matchesResource(question.resource, question.lookup) && statement.holds(question.lookup);
  const { denies, allows } = policy.statementsOf(action);
  const deny = denies.find((statement) => namingOf(statement, question.principal, bounded) && applies(statement));
  if (deny) return { deny: { policy: name, statement: deny } };
  let best: Voice = silent;
  for (const statement of allows) {
    const naming = namingOf(statement, question.principal, bounded);
    if (!naming || (best.naming && strength[best.naming] >= strength[naming]) || !applies(statement)) continue;
    best = { allow: { policy: name, statement }, naming };
  }
  return best;
}

function denied(layer: PolicyLayer, hit?: Hit): Decision {
  return { allowed: false, layer, explicit: hit !== undefined, policy: hit?.policy, statement: hit?.statement.label };
}

function granted(layer: PolicyLayer, hit: Hit): Decision {
  return { allowed: true, layer, explicit: false, policy: hit.policy, statement: hit.statement.label };
}
