import { createHash, randomBytes } from "node:crypto";
import type { Cloud, Members } from "../cloud";
import type { Table } from "../journal";
import { Propagation, type Seen } from "../propagation";
import { type PolicyStatementText, statementOf } from "./grant-policy";

/** A grant on a key, as CreateGrant takes it. */
export interface GrantRecord {
  readonly id: string;
  readonly token: string;
  readonly keyArn: string;
  readonly name?: string;
  /** ARN of a principal, or the host of a service. */
  readonly grantee: string;
  readonly retiring?: string;
  readonly operations: readonly string[];
  readonly constraints?: Members;
  readonly createdMs: number;
}

/** What is asked about a key, as far as grants look at it. */
export interface GrantQuestion {
  readonly action: string;
  readonly keyArn: string;
  readonly context: Readonly<Record<string, string | readonly string[]>>;
  /** Tokens of grants that shall count though they are not known everywhere yet. */
  readonly tokens: readonly string[];
  /** Of the grant that a request would make. */
  readonly constraints?: Members;
  /** ARN of the resource that the caller acts for. */
  readonly sourceArn?: string;
}

/**
 * Grants on keys: rights that live beside the key's policy, until they are retired or revoked. KMS knows a change of them up to five minutes late,
 * and by its token at once (KMS developer guide, "Grants in AWS KMS").
 */
export class KeyGrants {
  private readonly grants: Table<GrantRecord>;
  private readonly seen: Seen<GrantRecord>;

  constructor(private readonly cloud: Cloud) {
    const { table, seen } = new Propagation(cloud.clock, cloud.lags.grantMs).follow(cloud.journal.table<GrantRecord>("kms/grants"));
    this.grants = table;
    this.seen = seen;
  }

  add(grant: Omit<GrantRecord, "id" | "token" | "createdMs">): GrantRecord {
    const made = { ...grant, id: randomBytes(32).toString("hex"), token: randomBytes(96).toString("base64url"), createdMs: this.cloud.clock.nowMs() };
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

  /** What grants add to a key's policy for one question: each that allows it counts as a statement which names its grantee. */
  statements(question: GrantQuestion): PolicyStatementText[] {
    if (this.grants.size === 0 && this.seen.size === 0) return [];
    const early = question.tokens.flatMap((token) => this.byToken(token) ?? []);
    const known = new Map([...this.seen.values(), ...early].filter(({ keyArn }) => keyArn === question.keyArn).map((grant) => [grant.id, grant]));
    return [...known.values()].map((grant) => statementOf(grant, question)).filter((statement) => statement !== undefined);
  }
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
