import { requestEdges } from "./edges";
import type { RequestEdge } from "./edges/edge";
import {
  type Asset,
  type DerivedEdge,
  allowEverything,
  type Fact,
  type FactPattern,
  keyOf,
  personSession,
  type Role,
  type Session,
  sessionOf,
  type World,
} from "./model";
import { assumableRoles } from "./assume-role";
import { firstAllowedAlternative } from "./preconditions";
import { type AllowedRequest, type Evaluator, findAllowedRequest } from "./requests";

/** How a fact was reached: from which facts, by which edge, and what allowed it. */
export interface Step {
  readonly fact: Fact;
  readonly edge: string;
  /** Keys of the facts it follows from; empty for what somebody starts with. */
  readonly from: readonly string[];
  /** Requests that were allowed, with the statements that allow them; empty for derived edges. */
  readonly requests: readonly AllowedRequest[];
  /** Why the postcondition of a derived edge follows. */
  readonly why?: string;
}

/** All that somebody reaches, each with its shortest derivation: steps by the key of their fact. */
export type Reach = ReadonlyMap<string, Step>;

interface Edge {
  readonly fact: Fact;
  readonly edge: string;
  readonly requests: readonly AllowedRequest[];
}

/**
 * Searches a world for what can be reached, step by step: in each round everything follows that one more step gives, until nothing new does. Facts are
 * only ever added, so the first derivation of a fact is one of the fewest rounds. What a session may do is asked once, whoever holds it.
 */
export class Search {
  private readonly edges = new Map<string, readonly Edge[]>();
  private readonly assetsById: ReadonlyMap<string, Asset>;
  private readonly rolesByArn: ReadonlyMap<string, Role>;
  private readonly inside = new Map<string, Asset[]>();
  private readonly derivedByFact = new Map<string, DerivedEdge[]>();
  private readonly edgesByTarget = new Map<string, RequestEdge[]>();

  constructor(
    readonly world: World,
    private readonly evaluator: Evaluator,
  ) {
    this.assetsById = new Map(world.assets.map((asset) => [asset.id, asset]));
    this.rolesByArn = new Map(world.roles.map((role) => [role.arn, role]));
    for (const asset of world.assets)
      if (asset.within) this.inside.set(asset.within, [...(this.inside.get(asset.within) ?? []), asset]);
    for (const derived of world.derivedEdges) for (const pattern of derived.preconditions) this.index(pattern, derived);
    for (const edge of requestEdges)
      for (const kind of edge.targets) this.edgesByTarget.set(kind, [...(this.edgesByTarget.get(kind) ?? []), edge]);
  }

  /** The session of a role of the world, as a starting point. */
  start(roleArn: string, identity?: string): Session {
    const role = this.rolesByArn.get(roleArn);
    if (!role) throw new Error(`the world has no role ${roleArn}`);
    return sessionOf(role, { identity });
  }

  reach(starts: readonly Session[]): Reach {
    const found = new Map<string, Step>();
    let fresh: Step[] = [];
    const add = (step: Step, to: Step[]): void => {
      const key = keyOf(step.fact);
      if (found.has(key)) return;
      found.set(key, step);
      to.push(step);
    };
    for (const session of starts) add({ fact: { kind: "as", session }, edge: "start", from: [], requests: [] }, fresh);
    while (fresh.length > 0) {
      const next: Step[] = [];
      for (const { fact } of fresh) for (const step of this.expand(fact, found)) add(step, next);
      fresh = next;
    }
    return found;
  }

  /** All that one more step gives from a fact, together with what was found before. */
  expand(fact: Fact, found: Reach): Step[] {
    const key = keyOf(fact);
    const steps: Step[] = [...this.derivedFrom(fact, found)];
    if (fact.kind === "as") {
      for (const edge of this.edgesOf(fact.session)) steps.push({ ...edge, from: [key] });
      steps.push(...this.withAddedRights(fact.session, found));
    } else if (fact.kind !== "impact") steps.push(...this.fromCapability(fact.kind, fact.asset, key, found));
    return steps;
  }

