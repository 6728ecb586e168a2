import { requestEdges } from "./edges";
import type { RequestEdge } from "./edges/edge";
import {
  type Asset,
  type DerivedEdge,
  type Fact,
  type FactPattern,
  keyOf,
  type Role,
  type Session,
  sessionOf,
  type World,
} from "./model";
import { assumableRoles } from "./assume-role";
import { firstAllowedAlternative } from "./preconditions";
import type { AllowedRequest, Evaluator } from "./evaluator";
import { Postconditions } from "./postconditions";
import { type Reach, sessionsIn, type Step } from "./reach";

interface Edge {
  readonly fact: Fact;
  readonly edge: string;
  readonly requests: readonly AllowedRequest[];
}

/**
 * Searches a world for what can be reached, step by step: in each round everything follows that one more step gives,
 * until nothing new does. Facts are only ever added, so the first derivation of a fact is one of the fewest rounds.
 * What a session may do is asked once, whoever holds it.
 */
export class Search {
  private readonly edges = new Map<string, readonly Edge[]>();
  private readonly postconditions: Postconditions;
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
    this.postconditions = new Postconditions(world, evaluator, this.rolesByArn);
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
        this.postconditions.factsOf(postcondition, session, asset, requests).map((fact) => ({
          fact,
          edge: edge.name,
          requests,
        })),
      );
    });
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
