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
  readonly sourceIdentity?: string;
  /** The service that acts for this session (`sagemaker.amazonaws.com`), for `aws:ViaAWSService`-like context and audit. */
  readonly invokedBy?: string;
}
