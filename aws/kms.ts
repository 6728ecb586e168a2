import { KMSClient, ScheduleKeyDeletionCommand } from "@aws-sdk/client-kms";
import { type AwsSession, clientSettings, hasCode } from "./session";

/** The shortest time that KMS lets a key wait for its deletion, days (ScheduleKeyDeletion, KMS API). */
const shortestWaitDays = 7;

/** Lets a key go after the shortest wait; until then it can be had back (`CancelKeyDeletion`). One that waits already is fine. */
export async function scheduleKeyDeletion(session: AwsSession, keyId: string): Promise<void> {
  try {
    await new KMSClient(clientSettings(session)).send(new ScheduleKeyDeletionCommand({ KeyId: keyId, PendingWindowInDays: shortestWaitDays }));
  } catch (error) {
    if (!hasCode(error, "KMSInvalidStateException")) throw error;
  }
}
