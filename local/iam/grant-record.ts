import type { Members } from "../members";

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
