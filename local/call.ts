import type { Principal } from "./iam/principal";

/** Who calls, and from where; part of every audit record. */
export interface Caller {
  readonly principal: Principal;
  readonly sourceIp: string;
  readonly userAgent: string;
  readonly requestId?: string;
  /**
   * Over HTTP members unknown to the model are ignored and counted, as AWS does; from everywhere else they are errors.
   */
  readonly lenient?: boolean;
  /** The request as it came over HTTP, so that a service behind the local cloud can be sent the same bytes. */
  readonly raw?: RawRequest;
}

export interface RawRequest {
  readonly method: string;
  /** Path and query as sent. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** One call while it is handled. */
export interface Call {
  readonly service: string;
  readonly operation: string;
  readonly caller: Caller;
  readonly principal: Principal;
  readonly requestId: string;
  readonly now: Date;
  /** The VPC endpoint it came through, if it came through one. */
  readonly via?: Passage;
  /** What we tell a service behind the local cloud beside the request. */
  readonly upstreamHeaders?: Readonly<Record<string, string>>;
}

/** The VPC endpoint that a call came through: what IAM sees of it, and what CloudTrail keeps. */
export interface Passage {
  readonly endpointId: string;
  readonly vpcId: string;
  /** The caller's private address. */
  readonly address: string;
  /** JSON; undefined lets everything through. */
  readonly policy: string | undefined;
}

/**
 * One thing the caller must be allowed to do: IAM action, ARN of the resource (or "*"), and the action's own condition
 * keys.
 */
export interface Requirement {
  readonly action: string;
  readonly resource: string;
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
  /** Who must be allowed, where it is not the caller: a service that uses a key as itself. */
  readonly principal?: Principal;
  /** A role whose right does as well as the caller's. */
  readonly orRole?: string;
  /** Of KMS: tokens of grants that count already. */
  readonly grantTokens?: readonly string[];
}
