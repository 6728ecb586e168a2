import type { Cloud } from "../cloud";
import { secretKey, uniqueId } from "./ids";
import type { Principal } from "./principal";
import { iamRecords, type AccessKeyRecord, type UserRecord } from "./records";

/** The account's administrator, with the key that profile `ab` signs with. */
export interface Administrator {
  readonly principal: Principal;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const adminName = "ab";

/**
 * Gives a new account its first user: `ab`, an administrator by the AWS managed policy AdministratorAccess, whose
 * requests are evaluated like everybody's. An account that has it already keeps user and key.
 */
export function bootstrapAccount(cloud: Cloud): Administrator {
  const records = iamRecords(cloud);
  const user =
    records.users.get(adminName) ??
    newUser(cloud, adminName, { attached: ["arn:aws:iam::aws:policy/AdministratorAccess"] });
  const key =
    [...records.accessKeys.values()].find(({ userName, active }) => userName === user.name && active) ?? newKey(cloud);
  return {
    principal: { type: "user", arn: user.arn, accountId: cloud.accountId, id: user.id },
    accessKeyId: key.id,
    secretAccessKey: key.secret,
  };
}

/** A user that comes with the account. */
export function newUser(
  cloud: Cloud,
  name: string,
  policies: Partial<Pick<UserRecord, "inline" | "attached">>,
): UserRecord {
  const user: UserRecord = {
    name,
    path: "/",
    arn: `arn:aws:iam::${cloud.accountId}:user/${name}`,
    id: uniqueId("AIDA"),
    createdMs: cloud.clock.nowMs(),
    inline: {},
    attached: [],
    ...policies,
    tags: {},
    groups: [],
    bootstrap: true,
  };
  const records = iamRecords(cloud);
  records.users.put(user.name, user);
  records.settle();
  return user;
}

function newKey(cloud: Cloud): AccessKeyRecord {
  const key = {
    id: uniqueId("AKIA"),
    secret: secretKey(),
    userName: adminName,
    active: true,
    createdMs: cloud.clock.nowMs(),
  };
  iamRecords(cloud).accessKeys.put(key.id, key);
  return key;
}
