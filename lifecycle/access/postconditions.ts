import type { Postcondition } from "./edges/edge";
import type { AllowedRequest, Evaluator } from "./evaluator";
import {
  allowEverything,
  type Asset,
  type Fact,
  personSession,
  type Role,
  type Session,
  sessionOf,
  type World,
} from "./model";
import { findAllowedRequest } from "./requests";

/**
 * What holds once the requests of an edge were allowed: capabilities over the asset, and sessions of those whom the
 * edge makes one.
 */
export class Postconditions {
  constructor(
    private readonly world: World,
    private readonly evaluator: Evaluator,
    private readonly rolesByArn: ReadonlyMap<string, Role>,
  ) {}

  /** @param requests that were allowed to the session about the asset. */
  factsOf(postcondition: Postcondition, session: Session, asset: Asset, requests: readonly AllowedRequest[]): Fact[] {
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
