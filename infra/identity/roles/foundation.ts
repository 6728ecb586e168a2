import type { Scope } from "../../scope";
import { writeFlowLogs } from "../documents/network";
import { closeAtNight } from "../documents/spending";
import { writeTrailLog } from "../documents/trail";
import type { RoleDescription } from "./services";

export type FoundationRole = "flow-logs" | "trail-logs" | "night-schedule";

/** Roles of AWS services that keep the environment itself: only those that its settings ask for. */
export function foundationRoles(scope: Scope): Partial<Record<FoundationRole, RoleDescription>> {
  const { audit, cost, network } = scope.settings;
  return {
    ...(network.mode !== "default-vpc" && network.flowLogs !== "off"
      ? {
          "flow-logs": {
            description: "Writes the network's flow logs",
            trusted: { service: "vpc-flow-logs.amazonaws.com" },
            duties: { write: writeFlowLogs(scope) },
          },
        }
      : {}),
    ...(audit.trail !== "organization"
      ? // CloudTrail sends neither source account nor source ARN here (CloudTrail user guide, "Role policy document for CloudTrail to use CloudWatch Logs").
        {
          "trail-logs": {
            description: "Writes the trail's events to CloudWatch Logs",
            trusted: { service: "cloudtrail.amazonaws.com", sendsNoAccount: true },
            duties: { write: writeTrailLog(scope) },
          },
        }
      : {}),
    ...(cost.nights.endpoint === "off"
      ? {
          "night-schedule": {
            description: "Takes the endpoint down in the evening and makes it again in the morning",
            trusted: { service: "scheduler.amazonaws.com" },
            duties: { nights: closeAtNight(scope) },
          },
        }
      : {}),
  };
}
