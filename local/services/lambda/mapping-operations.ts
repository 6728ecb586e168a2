import { randomUUID } from "node:crypto";
import type { Call, Requirement } from "../../call";
import type { Members } from "../../members";
import type { Handler } from "../../operation";
import { AwsError } from "../../errors";
import { page } from "../pages";
import type { FunctionRecord, FunctionStore } from "./functions";
import { type MappingRecord, type MappingStore, queueUrl, shown } from "./mappings";
import type { Pollers } from "./pollers";

/** What the local cloud does not do for a queue, or what belongs to sources other than queues. */
const REFUSED = [
  "FilterCriteria",
  "KMSKeyArn",
  "ParallelizationFactor",
  "StartingPosition",
  "StartingPositionTimestamp",
  "DestinationConfig",
  "MaximumRecordAgeInSeconds",
  "BisectBatchOnFunctionError",
  "MaximumRetryAttempts",
  "TumblingWindowInSeconds",
  "Topics",
  "Queues",
  "SourceAccessConfigurations",
  "SelfManagedEventSource",
  "AmazonManagedKafkaEventSourceConfig",
  "SelfManagedKafkaEventSourceConfig",
  "DocumentDBEventSourceConfig",
  "ProvisionedPollerConfig",
];
/**
 * Lambda's defaults for a standard queue (Lambda developer guide, "Configuring scaling behavior for SQS event source
 * mappings").
 */
const DEFAULT_BATCH = 10;
/** More than SQS hands out at once needs time to gather. */
const LARGEST_BATCH_AT_ONCE = 10;

function invalid(message: string): AwsError {
  return new AwsError("InvalidParameterValueException", message, 400, { Type: "User" });
}

