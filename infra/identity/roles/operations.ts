import { channelsOf } from "../../alerts/routes";
import type { Scope } from "../../scope";
import { allow, type Statement } from "../document";
import { neverWriteDataset, readArtifacts, readInputs, useKey, writeArtifacts } from "../documents/data";
import { limitJobs, publishMonitoring, pullImage, writeJobLogs } from "../documents/jobs";
import { joinNetwork } from "../documents/network";
import { baseImageAccount, imageBuildLogGroup, writeBuildLog } from "../documents/builds";
import { passRoles } from "../documents/passing";
import { baselinesPrefix } from "../../../contract/monitoring";
import { alertStateKey } from "../../../contract/alert-state";
import { alertTopic } from "../../../contract/names";
import { prefixes } from "../../../contract/places";
import { experimentLookDefinitions } from "./look-at-experiment";
import { escalate } from "./escalate";
import { fallBack } from "./fall-back";
import { feedback } from "./feedback";
import { forecastDefinitions } from "./forecast";
import { frontDoor } from "./front-door";
import { heal } from "./heal";
import { kpiDefinitions } from "./publish-kpis";
import { recordChanges } from "./record-changes";
import { reportDefinitions } from "./report";
import { retrainingDefinitions } from "./retraining";
import { define, type RoleDescription, rolesOf } from "./role-definition";
import { witnessLog } from "./witness-log";
import { writeLogs } from "../documents/functions";

export type OperationsRole = (typeof operationsDefinitions)[number]["name"];
export type MonitoringRole = "monitoring-execution" | "monitoring-start";

const { capture, labels, monitoring } = prefixes;
const monitors = ({ settings }: Scope): boolean => settings.monitoring.mode !== "off";

const eventForward = define({
  name: "event-forward",
  kind: "service",
  description: "Copies the environment's events to its own bus",
  trusted: { service: "events.amazonaws.com" },
  handedByDeployers: true,
  expected: { spec: "test/infra/identity/signals.spec.ts" },
  duties: (scope) => ({
    forward: [tellBus("Forward", scope)],
  }),
});

const monitoringExecution = define({
  name: "monitoring-execution",
  kind: "service",
  description: "Monitoring: reads captured data, labels and baselines, writes reports and metrics, tells the bus",
  trusted: { service: "sagemaker.amazonaws.com" },
  writes: ["monitoring"],
  handedByDeployers: true,
  // What goes on serving goes on being watched.
  outlivesBudget: true,
  expected: { spec: "test/infra/monitoring/monitoring.spec.ts" },
  exists: monitors,
  duties: (scope) => ({
    run: runMonitoring(scope),
    "pass-roles": passRoles(scope, ["monitoring-execution"]),
    image: pullImage(scope),
    logs: writeJobLogs(scope),
    metrics: publishMonitoring(scope),
    tell: [tellBus("TellBus", scope)],
    key: useKey(scope),
    network: joinNetwork(scope),
    artifacts: [
      ...readInputs(scope, [capture, monitoring, labels, baselinesPrefix]),
      ...writeArtifacts(scope, [monitoring]),
    ],
  }),
});

const monitoringStart = define({
  name: "monitoring-start",
  kind: "service",
  description: "Starts monitoring on schedule",
  trusted: { service: "scheduler.amazonaws.com" },
  handedByDeployers: true,
  outlivesBudget: true,
  expected: { spec: "test/infra/monitoring/monitoring.spec.ts" },
  exists: monitors,
  duties: (scope) => ({ start: startMonitoring(scope) }),
});

const imageBuild = define({
  name: "image-build",
  kind: "service",
  description: "Builds the container image from the committed source and pushes it under a new tag",
  trusted: { service: "codebuild.amazonaws.com" },
  expected: { spec: "test/infra/images/image-builds.spec.ts" },
  exists: ({ settings }) => settings.image.builds,
  duties: (scope) => ({
    build: buildImage(scope),
    source: readArtifacts(scope, [prefixes.sources]),
    logs: writeBuildLog(scope, imageBuildLogGroup(scope)),
    limits: neverWriteDataset(scope),
    key: useKey(scope),
  }),
});

const chat = define({
  name: "chat",
  kind: "service",
  description: "Shows graphs of alarms in chat channels",
  trusted: { service: "chatbot.amazonaws.com" },
  handedByDeployers: true,
  expected: { spec: "test/infra/alerts/alerts.spec.ts" },
  exists: ({ settings }) => channelsOf(settings.alertRoutes).length > 0,
  duties: (scope) => ({ see: seeGraphs(scope) }),
});

const tell = define({
  name: "tell",
  kind: "service",
  description: "Tells people what alarms and events have to say",
  trusted: { service: "lambda.amazonaws.com" },
  writes: ["watch"],
  expected: { spec: "test/infra/alerts/telling.spec.ts" },
  duties: (scope) => ({
    tell: tellPeople(scope),
    state: keepAlertState(scope),
    key: useKey(scope),
  }),
});

