import { randomUUID } from "node:crypto";
import { closeSync, openSync, readSync, statSync } from "node:fs";
import { isIP } from "node:net";
import { AppendFile } from "../append-file";
import type { Account } from "../account";
import type { Call } from "../call";
import type { AwsError } from "../errors";
import type { Members } from "../members";
import type { ServiceModels } from "../model/service-models";
import type { DataEvent } from "../services/cloudtrail/selectors";
import { RawResponse } from "../raw";
import { dataResource, eventSource, isDataEvent, resourcesOf, responseError, shorten, userIdentity } from "./record";
import { isReadOnly } from "../read-only";

/** One record in CloudTrail's form (event version 1.11). */
export interface AuditRecord {
  readonly eventVersion: "1.11";
  readonly userIdentity: Members;
  readonly eventTime: string;
  readonly eventSource: string;
  readonly eventName: string;
  readonly awsRegion: string;
  readonly sourceIPAddress: string;
  readonly userAgent: string;
  readonly errorCode?: string;
  readonly errorMessage?: string;
  readonly requestParameters: Members | null;
  readonly responseElements: Members | null;
  readonly requestID: string;
  readonly eventID: string;
  readonly readOnly: boolean;
  readonly resources?: readonly { readonly ARN: string; readonly accountId?: string; readonly type?: string }[];
  readonly eventType: "AwsApiCall";
  readonly managementEvent: boolean;
  readonly recipientAccountId: string;
  readonly eventCategory: "Management" | "Data";
  readonly vpcEndpointId?: string;
  /**
   * Ours: the trails that record a data event; none, and on AWS nobody knows of it. This file holds it all the same.
   */
  readonly recordedBy?: readonly string[];
}

/** CloudTrail's LookupEvents answers from memory: the last records. */
const keptRecords = 10_000;
const writeEveryMs = 100;

/**
 * CloudTrail-shaped records of every call, appended to a file, read-only ones in batches; the last ones are kept for
 * LookupEvents.
 */
export class AuditLog {
  private readonly ring: AuditRecord[] = [];
  private readonly out: AppendFile | undefined;
  private recorded = 0;
  /** CloudTrail's trails that ask for a data event; set by the service. */
  trailsFor: (event: DataEvent) => string[] = () => [];
  /** Hears of every record; set by CloudTrail, which tells EventBridge. */
  heard: (record: AuditRecord) => void = () => undefined;

  /** @param file where records go, one JSON document a line; undefined keeps them in memory only. */
  constructor(private readonly file?: string) {
    if (file) this.out = new AppendFile(file, writeEveryMs);
  }

  record(
    cloud: Account & { readonly models: ServiceModels },
    call: Call,
    input: Members,
    output?: Members | RawResponse | void,
    error?: AwsError,
  ): void {
    const model = cloud.models.has(call.service)
      ? cloud.models.service(call.service).operation(call.operation)
      : undefined;
    const readOnly = isReadOnly(call.operation);
    const data = isDataEvent(call);
    const failed = error
      ? { code: error.code, message: error.message }
      : output instanceof RawResponse
        ? responseError(output)
        : undefined;
    const target = data ? dataResource(cloud, call, input) : undefined;
    const resources = target
      ? [{ ARN: target.arn, accountId: cloud.accountId, type: target.type }]
      : resourcesOf(cloud, input, output);
    // What a model is asked is nobody's to read in a trail ("Log Amazon SageMaker API calls", SageMaker developer
    // guide).
    const secret = target?.type === "AWS::SageMaker::Endpoint";
    const record: AuditRecord = {
      eventVersion: "1.11",
      userIdentity: userIdentity(call, cloud.accountId),
      eventTime: call.now.toISOString().replace(/\.\d{3}Z$/, "Z"),
      eventSource: eventSource(call.service),
      eventName: call.operation,
      awsRegion: cloud.region,
      sourceIPAddress: call.via && isIP(call.caller.sourceIp) ? call.via.address : call.caller.sourceIp,
      userAgent: call.caller.userAgent,
      ...(failed ? { errorCode: failed.code, errorMessage: failed.message } : {}),
      requestParameters: secret ? null : shorten(input, model?.input),
      responseElements:
        readOnly || failed || !output || output instanceof RawResponse ? null : shorten(output, model?.output),
      requestID: call.requestId,
      eventID: randomUUID(),
      readOnly,
      ...(resources.length > 0 ? { resources } : {}),
      eventType: "AwsApiCall",
      managementEvent: !data,
      recipientAccountId: cloud.accountId,
      eventCategory: data ? "Data" : "Management",
      ...(call.via ? { vpcEndpointId: call.via.endpointId } : {}),
      ...(target ? { recordedBy: this.trailsFor({ eventName: call.operation, readOnly, ...target }) } : {}),
    };
    this.ring.push(record);
    this.recorded += 1;
    if (this.ring.length > keptRecords * 1.1) this.ring.splice(0, this.ring.length - keptRecords);
    this.out?.append(record);
    // A change is on record before it is answered, so that no kill takes it from the trail; looks may wait.
    if (!readOnly) this.flush();
    this.heard(record);
  }

  /** The last records, newest first. */
  recent(): AuditRecord[] {
    return this.ring.slice(-keptRecords).reverse();
  }

  /** Where the next record will stand: bytes of the file, or a number of records. */
  get position(): number {
    this.flush();
    return this.file ? statSync(this.file).size : this.recorded;
  }

  /**
   * What was recorded from a position on, and where the next begins. A log in memory has the last ones alone.
   * @param most bytes that are read at a time; a record that is longer is read all the same.
   */
  since(position: number, most = 16 << 20): { readonly records: AuditRecord[]; readonly next: number } {
    this.flush();
    if (!this.file) {
      const records = this.ring.slice(Math.max(0, this.ring.length - (this.recorded - position)));
      return { records, next: this.recorded };
    }
    const bytes = readFrom(this.file, position, most);
    const end = bytes.lastIndexOf(0x0a) + 1;
    if (end === 0 && bytes.length === most) return this.since(position, most * 2);
    const lines = bytes.subarray(0, end).toString("utf8").split("\n").slice(0, -1);
    return { records: lines.map((line) => JSON.parse(line) as AuditRecord), next: position + end };
  }

  flush(): void {
    this.out?.flush();
  }

  close(): void {
    this.out?.close();
  }
}

function readFrom(file: string, position: number, most: number): Buffer {
  const fd = openSync(file, "r");
  try {
    const bytes = Buffer.alloc(Math.max(0, Math.min(most, statSync(file).size - position)));
    return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, position));
  } finally {
    closeSync(fd);
  }
}
