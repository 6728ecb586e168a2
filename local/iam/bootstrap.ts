import type { Cloud } from "../cloud";
import { uniqueId } from "./ids";
import type { Principal } from "./principal";
import { iamRecords, type UserRecord } from "./records";

/** The access key of profile `ab`: AWS's own example key, so that no scanner takes it for a leaked one. */
export const adminAccessKey = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
} as const;

const adminName = "ab";

/**
 * Gives a new account its first user: `ab`, an administrator by the AWS managed policy AdministratorAccess, whose requests are evaluated like
 * everybody's. Does nothing when the account has it already.
 * @returns the administrator as a principal, for calls from inside the process.
 */
export function bootstrapAccount(cloud: Cloud): Principal {
  const records = iamRecords(cloud);
  let user = records.users.get(adminName);
  if (!user) {
    user = newAdmin(cloud);
    records.users.put(adminName, user);
  }
  if (!records.accessKeys.has(adminAccessKey.accessKeyId)) {
    const { accessKeyId: id, secretAccessKey: secret } = adminAccessKey;
    records.accessKeys.put(id, { id, secret, userName: adminName, active: true, createdMs: cloud.clock.nowMs() });
  }
  return { type: "user", arn: user.arn, accountId: cloud.accountId, id: user.id };
}

function newAdmin(cloud: Cloud): UserRecord {
  return {
    name: adminName,
    path: "/",
    arn: `arn:aws:iam::${cloud.accountId}:user/${adminName}`,
    id: uniqueId("AIDA"),
    createdMs: cloud.clock.nowMs(),
    inline: {},
    attached: ["arn:aws:iam::aws:policy/AdministratorAccess"],
    tags: {},
    groups: [],
    bootstrap: true,
  };
}
