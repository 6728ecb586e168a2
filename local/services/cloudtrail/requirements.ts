import type { Call, Requirement } from "../../call";
import { need, passRole } from "../../iam/permissions/requirements";
import type { TrailStore } from "./trail-store";

/** The operation's own action on each of these trails, given by name or ARN. */
export function onTrails(trails: TrailStore, names: readonly string[], { operation }: Call): Requirement[] {
  return names.map((name) => need(`cloudtrail:${operation}`, trails.arn(name)));
}

/** The operation's own action where it knows no resource: lists and look-ups. */
export function onAnyTrail(_input: unknown, { operation }: Call): Requirement[] {
  return [need(`cloudtrail:${operation}`, "*")];
}

/** The role as which a trail writes to CloudWatch Logs (AWSCloudTrail_FullAccess passes it to this service). */
export function passLogsRole(role: string | undefined): Requirement[] {
  return passRole(role, "cloudtrail.amazonaws.com");
}
