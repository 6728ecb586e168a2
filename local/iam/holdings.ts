import type { NamedPolicy, PolicySet } from "./evaluate";
import { awsManagedPolicies } from "./managed";
import { compilePolicy } from "./policy";
import type { Principal } from "./principal";
import type { IamRecords, PolicyHolder, PolicyRecords, Tags } from "./records";

/** The role or user behind a principal, as long as it is still the same one (a name made again has a new id). */
function holderOf(records: PolicyRecords, principal: Principal): PolicyHolder | undefined {
  if (principal.type === "role" && principal.roleArn) {
    const role = records.roles.get(lastPart(principal.roleArn));
    return role && principal.id.startsWith(`${role.id}:`) ? role : undefined;
  }
  if (principal.type !== "user") return undefined;
  const user = records.users.get(lastPart(principal.arn));
  return user?.id === principal.id ? user : undefined;
}

/** Tags that `aws:PrincipalTag/…` sees: session tags win over the role's own. */
export function principalTags(records: PolicyRecords, principal: Principal): Tags {
  return { ...holderOf(records, principal)?.tags, ...principal.tags };
}

/** The text of a managed policy's default version, AWS's own included; undefined when there is no such policy. */
export function managedPolicyText(records: PolicyRecords, arn: string): string | undefined {
  const own = records.policies.get(arn);
  if (own) return own.versions.find((version) => version.id === own.defaultVersion)?.document;
  return awsManagedPolicies.get(arn)?.document;
}

/** All identity policies of a role, user or group: inline, attached, and for users those of their groups. */
export function identityPolicies(records: PolicyRecords, holder: PolicyHolder): NamedPolicy[] {
  const own = [
    ...Object.entries(holder.inline).map(([name, text]) => ({ name, policy: compilePolicy(text, "identity") })),
    ...holder.attached.flatMap((arn) => managed(records, arn) ?? []),
  ];
  const groups = "groups" in holder ? (holder.groups as readonly string[]) : [];
  return [
    ...own,
    ...groups.flatMap((name) => (records.groups.has(name) ? identityPolicies(records, records.groups.get(name)!) : [])),
  ];
}

/**
 * A deny of everything stands in for a boundary that no longer exists: without its text nothing can be allowed by it.
 */
const nothing = JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Deny", Action: "*", Resource: "*" }] });

/** The service control policies over the account, by level; undefined where it is in no organisation. */
export function serviceControlOf(records: PolicyRecords): NonNullable<PolicySet["serviceControl"]> | undefined {
  if (records.serviceControl.size === 0) return undefined;
  return [...records.serviceControl.entries()]
    .sort(([one], [other]) => Number(one) - Number(other))
    .map(([, policies]) =>
      Object.entries(policies).map(([name, text]) => ({ name, policy: compilePolicy(text, "identity") })),
    );
}

export function boundaryOf(records: PolicyRecords, holder: PolicyHolder): NamedPolicy | undefined {
  if (!holder.boundary) return undefined;
  return managed(records, holder.boundary) ?? { name: holder.boundary, policy: compilePolicy(nothing, "identity") };
}

type OwnPolicies = Pick<PolicySet, "identity" | "boundary" | "serviceControl">;

/** Collects a principal's policies, as far as they are seen, and keeps them until something else is. */
export class Holdings {
  private readonly byHolder = new Map<string, OwnPolicies>();
  private readonly bySession = new WeakMap<readonly string[], readonly NamedPolicy[]>();
  private revision = -1;

  private readonly seen: PolicyRecords;

  constructor(private readonly records: IamRecords) {
    this.seen = records.seen;
  }

  /** The caller's own policies; the resource's are for the authoriser to add. */
  policySet(principal: Principal): PolicySet {
    const own = this.ownPolicies(holderOf(this.seen, principal));
    if (!principal.sessionPolicies) return own;
    return { ...own, session: this.sessionPolicies(principal.sessionPolicies) };
  }

  private sessionPolicies(texts: readonly string[]): readonly NamedPolicy[] {
    let session = this.bySession.get(texts);
    if (!session)
      this.bySession.set(
        texts,
        (session = texts.map((text) => ({ name: "session policy", policy: compilePolicy(text, "identity") }))),
      );
    return session;
  }

  /** @param holder undefined for the root user, and for those who are gone. */
  private ownPolicies(holder: PolicyHolder | undefined): OwnPolicies {
    if (this.revision !== this.records.revision) this.byHolder.clear();
    this.revision = this.records.revision;
    const arn = holder?.arn ?? "";
    let own = this.byHolder.get(arn);
    if (!own) this.byHolder.set(arn, (own = this.collect(holder)));
    return own;
  }

  private collect(holder: PolicyHolder | undefined): OwnPolicies {
    // Service control policies do not reach service-linked roles (Organizations user guide).
    const linked = holder !== undefined && "linkedTo" in holder && holder.linkedTo !== undefined;
    const serviceControl = linked ? undefined : serviceControlOf(this.seen);
    if (!holder) return { identity: [], serviceControl };
    return { identity: identityPolicies(this.seen, holder), boundary: boundaryOf(this.seen, holder), serviceControl };
  }
}

function managed(records: PolicyRecords, arn: string): NamedPolicy | undefined {
  const text = managedPolicyText(records, arn);
  return text === undefined ? undefined : { name: arn, policy: compilePolicy(text, "identity") };
}

function lastPart(arn: string): string {
  return arn.slice(arn.lastIndexOf("/") + 1);
}
