import type { Call } from "../../call";
import type { Cloud } from "../../cloud";
import type { Members } from "../../members";
import {
  alarmMetric,
  compositeAlarm,
  costRequest,
  customEvent,
  fastAlarmMetric,
  type Item,
  key,
  keyRequest,
  notification,
  objectRead,
  objectWrite,
  queueRequest,
} from "../../metering/items";
import { RawResponse } from "../../raw";

/** Requests that are billed one by one: what is counted, how often, and for which resource. */
type Counter = (input: Members, cloud: Cloud) => { readonly arn: string; readonly item: Item; readonly times?: number };

const ofKey =
  (): Counter =>
  ({ KeyId: id }, cloud) => ({ arn: keyArn(cloud, id), item: keyRequest });
const ofBucket =
  (item: Item): Counter =>
  ({ Bucket: bucket }) => ({ arn: `arn:aws:s3:::${bucket}`, item });
const ofQueue =
  (): Counter =>
  ({ QueueUrl: url }, cloud) => ({ arn: cloud.arn("sqs", String(url).split("/").pop() ?? ""), item: queueRequest });
const ofCosts = (): Counter => (_input, cloud) => ({ arn: `arn:aws:ce::${cloud.accountId}:api`, item: costRequest });

const counters: Readonly<Record<string, Counter>> = {
  "kms:Encrypt": ofKey(),
  "kms:Decrypt": ofKey(),
  "kms:GenerateDataKey": ofKey(),
  "kms:Sign": ofKey(),
  "kms:Verify": ofKey(),
  "kms:GetPublicKey": ofKey(),
  "s3:PutObject": ofBucket(objectWrite),
  "s3:CopyObject": ofBucket(objectWrite),
  "s3:CreateMultipartUpload": ofBucket(objectWrite),
  "s3:UploadPart": ofBucket(objectWrite),
  "s3:CompleteMultipartUpload": ofBucket(objectWrite),
  "s3:ListObjectsV2": ofBucket(objectWrite),
  "s3:ListObjects": ofBucket(objectWrite),
  "s3:ListObjectVersions": ofBucket(objectWrite),
  "s3:GetObject": ofBucket(objectRead),
  "s3:HeadObject": ofBucket(objectRead),
  "sns:Publish": ({ TopicArn: arn }) => ({ arn, item: notification }),
  "sqs:SendMessage": ofQueue(),
  "sqs:ReceiveMessage": ofQueue(),
  "sqs:DeleteMessage": ofQueue(),
  "sqs:ChangeMessageVisibility": ofQueue(),
  "events:PutEvents": ({ Entries: entries }, cloud) => ({
    arn: cloud.arn("events", `event-bus/${busOf(entries[0]?.EventBusName)}`),
    item: customEvent,
    times: entries.length,
  }),
  // Each page of an answer is a request (AWS Cost Explorer, pricing).
  "ce:GetCostAndUsage": ofCosts(),
  "ce:GetCostForecast": ofCosts(),
  "ce:GetTags": ofCosts(),
};

/** Counts a request that was answered, and what it made or ended, as far as AWS bills that. */
export function meterCall(cloud: Cloud, { service, operation }: Call, input: Members, output: Members | RawResponse) {
  const { meter } = cloud;
  const counter = counters[`${service}:${operation}`];
  if (counter) {
    const { arn, item, times = 1 } = counter(input, cloud);
    meter.count(arn, item, times);
    return;
  }
  switch (`${service}:${operation}`) {
    case "kms:CreateKey": {
      const arn: unknown = membersOf(output).KeyMetadata?.Arn;
      if (typeof arn === "string") meter.hold(arn, key, 1);
      return;
    }
    // A key that waits for its deletion has no charge (KMS, pricing).
    case "kms:ScheduleKeyDeletion":
      return meter.release(keyArn(cloud, input.KeyId));
    case "kms:CancelKeyDeletion":
      return meter.hold(keyArn(cloud, input.KeyId), key, 1);
    case "cloudwatch:PutMetricAlarm": {
      const arn = alarmArn(cloud, input.AlarmName);
      meter.release(arn);
      // An alarm on an expression is billed by the metrics in it.
      const metrics = ((input.Metrics ?? [{ MetricStat: { Period: input.Period } }]) as Members[]).filter(
        ({ MetricStat: stat }) => stat,
      );
      const fast = metrics.some(({ MetricStat: { Period: period } }) => period < 60);
      return meter.hold(arn, fast ? fastAlarmMetric : alarmMetric, Math.max(1, metrics.length));
    }
    case "cloudwatch:PutCompositeAlarm":
      return meter.hold(alarmArn(cloud, input.AlarmName), compositeAlarm, 1);
    case "cloudwatch:DeleteAlarms":
      return (input.AlarmNames as string[]).forEach((name) => meter.release(alarmArn(cloud, name)));
  }
}

function alarmArn(cloud: Cloud, name: unknown): string {
  return cloud.arn("cloudwatch", `alarm:${String(name)}`);
}

/** Aliases stand for themselves: requests by an alias are the account's, without a key's tags. */
function keyArn(cloud: Cloud, id: unknown): string {
  const text = String(id);
  return text.startsWith("arn:") ? text : cloud.arn("kms", text.startsWith("alias/") ? text : `key/${text}`);
}

function busOf(name: unknown): string {
  return name === undefined ? "default" : String(name).split("/").pop()!;
}

function membersOf(output: Members | RawResponse): Members {
  return output instanceof RawResponse ? (JSON.parse(output.body.toString("utf8")) as Members) : output;
}
