import type { Placement } from "../network/placement";

/** Who a request comes from, as IAM and CloudTrail know it. */
export interface Principal {
  readonly type: "root" | "user" | "role" | "service";
  /** `arn:aws:iam::…:user/x`, `arn:aws:sts::…:assumed-role/Role/session`, or a service's host name. */
  readonly arn: string;
  readonly accountId: string;
  /** Unique id: `AIDA…`, `AROA…:session`. */
  readonly id: string;
  /** For a role session: the ARN of the role itself. */
  readonly roleArn?: string;
  readonly sessionPolicies?: readonly string[];
  readonly tags?: Readonly<Record<string, string>>;
  /** Keys of the session tags that go on to the next role of a chain. */
  readonly transitiveTagKeys?: readonly string[];
  readonly sourceIdentity?: string;
  /** The OpenID Connect provider behind a web-identity session, for `aws:FederatedProvider`. */
  readonly federatedProvider?: string;
  /** Of temporary credentials: when they were issued, cloud time in epoch milliseconds, for `aws:TokenIssueTime`. */
  readonly issuedMs?: number;
  /**
   * Of temporary credentials of a user: signed in with a second factor, for `aws:MultiFactorAuthPresent`. Sessions of
   * roles do not carry it on (IAM user guide, MFA-protected API access).
   */
  readonly mfa?: boolean;
  /**
   * The service that acts for this session (`sagemaker.amazonaws.com`), for `aws:ViaAWSService`-like context and audit.
   */
  readonly invokedBy?: string;
  /** For a service principal: the resource it acts for (a rule, a topic), as `aws:SourceArn`. */
  readonly sourceArn?: string;
  /** Of a session that is used inside a VPC (a container's, a function's, a build's): from where. */
  readonly network?: Placement;
  /**
   * Of a session that Studio took for a user profile: what SageMaker says of it, as `sagemaker:DomainId` and
   * `sagemaker:UserProfileName`.
   */
  readonly studio?: { readonly domainId: string; readonly userProfileName: string };
  /**
   * For a service principal: it says nothing of the account it acts for, so conditions on `aws:SourceAccount` do not
   * hold.
   */
  readonly unnamed?: boolean;
}

/**
 * The same session, used from a place in a VPC. Access keys that are issued for it carry the place along, and so do the
 * sessions that are made with those: whoever signs with them calls from there.
 */
export function placed(principal: Principal, network: Placement | undefined): Principal {
  return network ? { ...principal, network } : principal;
}