/** Roles of what watches, forwards, builds and tells; each exists where its setting asks for it. */
export const operationsDefinitions = [
  eventForward,
  monitoringExecution,
  monitoringStart,
  imageBuild,
  chat,
  feedback,
  frontDoor,
  fallBack,
  tell,
  heal,
  recordChanges,
  witnessLog,
  escalate,
  ...forecastDefinitions,
  ...kpiDefinitions,
  ...reportDefinitions,
  ...retrainingDefinitions,
  ...experimentLookDefinitions,
] as const;

export function operationsRoles(scope: Scope): Partial<Record<OperationsRole, RoleDescription>> {
  return rolesOf<OperationsRole>(operationsDefinitions, scope);
}

/** Puts events on the environment's own bus. */
function tellBus(sid: string, { arns, names }: Scope): Statement {
  return allow(sid, ["events:PutEvents"], [arns.events(`event-bus/${names.of("eventBus", "events")}`)]);
}

/** Runs the monitoring pipeline's one job, on its own instance type. */
function runMonitoring(scope: Scope): Statement[] {
  return [
    allow(
      "RunMonitoring",
      [
        // The pipeline's step makes its job, waits for its end, and stops it when the execution is stopped.
        "sagemaker:AddTags",
        "sagemaker:CreateProcessingJob",
        "sagemaker:DescribeProcessingJob",
        "sagemaker:ListTags",
        "sagemaker:StopProcessingJob",
      ],
      [scope.arns.sagemaker(`processing-job/${scope.jobPrefix("monitor")}-*`)],
    ),
    ...limitJobs(scope, [scope.settings.monitoring.instanceType]),
  ];
}

/** Starts monitoring, and keeps what could not be started: Scheduler writes dead letters as the schedule's role. */
function startMonitoring({ arns, monitoringPipeline, names }: Scope): Statement[] {
  return [
    allow("StartMonitoring", ["sagemaker:StartPipelineExecution"], [arns.sagemaker(`pipeline/${monitoringPipeline}`)]),
    allow("KeepDeadLetters", ["sqs:SendMessage"], [arns.queue(names.of("queue", "dead-letters"))]),
  ];
}

/** Pulls AWS's base image and pushes ours. Tags are immutable, so nothing that is there is changed. */
function buildImage({ arns, imageRepository, place: { partition }, settings: { region } }: Scope): Statement[] {
  return [
    allow("SignInToRegistry", ["ecr:GetAuthorizationToken"], ["*"]),
    allow(
      "PullBaseImage",
      [
        // What `docker pull` asks for (ECR user guide, "Required IAM permissions for pulling").
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:GetDownloadUrlForLayer",
      ],
      [`arn:${partition}:ecr:${region}:${baseImageAccount}:repository/pytorch`],
    ),
    allow(
      "PushImage",
      [
        // What `docker push` asks for, with layers of earlier images as its cache; DescribeImages tells whether the tag
        // is there already.
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:CompleteLayerUpload",
        "ecr:DescribeImages",
        "ecr:GetDownloadUrlForLayer",
        "ecr:InitiateLayerUpload",
        "ecr:PutImage",
        "ecr:UploadLayerPart",
      ],
      [arns.repository(imageRepository)],
    ),
  ];
}

/** What a chat channel shows of an alarm. */
function seeGraphs({ arns }: Scope): Statement[] {
  return [
    allow("SeeAlarms", ["cloudwatch:DescribeAlarms"], [arns.alarm("*")]),
    allow(
      "SeeMetrics",
      [
        // Amazon Q Developer draws the graph itself.
        "cloudwatch:GetMetricData",
        "cloudwatch:ListMetrics",
      ],
      ["*"],
    ),
  ];
}

/** Publishes to the topics of people; what it was called for and could not do waits in the dead letters. */
function tellPeople(scope: Scope): Statement[] {
  const { arns, environment, deadLetterQueue } = scope;
  return [
    allow("Tell", ["sns:Publish"], [arns.topic(alertTopic(environment, "*"))]),
    allow("KeepDeadLetters", ["sqs:SendMessage"], [arns.queue(deadLetterQueue)]),
    writeLogs(scope, "tell"),
  ];
}

/** Remembers what people were told; listing tells a state that is not there yet from a forbidden one. */
function keepAlertState({ arns, artifactsBucket }: Scope): Statement[] {
  return [
    allow(
      "KeepState",
      [
        // One small object, read and replaced.
        "s3:GetObject",
        "s3:PutObject",
      ],
      [arns.object(artifactsBucket, alertStateKey)],
    ),
    allow("MissState", ["s3:ListBucket"], [arns.bucket(artifactsBucket)]),
  ];
}
