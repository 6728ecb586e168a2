import { times } from "../amounts";
import type { Pricer } from "../pricer";
import { daysPerMonth } from "../schedule";

/** What an account keeps: keys, storage, images, parameters, and the actions of its budgets. */
export const account: Readonly<Record<string, Pricer>> = {
  // A key that signs decisions about models is asked a few times a month; a key that encrypts, with every bucket, topic
  // and log.
  "aws:kms/key:Key": (inputs, { prices, assume }) => [
    times(1, "key", prices.usd("kms.key")),
    ...(inputs.optionalText("keyUsage") === "SIGN_VERIFY"
      ? []
      : [times(assume.keyRequestsPerMonth, "requests", prices.usd("kms.request"))]),
  ],
  "aws:kms/replicaKey:ReplicaKey": (_inputs, { prices, assume }) => [
    times(1, "key", prices.usd("kms.key")),
    times(assume.keyRequestsPerMonth, "requests", prices.usd("kms.request")),
  ],
  "aws:s3/bucket:Bucket": (_inputs, world) => bucket(world),
  "aws:s3/bucketV2:BucketV2": (_inputs, world) => bucket(world),
  "aws:ecr/repository:Repository": (_inputs, { prices, assume }) => [
    times(assume.imageGB, "GB of images", prices.usd("ecr.storage")),
  ],
  "aws:ssm/parameter:Parameter": (inputs, { prices }) =>
    (inputs.optionalText("tier") ?? "Standard") === "Standard"
      ? [{ usd: 0, how: "standard parameters have no charge" }]
      : [times(1, "advanced parameter", prices.usd("ssm.advanced-parameter"))],
  "aws:budgets/budgetAction:BudgetAction": (_inputs, { prices, assume, index }) =>
    index + assume.otherBudgetActions < 2
      ? [{ usd: 0, how: "the account's first two budgets with actions have no charge" }]
      : [times(daysPerMonth, "days", prices.usd("budgets.action"))],
};

function bucket({ prices, assume }: Parameters<Pricer>[1]): ReturnType<Pricer> {
  return [
    times(assume.bucketGB, "GB", prices.usd("s3.storage")),
    times(assume.bucketWritesPerMonth, "writes", prices.usd("s3.write")),
    times(assume.bucketReadsPerMonth, "reads", prices.usd("s3.read")),
  ];
}
