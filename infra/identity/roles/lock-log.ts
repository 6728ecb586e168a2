import { logPrefix } from "../../../contract/places";
import type { Scope } from "../../scope";
import { allow, type Statement } from "../document";

/**
 * Lays what is appended to the logs of some environments under the lock of their audit buckets. Their key is among those
 * that the roles use.
 */
export function lockLog(scopes: readonly Scope[]): Statement[] {
  return [
    allow(
      "MissLocked",
      ["s3:ListBucket"],
      scopes.map(({ arns, auditBucketPattern }) => arns.bucket(auditBucketPattern)),
      { StringLike: { "s3:prefix": `${logPrefix}*` } },
    ),
    allow(
      "LockLog",
      [
        // Objects are written where there is none; what is there is compared.
        "s3:GetObject",
        "s3:PutObject",
      ],
      scopes.map(({ arns, auditBucketPattern }) => arns.object(auditBucketPattern, `${logPrefix}*`)),
    ),
  ];
}
