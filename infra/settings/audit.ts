import type { Demand } from "./problems";
import { flag, integer, list, oneOf, type Values } from "./setting";

export const auditSettings = {
  auditTrail: oneOf(["environment", "account", "organization"], {
    meaning:
      "`environment`: a CloudTrail trail of this stack with data events of its own buckets and functions. `account`: one for all environments of the account, cheaper, in exactly one of its stacks. `organization`: none of ours, because another trail records this environment.",
    default: "environment",
  }),
  auditLock: oneOf(["off", "governance", "compliance"], {
    meaning:
      "Object Lock of the audit bucket, one of off, governance, compliance. Nobody, root included, can take a compliance lock off before its time.",
    default: "governance",
  }),
  auditLockDays: integer(1, 3650, { meaning: "Days that a log file cannot be deleted or changed.", default: "1" }),
  auditKeep: flag({
    meaning:
      "True keeps the audit bucket and its key when the stack goes. `peregrine teardown` names them; `--with-audit` deletes them as far as locks allow.",
    default: "false",
  }),
  auditRetentionDays: integer(1, 3650, {
    meaning: "Days after which log files expire; not below auditLockDays.",
    default: "90",
  }),
  accessLogs: flag({
    meaning:
      "True lets S3 log requests to the artifacts bucket into a bucket of their own (SSE-S3, the only encryption S3 offers there). The trail's data events say more; this adds bytes, referrers and failed anonymous requests.",
    default: "false",
  }),
  keyAdministrators: list(
    /^arn:aws[a-z-]*:iam::\d{12}:(user|role)\/[^*?]+$/,
    "ARNs of IAM users or roles, without wildcards",
    {
      meaning:
        "ARNs of users or roles that alone may disable, delete or retag the environment's keys; must include whoever runs Pulumi. Empty leaves it to the account's IAM policies.",
      example: "arn:aws:iam::123456789012:role/security",
    },
  ),
};
type AuditValues = Values<typeof auditSettings>;

export const auditDemands: readonly Demand<AuditValues>[] = [
  {
    // In compliance mode not even the account's root can delete a version before its time (S3 user guide, "Retention
    // modes").
    of: ["auditLock", "auditKeep"],
    *clashes({ auditLock, auditKeep }) {
      if (auditLock === "compliance" && !auditKeep)
        yield {
          name: "auditKeep",
          reason: "is false, but nobody can delete what peregrine:auditLock compliance holds; set it to true",
        };
    },
  },
  {
    of: ["auditLock", "auditLockDays", "auditRetentionDays"],
    *clashes({ auditLock, auditLockDays, auditRetentionDays }) {
      if (auditLock !== "off" && auditLockDays > auditRetentionDays)
        yield {
          name: "auditRetentionDays",
          reason: `is ${auditRetentionDays}, below peregrine:auditLockDays (${auditLockDays}): objects cannot expire while they are locked`,
        };
    },
  },
];

export interface AuditSettings {
  /**
   * Whose calls this stack's trail records: this environment's data and the account's management events; or data of
   * every environment of the account; or there is none of ours.
   */
  readonly trail: AuditValues["auditTrail"];
  /** How log files are kept from deletion, and for how many days; undefined leaves that to IAM. */
  readonly lock: { readonly mode: "governance" | "compliance"; readonly days: number } | undefined;
  readonly retentionDays: number;
  /** The bucket and its key outlive the stack. */
  readonly keep: boolean;
  /** S3's own log of requests to the artifacts bucket. */
  readonly accessLogs: boolean;
}

export function auditOf(values: AuditValues): AuditSettings {
  const { auditLock: mode, auditLockDays: days } = values;
  return {
    trail: values.auditTrail,
    lock: mode === "off" ? undefined : { mode, days },
    retentionDays: values.auditRetentionDays,
    keep: values.auditKeep,
    accessLogs: values.accessLogs,
  };
}
