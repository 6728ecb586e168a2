import type { AuditRecord } from "../../audit/log";
import type { Cloud } from "../../cloud";
import type { Members } from "../../members";
import type { Handler, InventoryItem, Service } from "../../service";
import { AwsError } from "../../errors";
import { trailPermissions } from "./permissions";
import { asksFor } from "./selectors";
import { trailOperations, type TrailRecord } from "./trails";

/** CloudTrail: LookupEvents over what the local cloud recorded; trails are kept as records and write nothing to S3. */
export function createCloudTrail(cloud: Cloud): Service {
  const trails = cloud.journal.table<TrailRecord>("cloudtrail/trails");
  cloud.audit.trailsFor = (event) =>
    [...trails.values()]
      .filter(({ logging, selectors }) => logging && asksFor(selectors, event))
      .map(({ name }) => name);
  return {
    id: "cloudtrail",
    operations: { LookupEvents: lookup(cloud), ...trailOperations(cloud) },
    permissions: trailPermissions(cloud),
    tagsOf: (arn) => [...trails.values()].find((trail) => trail.arn === arn)?.tags,
    inventory: (): InventoryItem[] =>
      [...trails.values()].map((trail) => ({ arn: trail.arn, type: "cloudtrail:trail" })),
  };
}

function lookup(cloud: Cloud): Handler {
  return (input) => {
    const from = (input.StartTime as Date | undefined)?.getTime() ?? 0;
    const to = (input.EndTime as Date | undefined)?.getTime() ?? Number.MAX_SAFE_INTEGER;
    if (from > to) throw new AwsError("InvalidTimeRangeException", "The start time must be before the end time.");
    const wanted = (input.LookupAttributes ?? []) as { AttributeKey: string; AttributeValue: string }[];
    const matching = cloud.audit.recent().filter((record) => {
      const at = Date.parse(record.eventTime);
      // LookupEvents knows management events only.
      return (
        record.managementEvent &&
        at >= from &&
        at <= to &&
        wanted.every(({ AttributeKey, AttributeValue }) => attribute(record, AttributeKey).includes(AttributeValue))
      );
    });
    const start = Number(Buffer.from((input.NextToken as string | undefined) ?? "", "base64").toString() || 0);
    const page = matching.slice(start, start + ((input.MaxResults as number | undefined) ?? 50));
    const next = start + page.length;
    return {
      Events: page.map(describe),
      ...(next < matching.length ? { NextToken: Buffer.from(String(next)).toString("base64") } : {}),
    };
  };
}

function attribute(record: AuditRecord, key: string): string[] {
  switch (key) {
    case "EventId":
      return [record.eventID];
    case "EventName":
      return [record.eventName];
    case "ReadOnly":
      return [String(record.readOnly)];
    case "Username":
      return [userName(record) ?? ""];
    case "EventSource":
      return [record.eventSource];
    case "AccessKeyId":
      return [String(record.userIdentity.accessKeyId ?? "")];
    case "ResourceName":
      return (record.resources ?? []).flatMap(({ ARN }) => [ARN, ARN.split(/[:/]/).pop() ?? ""]);
    default:
      return [];
  }
}

function describe(record: AuditRecord): Members {
  return {
    EventId: record.eventID,
    EventName: record.eventName,
    ReadOnly: String(record.readOnly),
    AccessKeyId: record.userIdentity.accessKeyId,
    EventTime: new Date(record.eventTime),
    EventSource: record.eventSource,
    Username: userName(record),
    Resources: (record.resources ?? []).map(({ ARN }) => ({ ResourceName: ARN })),
    CloudTrailEvent: JSON.stringify(record),
  };
}

/** For a role session CloudTrail's user name is the session's name. */
function userName(record: AuditRecord): string | undefined {
  const identity = record.userIdentity;
  return (identity.userName as string | undefined) ?? (identity.arn as string | undefined)?.split("/").pop();
}
