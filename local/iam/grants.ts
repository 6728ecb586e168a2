import { createHash, randomBytes } from "node:crypto";
import type { Call, Requirement } from "../call";
import type { Cloud } from "../cloud";
import type { Members } from "../members";
import type { Table } from "../journal";
import { Propagation, type Seen } from "../propagation";
import type { NamedPolicy } from "./evaluate";
import { type PolicyStatementText, retirementPolicy, statementOf, withStatements } from "./grant-policy";
import type { GrantQuestion, GrantRecord } from "./grant-record";
import { compilePolicy } from "./policy";

/**
 * Grants on keys: rights that live beside the key's policy, until they are retired or revoked. KMS knows a change of
 * them up to five minutes late, and by its token at once (KMS developer guide, "Grants in AWS KMS").
 */
export class KeyGrants {
  private readonly grants: Table<GrantRecord>;
  private readonly seen: Seen<GrantRecord>;

  constructor(private readonly cloud: Cloud) {
    const { table, seen } = new Propagation(cloud.clock, cloud.lags.grantMs).follow(
      cloud.journal.table<GrantRecord>("kms/grants"),
    );
    this.grants = table;
    this.seen = seen;
  }

  add(grant: Omit<GrantRecord, "id" | "token" | "createdMs">): GrantRecord {
    const made = {
      ...grant,
      id: randomBytes(32).toString("hex"),
      token: randomBytes(96).toString("base64url"),
      createdMs: this.cloud.clock.nowMs(),
    };
    this.grants.put(made.id, made);
    return made;
  }

  remove(id: string): void {
    this.grants.delete(id);
  }

  all(): GrantRecord[] {
    return [...this.grants.values()];
  }

  byToken(token: unknown): GrantRecord | undefined {
    return this.all().find((grant) => grant.token === token);
  }

  byId(keyArn: string, id: unknown): GrantRecord | undefined {
    const grant = this.grants.get(String(id));
    return grant?.keyArn === keyArn ? grant : undefined;
  }

  /**
   * What grants add to a key's policy for one question: each that allows it counts as a statement which names its
   * grantee.
   */
  statements(question: GrantQuestion): PolicyStatementText[] {
    if (this.grants.size === 0 && this.seen.size === 0) return [];
    const early = question.tokens.flatMap((token) => this.byToken(token) ?? []);
    const known = new Map(
      [...this.seen.values(), ...early]
        .filter(({ keyArn }) => keyArn === question.keyArn)
        .map((grant) => [grant.id, grant]),
    );
    return [...known.values()]
      .map((grant) => statementOf(grant, question))
      .filter((statement) => statement !== undefined);
  }
}

/** Of a grant that is not there. */
const nobody = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Deny", Principal: "*", Action: "kms:RetireGrant", Resource: "*" }],
});

/** A key's policy with what its grants add for one requirement; who may retire a grant is told by the grant alone. */
export function policyWithGrants(
  cloud: Cloud,
  policy: NamedPolicy,
  { action, resource, context = {}, grantTokens = [] }: Requirement,
  input: Members,
  { service, operation, principal }: Call,
): NamedPolicy {
  const grants = keyGrants(cloud);
  if (action === "kms:RetireGrant") {
    const grant =
      input.GrantToken === undefined ? grants.byId(resource, input.GrantId) : grants.byToken(input.GrantToken);
    return {
      name: policy.name,
      policy: compilePolicy(grant ? retirementPolicy(grant, cloud.accountId) : nobody, "resource"),
    };
  }
  const constraints =
    service === "kms" && operation === "CreateGrant" ? (input.Constraints as Members | undefined) : undefined;
  const statements = grants.statements({
    action,
    keyArn: resource,
    context,
    tokens: grantTokens,
    constraints,
    sourceArn: principal.sourceArn,
  });
  return statements.length === 0
    ? policy
    : { name: policy.name, policy: compilePolicy(withStatements(policy.policy.text, statements), "resource") };
}

/** A service's volume, file system or host, by what it is for: always the same id. */
export function idFor(prefix: string, purpose: string): string {
  return `${prefix}-0${createHash("sha256").update(purpose).digest("hex").slice(0, 16)}`;
}

const known = new WeakMap<Cloud, KeyGrants>();

/** The grants of a cloud. */
export function keyGrants(cloud: Cloud): KeyGrants {
  let grants = known.get(cloud);
  if (!grants) known.set(cloud, (grants = new KeyGrants(cloud)));
  return grants;
}
