import type { Asset, Fact, Session, World } from "./model";
import { sessionOf } from "./model";
import type { AllowedRequest, Evaluator } from "./evaluator";
import { awsContext } from "./request-context";

/** A role that a session can assume. */
export interface AssumedRole {
  readonly fact: Fact;
  readonly edge: "take a role";
  readonly requests: readonly AllowedRequest[];
}

/**
 * Roles that a session may take: its own policies and the role's trust policy decide together. Who has no source
 * identity yet chooses one, or none; who has one keeps it (IAM user guide: it "cannot be changed" and goes on through
 * role chaining). The second factor is of who signs in, and does not go on.
 */
export function assumableRoles(evaluator: Evaluator, session: Session, world: World): AssumedRole[] {
  const names: (string | undefined)[] = session.identity
    ? [session.identity]
    : session.type === "user"
      ? namesFor(session, world)
      : [undefined];
  return world.roles.flatMap((role) => {
    const asset: Asset = {
      id: `trust of ${role.arn}`,
      kind: "role",
      arn: role.arn,
      account: role.account,
      policy: role.trust,
      policyMustAllow: true,
    };
    return names.flatMap((name): AssumedRole[] => {
      const requests = assume(evaluator, session, asset, name, world.region);
      return requests
        ? [{ fact: { kind: "as", session: sessionOf(role, { identity: name }) }, edge: "take a role", requests }]
        : [];
    });
  });
}

/** One's own name first, none, then everybody's. */
function namesFor({ label }: Session, { people }: World): (string | undefined)[] {
  return [...new Set([label, undefined, ...people.map(({ name }) => name)])];
}

function assume(
  evaluator: Evaluator,
  session: Session,
  asset: Asset,
  name: string | undefined,
  region: string,
): AllowedRequest[] | undefined {
  const requests: AllowedRequest[] = [];
  for (const action of name === undefined ? ["sts:AssumeRole"] : ["sts:AssumeRole", "sts:SetSourceIdentity"]) {
    const context = {
      ...awsContext(session, asset, action, region),
      ...(name === undefined ? {} : { "sts:sourceidentity": [name] }),
      "sts:rolesessionname": [name ?? "probe"],
    };
    const {
      allowed,
      policy = "?",
      statement = "?",
    } = evaluator.decide({
      session,
      action,
      resource: asset.arn,
      context,
      resourceAccount: asset.account,
      resourcePolicy: asset.policy,
      policyMustAllow: true,
    });
    if (!allowed) return undefined;
    requests.push({
      action,
      resource: asset.arn,
      context: name === undefined ? {} : { "sts:SourceIdentity": [name] },
      policy,
      statement,
    });
  }
  return requests;
}
