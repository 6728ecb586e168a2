import type { Cloud, Members } from "./cloud";
import { AwsError } from "./errors";

export interface AdministratorKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** The user that stands for the person who owns the account. */
const userName = "administrator";

/**
 * The account's administrator with an access key: made at the first start, the same again after a restart. It is an ordinary
 * IAM user under AWS's `AdministratorAccess`, so that it appears in the audit trail like anybody else.
 */
export async function ensureAdministrator(cloud: Cloud): Promise<AdministratorKey> {
  const keys = cloud.journal.table<AdministratorKey>("administrator");
  const held = keys.get(userName);
  if (held) return held;
  const root = { type: "root", arn: `arn:aws:iam::${cloud.accountId}:root`, accountId: cloud.accountId, id: cloud.accountId } as const;
  const iam = (operation: string, input: Members): Promise<Members> => cloud.as(root, "iam", operation, input, "set-up");
  await iam("CreateUser", { UserName: userName }).catch((error: unknown) => {
    // A start that was killed before the key was kept left the user behind.
    if (!(error instanceof AwsError) || error.code !== "EntityAlreadyExists") throw error;
  });
  await iam("AttachUserPolicy", { UserName: userName, PolicyArn: "arn:aws:iam::aws:policy/AdministratorAccess" });
  const { AccessKey } = await iam("CreateAccessKey", { UserName: userName });
  const key = { accessKeyId: AccessKey.AccessKeyId as string, secretAccessKey: AccessKey.SecretAccessKey as string };
  keys.put(userName, key);
  cloud.journal.flush();
  return key;
}
