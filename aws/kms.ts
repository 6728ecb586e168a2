import { createHash } from "node:crypto";
import {
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  CreateKeyCommand,
  DeleteAliasCommand,
  DescribeKeyCommand,
  EnableKeyCommand,
  GetPublicKeyCommand,
  KMSClient,
  paginateListAliases,
  ScheduleKeyDeletionCommand,
  SignCommand,
} from "@aws-sdk/client-kms";
import { type AwsSession, clientSettings, hasCode } from "./session";

/** The shortest time that KMS lets a key wait for its deletion, days (ScheduleKeyDeletion, KMS API). */
const shortestWaitDays = 7;

/**
 * Lets a key go after the shortest wait; until then it can be had back (`CancelKeyDeletion`). One that waits already is
 * fine.
 */
export async function scheduleKeyDeletion(session: AwsSession, keyId: string): Promise<void> {
  try {
    await new KMSClient(clientSettings(session)).send(
      new ScheduleKeyDeletionCommand({ KeyId: keyId, PendingWindowInDays: shortestWaitDays }),
    );
  } catch (error) {
    if (!hasCode(error, "KMSInvalidStateException")) throw error;
  }
}

/**
 * What is to become of a key: it stays, it waits for its deletion (until a date; `CancelKeyDeletion` has it back), or
 * it is gone.
 */
export type KeyFate = { readonly state: "stays" | "gone" } | { readonly state: "pending"; readonly until: Date };

/**
 * KMS keeps a deleted key for 7 to 30 days with its tags (KMS API, ScheduleKeyDeletion), so that only its state tells.
 */
export async function keyFate(session: AwsSession, keyId: string): Promise<KeyFate> {
  try {
    const { KeyMetadata } = await new KMSClient(clientSettings(session)).send(new DescribeKeyCommand({ KeyId: keyId }));
    return KeyMetadata?.KeyState === "PendingDeletion"
      ? { state: "pending", until: KeyMetadata.DeletionDate! }
      : { state: "stays" };
  } catch (error) {
    if (hasCode(error, "NotFoundException")) return { state: "gone" };
    throw error;
  }
}

/**
 * Signs a SHA-256 by a key on the curve P-256.
 * @param digest its 32 bytes.
 * @returns the signature in DER (ANSI X9.62-2005), as KMS writes it for ECDSA.
 */
export async function signDigest(session: AwsSession, keyArn: string, digest: Buffer): Promise<Buffer> {
  const { Signature } = await new KMSClient(clientSettings(session)).send(
    new SignCommand({ KeyId: keyArn, Message: digest, MessageType: "DIGEST", SigningAlgorithm: "ECDSA_SHA_256" }),
  );
  return Buffer.from(Signature!);
}

/** Signs the SHA-256 of a message, as `signDigest` does. */
export function signMessage(session: AwsSession, keyArn: string, message: string | Buffer): Promise<Buffer> {
  return signDigest(session, keyArn, createHash("sha256").update(message).digest());
}

/**
 * The public half of a signing key: DER, SubjectPublicKeyInfo.
 * @throws KMS's errors: `NotFoundException`, `AccessDeniedException`, `UnsupportedOperationException` for a symmetric
 * key.
 */
export async function publicKeyOf(session: AwsSession, keyArn: string): Promise<Buffer> {
  const { PublicKey } = await new KMSClient(clientSettings(session)).send(new GetPublicKeyCommand({ KeyId: keyArn }));
  return Buffer.from(PublicKey!);
}

/** Makes a symmetric key under a policy. @returns its ARN. */
export async function createKey(
  session: AwsSession,
  policy: string,
  tags: Readonly<Record<string, string>>,
): Promise<string> {
  const Tags = Object.entries(tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue }));
  return (await new KMSClient(clientSettings(session)).send(new CreateKeyCommand({ Policy: policy, Tags })))
    .KeyMetadata!.Arn!;
}

/** Gives a key a name. @param alias without `alias/`. */
export async function nameKey(session: AwsSession, keyArn: string, alias: string): Promise<void> {
  await new KMSClient(clientSettings(session)).send(
    new CreateAliasCommand({ AliasName: `alias/${alias}`, TargetKeyId: keyArn.slice(keyArn.lastIndexOf("/") + 1) }),
  );
}

/** A key as one of its aliases names it. */
export interface NamedKey {
  readonly alias: string;
  readonly keyId: string;
  readonly changedAt?: Date;
}

/**
 * Aliases whose names, without `alias/`, start so, with the ids of their keys, and when they were made or led to
 * another key last.
 */
export async function keysNamed(session: AwsSession, start: string): Promise<NamedKey[]> {
  const found: NamedKey[] = [];
  for await (const page of paginateListAliases({ client: new KMSClient(clientSettings(session)) }, {}))
    for (const { AliasName = "", TargetKeyId, CreationDate, LastUpdatedDate } of page.Aliases ?? [])
      if (AliasName.startsWith(`alias/${start}`) && TargetKeyId)
        found.push({
          alias: AliasName.slice("alias/".length),
          keyId: TargetKeyId,
          changedAt: LastUpdatedDate ?? CreationDate,
        });
  return found;
}

/** Takes the name from a key and lets the key go. */
export async function dropKey(session: AwsSession, alias: string, keyId: string): Promise<void> {
  await scheduleKeyDeletion(session, keyId);
  await new KMSClient(clientSettings(session)).send(new DeleteAliasCommand({ AliasName: `alias/${alias}` }));
}

/** What a key is at: `Enabled`, `Disabled`, `PendingDeletion` and more (KMS API, KeyMetadata). */
export async function keyState(session: AwsSession, KeyId: string): Promise<string> {
  const { KeyMetadata } = await new KMSClient(clientSettings(session)).send(new DescribeKeyCommand({ KeyId }));
  return KeyMetadata?.KeyState ?? "";
}

/** Has a key back that waits for its deletion: it is disabled then (KMS API, CancelKeyDeletion). */
export async function keepKey(session: AwsSession, KeyId: string): Promise<void> {
  await new KMSClient(clientSettings(session)).send(new CancelKeyDeletionCommand({ KeyId }));
}

export async function enableKey(session: AwsSession, KeyId: string): Promise<void> {
  await new KMSClient(clientSettings(session)).send(new EnableKeyCommand({ KeyId }));
}
