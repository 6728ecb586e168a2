import type { Cloud } from "../../cloud";
import type { Members } from "../../members";
import { AwsError } from "../../errors";
import type { Table } from "../../journal";

/** An event source mapping: a queue whose messages a function gets. */
export interface MappingRecord {
  readonly uuid: string;
  readonly queueArn: string;
  readonly functionName: string;
  readonly qualifier?: string;
  readonly batchSize: number;
  readonly windowSeconds: number;
  readonly enabled: boolean;
  /** The function answers which messages it could not handle. */
  readonly reportsItems: boolean;
  readonly maximumConcurrency?: number;
  readonly modifiedMs: number;
  /** How the last look at the queue ended, in Lambda's words. */
  readonly lastResult: string;
}

/** Event source mappings in the journal. */
export class MappingStore {
  readonly mappings: Table<MappingRecord>;

  constructor(readonly cloud: Cloud) {
    this.mappings = cloud.journal.table("lambda/event-source-mappings");
  }

  arn(uuid: string): string {
    return this.cloud.arn("lambda", `event-source-mapping:${uuid}`);
  }

  /** @throws ResourceNotFoundException as Lambda words it. */
  get(uuid: string): MappingRecord {
    const found = this.mappings.get(uuid);
    if (!found)
      throw new AwsError("ResourceNotFoundException", "The resource you requested does not exist.", 404, {
        Type: "User",
      });
    return found;
  }

  /** Changes a mapping that may have been deleted meanwhile. */
  change(uuid: string, changes: Partial<MappingRecord>): void {
    const found = this.mappings.get(uuid);
    if (found) this.mappings.put(uuid, { ...found, ...changes });
  }
}

/** The uuid in the ARN of a mapping; undefined for the ARN of anything else. */
export function mappingIn(arn: string): string | undefined {
  return /^arn:[^:]+:lambda:[^:]*:\d*:event-source-mapping:(.+)$/.exec(arn)?.[1];
}

/** A queue as SQS's operations name it. */
export function queueUrl(queueArn: string): string {
  const [, , , region, account, name] = queueArn.split(":");
  return `https://sqs.${region}.amazonaws.com/${account}/${name}`;
}

/**
 * A mapping as Lambda describes it.
 * @param functionArn of the function and, where one is named, its version or alias.
 */
export function shown(store: MappingStore, record: MappingRecord, functionArn: string): Members {
  return {
    UUID: record.uuid,
    EventSourceMappingArn: store.arn(record.uuid),
    EventSourceArn: record.queueArn,
    FunctionArn: functionArn,
    BatchSize: record.batchSize,
    MaximumBatchingWindowInSeconds: record.windowSeconds,
    FunctionResponseTypes: record.reportsItems ? ["ReportBatchItemFailures"] : [],
    ScalingConfig:
      record.maximumConcurrency === undefined ? undefined : { MaximumConcurrency: record.maximumConcurrency },
    State: record.enabled ? "Enabled" : "Disabled",
    StateTransitionReason: "USER_INITIATED",
    LastModified: new Date(record.modifiedMs),
    LastProcessingResult: record.lastResult,
  };
}
