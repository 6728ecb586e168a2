import { joinNetwork } from "../documents/network";
import type { Scope } from "../../scope";
import { channelsOf } from "../../alerts/routes";
import { allow } from "../document";
import { neverWriteDataset, readArtifacts, readInputs, useKey, writeArtifacts } from "../documents/data";
import { publishMetrics, pullImage, writeJobLogs } from "../documents/jobs";
import { buildImage, imageBuildLogGroup, runMonitoring, seeGraphs, startMonitoring } from "../documents/operations";
import { passRoles } from "../documents/pipeline";
import { writeBuildLog } from "../documents/release";
import { prefixes } from "../prefixes";
import type { RoleDescription } from "./services";

export type MonitoringRole = "monitoring-execution" | "monitoring-start";
export type OperationsRole = MonitoringRole | "event-forward" | "image-build" | "chat";

/** Roles of what watches, forwards, builds and tells; each exists where its setting asks for it. */
export function operationsRoles(scope: Scope): Partial<Record<OperationsRole, RoleDescription>> {
  const { settings } = scope;
  return {
    "event-forward": {
      description: "Copies the environment's events to its own bus",
      trusted: { service: "events.amazonaws.com" },
      duties: {
        forward: [
          allow(
            "Forward",
            ["events:PutEvents"],
            [scope.arns.events(`event-bus/${scope.names.of("eventBus", "events")}`)],
          ),
        ],
      },
    },
    ...(settings.monitoring.mode === "off" ? {} : monitoringRoles(scope)),
    ...(settings.image.builds ? imageBuildRole(scope) : {}),
    ...(channelsOf(settings.alertRoutes).length > 0
      ? {
          chat: {
            description: "Shows graphs of alarms in chat channels",
            trusted: { service: "chatbot.amazonaws.com" },
            duties: { see: seeGraphs(scope) },
          },
        }
      : {}),
  };
}

function monitoringRoles(scope: Scope): Record<MonitoringRole, RoleDescription> {
  const { capture, monitoring } = prefixes;
  return {
    "monitoring-execution": {
      description: "Monitoring: reads captured data and baselines, writes reports and metrics",
      trusted: { service: "sagemaker.amazonaws.com" },
      duties: {
        run: runMonitoring(scope),
        "pass-roles": passRoles(scope, ["monitoring-execution"]),
        image: pullImage(scope),
        logs: writeJobLogs(scope),
        metrics: publishMetrics(scope, "monitoring"),
        key: useKey(scope),
        network: joinNetwork(scope),
        artifacts: [...readInputs(scope, [capture, monitoring]), ...writeArtifacts(scope, [monitoring])],
      },
    },
    "monitoring-start": {
      description: "Starts monitoring on schedule",
      trusted: { service: "scheduler.amazonaws.com" },
      duties: { start: startMonitoring(scope) },
    },
  };
}

function imageBuildRole(scope: Scope): Record<"image-build", RoleDescription> {
  return {
    "image-build": {
      description: "Builds the container image from the committed source and pushes it under a new tag",
      trusted: { service: "codebuild.amazonaws.com" },
      duties: {
        build: buildImage(scope),
        source: readArtifacts(scope, [prefixes.sources]),
        logs: writeBuildLog(scope, imageBuildLogGroup(scope)),
        limits: neverWriteDataset(scope),
        key: useKey(scope),
      },
    },
  };
}
