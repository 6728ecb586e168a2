import type { Cloud } from "../../../cloud";
import type { Members } from "../../../members";
import { type Item, jobVolume } from "../../../metering/items";

/** Families whose instances bring disks of their own, for which no volume is billed. */
const localDisks = /^ml\.(?:g4dn|g5|g6e?|p3dn|p4d|p4de|p5e?n?|trn1n?|m5dn?|c5d|r5dn?)\./;

/**
 * Counts what a job used as AWS bills it: its instances by the second, and their volumes.
 * @param cluster its instances, as SageMaker's API has them.
 */
export function meterJob(
  { meter }: Cloud,
  arn: string,
  item: (instanceType: string) => Item,
  cluster: Members | undefined,
  { startMs, seconds }: { readonly startMs: number; readonly seconds: number },
): void {
  const { InstanceType: type, InstanceCount: count = 1, VolumeSizeInGB: gigabytes = 0 } = cluster ?? {};
  if (type === undefined || seconds <= 0) return;
  const endMs = startMs + seconds * 1000;
  meter.span(arn, item(type), Number(count), startMs, endMs);
  if (!localDisks.test(type)) meter.span(arn, jobVolume, Number(count) * Number(gigabytes), startMs, endMs);
}
