import type {
  Event,
  LookupAttributeKey,
  LookupEventsCommandInput,
  LookupEventsCommandOutput,
} from "@aws-sdk/client-cloudtrail";
import type { AuditRecord } from "../../audit/log";
import type { Cloud } from "../../cloud";
import { AwsError } from "../../errors";
import { operation } from "../../operation";
import { onAnyTrail } from "./requirements";

/** Events on a page, where the caller does not say how many (CloudTrail API, LookupEvents). */
const pageSize = 50;

/** What was recorded of the account's management events; LookupEvents knows no others. */
export const lookupEvents = (cloud: Cloud) =>
  operation<LookupEventsCommandInput, LookupEventsCommandOutput>({
    requires: onAnyTrail,
    fidelity: {
      level: "simulated",
      note: "every call leaves a CloudTrail-shaped record, which is found at once; AWS takes minutes",
    },
    handle: ({ StartTime, EndTime, LookupAttributes: wanted = [], NextToken = "", MaxResults = pageSize }) => {
      const from = StartTime?.getTime() ?? 0;
      const to = EndTime?.getTime() ?? Number.MAX_SAFE_INTEGER;
      if (from > to) throw new AwsError("InvalidTimeRangeException", "The start time must be before the end time.");
      const matching = cloud.audit.recent().filter((record) => {
        const at = Date.parse(record.eventTime);
        return (
          record.managementEvent &&
          at >= from &&
          at <= to &&
          wanted.every(({ AttributeKey, AttributeValue }) => attribute(record, AttributeKey).includes(AttributeValue))
        );
      });
      const start = Number(Buffer.from(NextToken, "base64").toString() || 0);
      const page = matching.slice(start, start + MaxResults);
      const next = start + page.length;
      return {
        Events: page.map(describe),
        ...(next < matching.length ? { NextToken: Buffer.from(String(next)).toString("base64") } : {}),
      };
    },
  });

function attribute(record: AuditRecord, key: LookupAttributeKey): string[] {
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
    case "ResourceType":
      return [];
  }
}

function describe(record: AuditRecord): Event {
  return {
    EventId: record.eventID,
    EventName: record.eventName,
    ReadOnly: String(record.readOnly),
    AccessKeyId: record.userIdentity.accessKeyId as string | undefined,
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
