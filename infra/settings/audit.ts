import type { Reader } from "./reader";

const trails = ["environment", "account", "organization"] as const;
const locks = ["off", "governance", "compliance"] as const;

export interface AuditSettings {
  /** Whose calls this stack's trail records: this environment's data and the account's management events; or data of every environment of the account; or there is none of ours. */
  readonly trail: (typeof trails)[number];
  readonly lock: { readonly mode: (typeof locks)[number]; readonly days: number };
  readonly retentionDays: number;
  /** The bucket and its key outlive the stack. */
  readonly keep: boolean;
  /** S3's own log of requests to the artifacts bucket. */
  readonly accessLogs: boolean;
}

export function readAudit(read: Reader): AuditSettings {
  const audit: AuditSettings = {
    trail: read.oneOf("peregrine:auditTrail", trails, (text) => text as AuditSettings["trail"]),
    lock: {
      mode: read.oneOf("peregrine:auditLock", locks, (text) => text as AuditSettings["lock"]["mode"]),
      days: read.integer("peregrine:auditLockDays", 1, 3650),
    },
    retentionDays: read.integer("peregrine:auditRetentionDays", 1, 3650),
    keep: read.boolean("peregrine:auditKeep"),
    accessLogs: read.boolean("peregrine:accessLogs"),
  };
  // In compliance mode not even the account's root can delete a version before its time (S3 user guide, "Retention modes").
  if (audit.lock.mode === "compliance" && !audit.keep)
    read.problem(
      "peregrine:auditKeep",
      "is false, but nobody can delete what peregrine:auditLock compliance holds; set it to true",
    );
  if (audit.lock.mode !== "off" && audit.lock.days > audit.retentionDays)
    read.problem(
      "peregrine:auditRetentionDays",
      `is ${audit.retentionDays}, below peregrine:auditLockDays (${audit.lock.days}): objects cannot expire while they are locked`,
    );
  return audit;
}
