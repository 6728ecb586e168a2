import { KMSClient, ScheduleKeyDeletionCommand } from "@aws-sdk/client-kms";
import { type AwsSession, clientSettings } from "./session";

/** The shortest time that KMS lets a key wait for its deletion, days (ScheduleKeyDeletion, KMS API). */
const shortestWaitDays = 7;

/** Lets a key go after the shortest wait; until then it can be had back (`CancelKeyDeletion`). */
export async function scheduleKeyDeletion(session: AwsSession, keyArn: string): Promise<void> {
  await new KMSClient(clientSettings(session)).send(new ScheduleKeyDeletionCommand({ KeyId: keyArn, PendingWindowInDays: shortestWaitDays }));
}
