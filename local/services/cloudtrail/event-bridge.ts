import type { AuditRecord } from "../../audit/log";
import type { Cloud } from "../../cloud";
import { asksForManagement } from "./selectors";
import type { TrailStore } from "./trail-store";

/** Services with one endpoint for the whole partition: their calls are recorded in one region, whoever asks from where. */
const globalServices: ReadonlySet<string> = new Set(["iam.amazonaws.com", "organizations.amazonaws.com"]);
const regionOfGlobal = "us-east-1";

/** A trail's last words: that it was stopped is recorded, too. */
const lastWords: ReadonlySet<string> = new Set(["StopLogging", "DeleteTrail"]);

/**
 * Puts a recorded call on the default bus, where a trail of the account records it: changes of the account, failed ones
 * included, and data events that a trail asks for. Looks come only by rules in a state of their own (EventBridge user
 * guide, "Events delivered via CloudTrail": "read-only management events", `ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS`),
 * and calls of a global service in its own region alone.
 */
export function tellEventBridge(cloud: Cloud, trails: TrailStore, record: AuditRecord): void {
  if (record.readOnly) return;
  if (globalServices.has(record.eventSource) && cloud.region !== regionOfGlobal) return;
  const { recordedBy = [], ...detail } = record;
  const recorded =
    record.eventCategory === "Data"
      ? recordedBy.length > 0
      : (record.eventSource === "cloudtrail.amazonaws.com" && lastWords.has(record.eventName)) ||
        trails.all().some(({ logging, selectors }) => logging && asksForManagement(selectors));
  if (!recorded) return;
  cloud.internals.emit({
    source: `aws.${record.eventSource.split(".")[0]}`,
    detailType: "AWS API Call via CloudTrail",
    resources: [],
    detail: { ...detail },
  });
}
