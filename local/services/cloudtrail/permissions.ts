import type { Call, Requirement } from "../../call";
import type { Cloud } from "../../cloud";
import type { Members } from "../../members";
import type { Service } from "../../service";
import { passRole } from "../../iam/permissions/requirements";

/** What CloudTrail's operations require: those about one trail are asked on it, by its name or ARN; lists and look-ups know no resource. */
export function trailPermissions(cloud: Cloud): NonNullable<Service["permissions"]> {
  const trail = (name: unknown): string =>
    String(name).startsWith("arn:") ? String(name) : cloud.arn("cloudtrail", `trail/${String(name)}`);
  const onEach = (names: readonly unknown[], { operation }: Call): Requirement[] =>
    names.map((name) => ({ action: `cloudtrail:${operation}`, resource: trail(name) }));
  const byName = (input: Members, call: Call) => onEach([input.Name], call);
  const byTrailName = (input: Members, call: Call) => onEach([input.TrailName], call);
  const byResource = (input: Members, call: Call) => onEach([input.ResourceId], call);
  /** The role as which the trail writes to CloudWatch Logs (AWSCloudTrail_FullAccess passes it to this service). */
  const writesLogs = (input: Members): Requirement[] =>
    passRole(input.CloudWatchLogsRoleArn, "cloudtrail.amazonaws.com");
  return {
    CreateTrail: (input, call) => [
      ...byName(input, call),
      ...((input.TagsList as unknown[] | undefined)?.length
        ? [{ action: "cloudtrail:AddTags", resource: trail(input.Name) }]
        : []),
      ...writesLogs(input),
    ],
    UpdateTrail: (input, call) => [...byName(input, call), ...writesLogs(input)],
    DeleteTrail: byName,
    GetTrail: byName,
    GetTrailStatus: byName,
    StartLogging: byName,
    StopLogging: byName,
    PutEventSelectors: byTrailName,
    GetEventSelectors: byTrailName,
    AddTags: byResource,
    RemoveTags: byResource,
    ListTags: (input, call) => onEach(input.ResourceIdList as unknown[], call),
  };
}