  /** What a capability gives, whatever the asset is. */
  private fromCapability(capability: string, asset: Asset, key: string, found: Reach): Step[] {
    const within = (to: "writes" | "reads" | "deletes", edge: string, why: string): Step[] =>
      (this.inside.get(asset.id) ?? []).map((inner) => ({
        fact: { kind: to, asset: inner },
        edge,
        from: [key],
        requests: [],
        why,
      }));
    switch (capability) {
      case "opens":
        return [
          ...within("writes", "use an opening", "its policy is his"),
          ...within("reads", "use an opening", "its policy is his"),
          ...this.opened(asset).map((fact): Step => ({
            fact,
            edge: "use an opening",
            from: [key],
            requests: [],
            why: "its policy is his",
          })),
        ];
      case "silences":
        return within("deletes", "bucket forgets", "its settings are his");
      case "retags":
        return sessionsIn(found).flatMap((session) =>
          this.edgesTo(session, asset, true).map((edge) => ({ ...edge, from: [`as ${session.id}`, key] })),
        );
      case "extends":
      case "unbinds":
      case "writes":
        return sessionsIn(found).flatMap((session) => this.withAddedRights(session, found));
      default:
        return [];
    }
  }

  private opened(asset: Asset): Fact[] {
    switch (asset.kind) {
      case "queue":
      case "topic":
      case "bus":
      case "function":
        return [{ kind: "instructs", asset }];
      case "repository":
        return [{ kind: "writes", asset }];
      case "package-group":
        return [{ kind: "edits", asset }];
      case "key":
        return [{ kind: "signs", asset }];
      default:
        return [];
    }
  }

  /** A session whose role somebody gave rights, or freed of its boundary: it has them too. */
  private withAddedRights(session: Session, found: Reach): Step[] {
    const { role } = session;
    if (!role || session.type !== "role") return [];
    const held = (key: string): string | undefined => (found.has(key) ? key : undefined);
    const policy = (arn: string): string | undefined => held(`writes policy ${arn}`);
    const attached = role.policies.map(({ name }) => policy(name)).find(Boolean);
    const escalated = held(`extends role ${role.arn}`) ?? attached;
    const unbounded = held(`unbinds role ${role.arn}`) ?? (role.boundary ? policy(role.boundary.arn) : undefined);
    if (!escalated && !unbounded) return [];
    const better = sessionOf(role, {
      identity: session.identity,
      mfa: session.mfa,
      escalated: escalated !== undefined,
      unbounded: unbounded !== undefined,
    });
    return [
      {
        fact: { kind: "as", session: better },
        edge: "use added rights",
        from: [`as ${session.id}`, ...[escalated, unbounded].filter((key) => key !== undefined)],
        requests: [],
      },
    ];
  }

  private index(pattern: FactPattern, derived: DerivedEdge): void {
    const key = patternKey(pattern);
    this.derivedByFact.set(key, [...(this.derivedByFact.get(key) ?? []), derived]);
  }

  private derivedFrom(fact: Fact, found: Reach): Step[] {
    const keys = fact.kind === "as" ? [`as ${fact.session.role?.arn ?? fact.session.arn}`] : [keyOf(fact)];
    return keys
      .flatMap((key) => this.derivedByFact.get(key) ?? [])
      .flatMap(({ preconditions, postcondition, edge, why }) => {
        const from = preconditions.map((pattern) => this.holds(pattern, found));
        if (!from.every((key) => key !== undefined)) return [];
        const given = this.factOf(postcondition);
        return given ? [{ fact: given, edge, from, requests: [], why }] : [];
      });
  }

  private holds(pattern: FactPattern, found: Reach): string | undefined {
    if (pattern.kind !== "as") return found.has(patternKey(pattern)) ? patternKey(pattern) : undefined;
    return sessionsIn(found)
      .map((session) => (session.role?.arn === pattern.role ? `as ${session.id}` : undefined))
      .find(Boolean);
  }

  private factOf(pattern: FactPattern): Fact | undefined {
    if (pattern.kind === "impact") return pattern;
    if (pattern.kind === "as") {
      const role = this.rolesByArn.get(pattern.role);
      return role && { kind: "as", session: sessionOf(role, { identity: pattern.identity }) };
    }
    const asset = this.assetsById.get(pattern.asset);
    return asset && { kind: pattern.kind, asset };
  }

  private edgesOf(session: Session): readonly Edge[] {
    let known = this.edges.get(session.id);
    if (!known) {
      known = [
        ...assumableRoles(this.evaluator, session, this.world),
        ...this.world.assets.flatMap((asset) => this.edgesTo(session, asset, false)),
      ];
      this.edges.set(session.id, known);
    }
    return known;
  }