/** Create, change, describe, list and delete event source mappings of SQS queues. */
export function mappingOperations(
  store: MappingStore,
  functions: FunctionStore,
  pollers: Pollers,
): Record<string, Handler> {
  const { cloud } = store;
  const functionArn = ({ functionName, qualifier }: MappingRecord): string => functions.arn(functionName, qualifier);
  const answer = (record: MappingRecord): Members => shown(store, record, functionArn(record));

  const settings = (
    input: Members,
    before: Partial<MappingRecord>,
  ): Pick<MappingRecord, "batchSize" | "windowSeconds" | "enabled" | "reportsItems" | "maximumConcurrency"> => {
    const refused = REFUSED.filter((member) => input[member] !== undefined);
    if (refused.length > 0)
      throw invalid(`The local cloud does not take ${refused.join(", ")} for an event source mapping of a queue.`);
    const batchSize = (input["BatchSize"] as number | undefined) ?? before.batchSize ?? DEFAULT_BATCH;
    const windowSeconds = (input["MaximumBatchingWindowInSeconds"] as number | undefined) ?? before.windowSeconds ?? 0;
    if (batchSize > LARGEST_BATCH_AT_ONCE && windowSeconds < 1)
      throw invalid("Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10");
    return {
      batchSize,
      windowSeconds,
      enabled: (input["Enabled"] as boolean | undefined) ?? before.enabled ?? true,
      reportsItems:
        input["FunctionResponseTypes"] === undefined
          ? (before.reportsItems ?? false)
          : (input["FunctionResponseTypes"] as string[]).includes("ReportBatchItemFailures"),
      maximumConcurrency:
        input["ScalingConfig"] === undefined
          ? before.maximumConcurrency
          : (input["ScalingConfig"].MaximumConcurrency as number | undefined),
    };
  };

  /** Lambda looks at the queue as the function's role before it takes a mapping. */
  const checkQueue = async (queueArn: string, record: FunctionRecord): Promise<void> => {
    if (!/^arn:[^:]+:sqs:/.test(queueArn)) throw invalid("The local cloud maps SQS queues only.");
    const role = cloud.internals.assume(record.roleArn, "lambda.amazonaws.com", record.name);
    const attributes = await cloud
      .as(
        role,
        "sqs",
        "GetQueueAttributes",
        { QueueUrl: queueUrl(queueArn), AttributeNames: ["VisibilityTimeout"] },
        "lambda.amazonaws.com",
      )
      .catch((error: unknown) => {
        if (!(error instanceof AwsError)) throw error;
        if (/NonExistentQueue|QueueDoesNotExist/.test(error.code))
          throw invalid(
            `Error occurred while ReceiveMessage. SQS Error Code: ${error.code}. SQS Error Message: ${error.message}`,
          );
        throw invalid(
          `The provided execution role does not have permissions to call GetQueueAttributes on SQS: ${error.message}`,
        );
      });
    const visible = Number(attributes["Attributes"]?.VisibilityTimeout);
    if (visible < record.timeoutSeconds)
      throw invalid(
        `Queue visibility timeout: ${visible} seconds is less than Function timeout: ${record.timeoutSeconds} seconds`,
      );
  };

  return {
    async CreateEventSourceMapping(input) {
      const { name, qualifier } = functions.parse(input["FunctionName"]);
      const record = functions.get(input["FunctionName"]);
      const queueArn = input["EventSourceArn"] as string | undefined;
      if (queueArn === undefined) throw invalid("EventSourceArn is required.");
      const chosen = settings(input, {});
      const same = [...store.mappings.values()].find(
        (other) => other.queueArn === queueArn && other.functionName === name,
      );
      if (same)
        throw new AwsError(
          "ResourceConflictException",
          `An event source mapping with SQS arn (" ${queueArn} ") and function (" ${name} ") already exists. Please update or delete the existing mapping with UUID ${same.uuid}`,
          409,
          { Type: "User" },
        );
      await checkQueue(queueArn, record);
      const mapping: MappingRecord = {
        uuid: randomUUID(),
        queueArn,
        functionName: name,
        ...(qualifier ? { qualifier } : {}),
        ...chosen,
        modifiedMs: cloud.clock.nowMs(),
        lastResult: "No records processed",
      };
      store.mappings.put(mapping.uuid, mapping);
      functions.tags.put(store.arn(mapping.uuid), input["Tags"] ?? {});
      pollers.follow(mapping.uuid);
      return answer(mapping);
    },

    async UpdateEventSourceMapping(input) {
      const before = store.get(input["UUID"]);
      const target =
        input["FunctionName"] === undefined
          ? { name: before.functionName, qualifier: before.qualifier }
          : functions.parse(input["FunctionName"]);
      await checkQueue(before.queueArn, functions.get(target.name, target.qualifier));
      const next: MappingRecord = {
        ...before,
        ...settings(input, before),
        functionName: target.name,
        qualifier: target.qualifier,
        modifiedMs: cloud.clock.nowMs(),
      };
      store.mappings.put(next.uuid, next);
      pollers.follow(next.uuid);
      return answer(next);
    },

    GetEventSourceMapping: (input) => answer(store.get(input["UUID"])),

    ListEventSourceMappings(input) {
      const name = input["FunctionName"] === undefined ? undefined : functions.parse(input["FunctionName"]).name;
      const rows = [...store.mappings.values()].filter(
        (row) =>
          (name === undefined || row.functionName === name) &&
          (input["EventSourceArn"] === undefined || row.queueArn === input["EventSourceArn"]),
      );
      const { items, next } = page(
        rows.sort((a, b) => a.uuid.localeCompare(b.uuid)),
        input["Marker"],
        input["MaxItems"] ?? 100,
      );
      return { EventSourceMappings: items.map(answer), NextMarker: next };
    },

    DeleteEventSourceMapping(input) {
      const mapping = store.get(input["UUID"]);
      store.mappings.delete(mapping.uuid);
      functions.tags.delete(store.arn(mapping.uuid));
      pollers.follow(mapping.uuid);
      return { ...answer(mapping), State: "Deleting" };
    },
  };
}

/** What these operations require (Service Authorization Reference: creating and listing know no resource). */
export function mappingPermissions(
  store: MappingStore,
  functions: FunctionStore,
): Record<string, (input: Members, call: Call) => Requirement[]> {
  const on =
    (action: string) =>
    (input: Members): Requirement[] => {
      const found = store.mappings.get(input["UUID"]);
      const context = found ? { "lambda:FunctionArn": functions.arn(found.functionName) } : undefined;
      return [{ action: `lambda:${action}`, resource: store.arn(input["UUID"]), context }];
    };
  return {
    CreateEventSourceMapping: (input) => [
      {
        action: "lambda:CreateEventSourceMapping",
        resource: "*",
        context: { "lambda:FunctionArn": functions.arn(input["FunctionName"]) },
      },
      ...(input["Tags"] ? [{ action: "lambda:TagResource", resource: store.arn("*") }] : []),
    ],
    ListEventSourceMappings: () => [{ action: "lambda:ListEventSourceMappings", resource: "*" }],
    GetEventSourceMapping: on("GetEventSourceMapping"),
    UpdateEventSourceMapping: on("UpdateEventSourceMapping"),
    DeleteEventSourceMapping: on("DeleteEventSourceMapping"),
  };
}
