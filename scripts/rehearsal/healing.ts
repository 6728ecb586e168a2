import { CloudWatchClient, DeleteAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { DeletePublicAccessBlockCommand, S3Client } from "@aws-sdk/client-s3";
import { remediationReport } from "../../automation/remediation/report";
import { poll } from "../../automation/poll";
import { clientSettings } from "../../aws/session";
import { callerIdentity } from "../../aws/sts";
import type { RemediationEntry, Violation } from "../../contract/remediation";
import { type OnProgress, patience, type Rehearsal } from "./rehearsal";
import type { Facts } from "./summary";

/** Entries that are read, newest first: more than the step makes. */
const shown = 60;

/**
 * An administrator deletes an alarm of production and opens its bucket, by hand. Both are found, put right and looked at
 * again by the function, which writes down each rung.
 */
export async function healByHand(rehearsal: Rehearsal, onProgress: OnProgress): Promise<Facts> {
  const { prod } = rehearsal.environments;
  const { artifactsBucket, endpointName } = await prod.outputs();
  const settings = clientSettings(prod.session);
  const alarm = `${endpointName}-errors`;
  const { at } = await callerIdentity(prod.session);
  onProgress("an administrator deletes an alarm, and opens a bucket");
  await new CloudWatchClient(settings).send(new DeleteAlarmsCommand({ AlarmNames: [alarm] }));
  await new S3Client(settings).send(new DeletePublicAccessBlockCommand({ Bucket: artifactsBucket }));
  onProgress("waiting until both are found, put right and verified");
  const [deleted, opened] = await Promise.all([
    healed(rehearsal, "alarm-deleted", alarm, at),
    healed(rehearsal, "bucket-public", artifactsBucket, at),
  ]);
  return {
    "an alarm deleted": deleted.told,
    "a bucket opened": opened.told,
    "changed by": deleted.entries[0]!.actor?.split(":").at(-1) ?? "unknown",
  };
}

/** Waits for a violation's rungs. @param since of the cloud's clock. @returns its entries, oldest first. */
async function healed(
  { environments: { prod } }: Rehearsal,
  violation: Violation,
  resource: string,
  since: Date,
): Promise<{ entries: RemediationEntry[]; told: string }> {
  const climbed = await poll(
    async () =>
      (await remediationReport(prod, shown)).entries
        .filter((one) => one.violation === violation && one.resource.includes(resource))
        .toReversed(),
    (found) => found.some(({ rung, outcome }) => rung === "escalate" || outcome === "healed"),
    patience,
  );
  if (!climbed.some(({ outcome }) => outcome === "healed"))
    throw new Error(`${violation} of ${resource} was not put right: ${JSON.stringify(climbed)}`);
  const seconds = Math.round(((await callerIdentity(prod.session)).at.getTime() - since.getTime()) / 1000);
  // Runs that both changes called at a time write theirs side by side: what waits for the other is one of the rungs.
  const rungs = [...new Set(climbed.map(({ rung }) => rung))];
  return { entries: climbed, told: `${rungs.join(", ")} within ${seconds} cloud seconds` };
}