  /** What a session may do about one thing. */
  private edgesTo(session: Session, asset: Asset, freeTags: boolean): Edge[] {
    const role = asset.kind === "role" ? this.rolesByArn.get(asset.arn) : undefined;
    return (this.edgesByTarget.get(asset.kind) ?? []).flatMap((edge) => {
      const requests = firstAllowedAlternative(this.evaluator, edge, session, asset, role, this.world.region, freeTags);
      if (!requests) return [];
      return edge.postconditions.flatMap((postcondition) =>
        this.postconditionsOf(edge, postcondition, session, asset, requests).map((fact) => ({
          fact,
          edge: edge.name,
          requests,
        })),
      );
    });
  }

  private postconditionsOf(
    edge: RequestEdge,
    postcondition: RequestEdge["postconditions"][number],
    session: Session,
    asset: Asset,
    requests: readonly AllowedRequest[],
  ): Fact[] {
    switch (postcondition) {
      case "as it":
        return this.asRole(asset.arn);
      case "as its role":
        return asset.role ? this.asRole(asset.role, asset.parts?.name) : [];
      case "as its owner":
        return this.world.people
          .filter(({ arn }) => arn === asset.arn)
          .map((person) => ({
            kind: "as",
            session: { ...personSession(person), id: `${person.arn}|key`, mfa: false },
          }));
      case "as a new user":
        return [
          {
            kind: "as",
            session: {
              id: `new user in ${asset.account}`,
              arn: `arn:aws:iam::${asset.account}:user/probe`,
              type: "user",
              account: asset.account,
              label: `a new user in ${asset.account}`,
              policies: [allowEverything("added policy")],
              mfa: false,
            },
          },
        ];
      case "as a new role":
        return this.newRoles(session, asset, requests);
      default:
        return [{ kind: postcondition, asset }];
    }
  }

  private asRole(arn: string, identity?: string): Fact[] {
    const role = this.rolesByArn.get(arn);
    return role
      ? [{ kind: "as", session: sessionOf(role, { identity: role.kind === "studio" ? identity : undefined }) }]
      : [];
  }

  /** Roles that a session may create: under no boundary where that is allowed, else under each that is. */
  private newRoles(session: Session, asset: Asset, requests: readonly AllowedRequest[]): Fact[] {
    const boundaries = [
      undefined,
      ...new Map(
        this.world.roles
          .filter(({ account }) => account === asset.account)
          .flatMap(({ boundary }) => (boundary ? [[boundary.arn, boundary] as const] : [])),
      ).values(),
    ];
    const facts: Fact[] = [];
    for (const boundary of boundaries) {
      const arn = requests
        .map(({ resource }) => resource)
        .find((name) => this.mayCreate(session, asset, name, boundary?.arn));
      if (!arn) continue;
      const under = boundary ? `under ${boundary.name}` : "without boundary";
      facts.push({
        kind: "as",
        session: {
          id: `${arn}|${under}`,
          arn,
          type: "role",
          account: asset.account,
          label: `a new role ${arn.slice(arn.lastIndexOf("/") + 1)} ${under}`,
          policies: [allowEverything("added policy")],
          boundary,
          mfa: false,
        },
      });
      if (!boundary) break;
    }
    return facts;
  }

  private mayCreate(session: Session, asset: Asset, arn: string, boundary: string | undefined): boolean {
    const context = { "iam:PermissionsBoundary": boundary ? [boundary] : [] };
    const may = (action: string): boolean =>
      findAllowedRequest(this.evaluator, session, asset, { action, pattern: arn, context }, this.world.region) !==
      undefined;
    return may("iam:CreateRole") && (may("iam:PutRolePolicy") || may("iam:AttachRolePolicy"));
  }
}

function patternKey(pattern: FactPattern): string {
  switch (pattern.kind) {
    case "as":
      return `as ${pattern.role}`;
    case "impact":
      return `impact ${pattern.impact} ${pattern.environment}`;
    default:
      return `${pattern.kind} ${pattern.asset}`;
  }
}

function sessionsIn(found: Reach): Session[] {
  return [...found.values()].flatMap(({ fact }) => (fact.kind === "as" ? [fact.session] : []));
}

/** The steps that lead to a fact, first things first. */
export function chainTo(reach: Reach, key: string): Step[] {
  const chain: Step[] = [];
  const seen = new Set<string>();
  const walk = (one: string): void => {
    if (seen.has(one)) return;
    seen.add(one);
    const step = reach.get(one);
    if (!step) return;
    step.from.forEach(walk);
    chain.push(step);
  };
  walk(key);
  return chain;
}
