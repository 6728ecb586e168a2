import type { Cloud } from "../../cloud";
import type { Members } from "../../members";
import type { BuildRecord, PhaseContext, PhaseRecord } from "./records";

/** Sends `CodeBuild Build State Change` (User Guide, "Build notifications input format reference"). */
export function emitStateChange(cloud: Cloud, build: BuildRecord): void {
  const current = build.phases.at(-1);
  measure(cloud, build);
  emit(cloud, build, "CodeBuild Build State Change", {
    "build-status": build.status,
    "current-phase": current?.type ?? "SUBMITTED",
    "current-phase-context": contextText(current?.context),
  });
}

/** CodeBuild's metrics of a project (User Guide, "CodeBuild metrics"). */
function measure(cloud: Cloud, { project, status }: BuildRecord): void {
  const names =
    status === "IN_PROGRESS"
      ? ["Builds"]
      : status === "SUCCEEDED"
        ? ["SucceededBuilds"]
        : status === "STOPPED"
          ? []
          : ["FailedBuilds"];
  cloud.internals.measure(
    names.map((name) => ({
      namespace: "AWS/CodeBuild",
      name,
      dimensions: { ProjectName: project },
      value: 1,
      unit: "Count",
    })),
  );
}

/** Sends `CodeBuild Build Phase Change` for a phase that ended. */
export function emitPhaseChange(cloud: Cloud, build: BuildRecord, phase: PhaseRecord): void {
  emit(cloud, build, "CodeBuild Build Phase Change", {
    "completed-phase": phase.type,
    "completed-phase-status": phase.status,
    "completed-phase-context": contextText(phase.context),
    "completed-phase-duration-seconds": seconds(phase),
    "completed-phase-start": date(phase.startMs),
    "completed-phase-end": date(phase.endMs ?? phase.startMs),
  });
}

function emit(cloud: Cloud, build: BuildRecord, detailType: string, detail: Members): void {
  cloud.internals.emit({
    source: "aws.codebuild",
    detailType,
    resources: [build.arn],
    detail: {
      ...detail,
      "project-name": build.project,
      "build-id": build.arn,
      "additional-information": additionalInformation(cloud, build),
      version: "1",
    },
  });
}

function additionalInformation(cloud: Cloud, build: BuildRecord): Members {
  const { environment, logs, source } = build;
  return {
    cache: { type: build.recorded.cache?.type ?? "NO_CACHE" },
    "build-number": build.number,
    "timeout-in-minutes": build.timeoutMinutes,
    "queued-timeout-in-minutes": build.queuedTimeoutMinutes,
    "build-complete": build.endMs !== undefined,
    initiator: build.initiator,
    "build-start-time": date(build.startMs),
    ...(build.sourceVersion === undefined ? {} : { "source-version": build.sourceVersion }),
    source: {
      type: source.type,
      ...(source.location ? { location: source.location } : {}),
      ...(source.buildspec ? { buildspec: source.buildspec } : {}),
    },
    artifact: { location: "" },
    environment: {
      image: environment.image,
      "privileged-mode": environment.privilegedMode ?? false,
      "image-pull-credentials-type": environment.imagePullCredentialsType,
      "compute-type": environment.computeType,
      type: environment.type,
      "environment-variables": build.variables.map(({ name, value, type }) => ({
        name,
        type: type ?? "PLAINTEXT",
        value,
      })),
    },
    logs: logs
      ? { "group-name": logs.group, "stream-name": logs.stream, "deep-link": deepLink(cloud.region, logs) }
      : {},
    phases: build.phases.map((phase) => ({
      "phase-type": phase.type,
      "start-time": date(phase.startMs),
      ...(phase.endMs === undefined
        ? {}
        : {
            "end-time": date(phase.endMs),
            "duration-in-seconds": seconds(phase),
            "phase-status": phase.status,
            "phase-context": phase.context?.statusCode ? [contextLine(phase.context)] : [],
          }),
    })),
    ...(build.exported.length > 0 ? { "exported-environment-variables": build.exported } : {}),
  };
}

export function deepLink(region: string, logs: { group: string; stream: string }): string {
  const encoded = (text: string): string => encodeURIComponent(encodeURIComponent(text)).replaceAll("%", "$");
  return `https://console.aws.amazon.com/cloudwatch/home?region=${region}#logsV2:log-groups/log-group/${encoded(logs.group)}/log-events/${encoded(logs.stream)}`;
}

export function seconds(phase: PhaseRecord): number {
  return Math.floor(((phase.endMs ?? phase.startMs) - phase.startMs) / 1000);
}

const contextLine = ({ statusCode, message }: PhaseContext): string => `${statusCode}: ${message}`;

/** A text that looks like a list, as CodeBuild sends it. */
function contextText(context: PhaseContext | undefined): string {
  return context?.statusCode ? `[${contextLine(context)}]` : "[]";
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `Sep 1, 2017 4:12:29 PM`, UTC. */
function date(ms: number): string {
  const at = new Date(ms);
  const two = (value: number): string => String(value).padStart(2, "0");
  const hours = at.getUTCHours();
  return `${MONTHS[at.getUTCMonth()]} ${at.getUTCDate()}, ${at.getUTCFullYear()} ${hours % 12 || 12}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())} ${hours < 12 ? "AM" : "PM"}`;
}
