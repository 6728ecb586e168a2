import {
  DeleteTrailCommand,
  GetTrailStatusCommand,
  LookupEventsCommand,
  StopLoggingCommand,
} from "@aws-sdk/client-cloudtrail";
import { DeleteAlarmsCommand, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { DeleteLogGroupCommand, FilterLogEventsCommand, PutLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { StartBuildCommand, UpdateProjectCommand } from "@aws-sdk/client-codebuild";
import { GetCostAndUsageCommand } from "@aws-sdk/client-cost-explorer";
import { DeleteVpcCommand, DescribeVpcsCommand } from "@aws-sdk/client-ec2";
import { BatchDeleteImageCommand, BatchGetImageCommand } from "@aws-sdk/client-ecr";
import { DisableRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { CreateFunctionUrlConfigCommand, InvokeCommand, UpdateFunctionCodeCommand } from "@aws-sdk/client-lambda";
import { GetResourcesCommand } from "@aws-sdk/client-resource-groups-tagging-api";
import { PublishCommand } from "@aws-sdk/client-sns";
import { PurgeQueueCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { GetParameterCommand, PutParameterCommand } from "@aws-sdk/client-ssm";
import { FunctionUrl, type UrlAnswer } from "../../../../aws/function-url";
import { answersPath, doorFunction } from "../../../../contract/front-door";
import { retrainingQueue } from "../../../../contract/monitoring";
import { requestQueue } from "../../../../contract/release-request";
import { imageRepository, project as platform, releaseParameter } from "../../../../contract/names";
import type { Clients } from "../clients";
import type { Target } from "../target";
import type { Probe, Probes } from "./probe";

/** A request about one resource. */
const on = (
  action: string,
  resource: (target: Target) => string,
  send: (clients: Clients, target: Target) => Promise<unknown>,
  context?: (target: Target) => Readonly<Record<string, string | readonly string[]>>,
): Probe => ({
  needs: (target) => [{ action, resource: resource(target), ...(context ? { context: context(target) } : {}) }],
  send,
});

const anywhere = () => "*";
const trail = (target: Target) => target.regional("cloudtrail", `trail/${target.probe}`);
/** IAM is asked about a group's streams, whose names begin with nothing. */
const streams =
  (group: (target: Target) => string, stream = "") =>
  (target: Target) =>
    target.regional("logs", `log-group:${group(target)}:log-stream:${stream}`);
const endpointLog = ({ probe }: Target) => `/aws/sagemaker/Endpoints/${probe}`;
const functionLog = ({ probe }: Target) => `/aws/lambda/${probe}`;
const jobLog = () => "/aws/sagemaker/TrainingJobs";
const project = ({ prefix }: Target) => `${prefix}-release`;
const announce = ({ prefix }: Target) => `${prefix}-announce-candidate`;
const feedback = ({ prefix }: Target) => `${prefix}-feedback`;
const door = ({ environment }: Target) => doorFunction(environment);
const release = ({ environment }: Target) => releaseParameter(environment);
/** The image is of the environment whose stack makes the repository, and used by all. */
const ofRegistry = () => ({ "aws:ResourceTag/project": platform, "aws:ResourceTag/environment": "dev" });
const noImage = { repositoryName: imageRepository, imageIds: [{ imageTag: "none" }] };

/** A request for a URL of a function that is not there. */
const createUrl = (AuthType: "AWS_IAM" | "NONE"): Probe =>
  on(
    "lambda:CreateFunctionUrlConfig",
    (target) => target.regional("lambda", `function:${target.probe}`),
    ({ lambda }, { probe }) => lambda.send(new CreateFunctionUrlConfigCommand({ FunctionName: probe, AuthType })),
    () => ({ "lambda:FunctionUrlAuthType": AuthType }),
  );

/** Rights on a function that is called by its URL. */
const byUrl =
  (name: (target: Target) => string): Probe["needs"] =>
  (target) => {
    const resource = target.regional("lambda", `function:${name(target)}`);
    const context = { "lambda:FunctionUrlAuthType": "AWS_IAM", "lambda:InvokedViaFunctionUrl": "true" };
    return ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"].map((action) => ({ action, resource, context }));
  };

/** Lambda's own dry run. */
const dryRun = (name: (target: Target) => string): Probe =>
  on(
    "lambda:InvokeFunction",
    (target) => target.regional("lambda", `function:${name(target)}`),
    ({ lambda }, target) => lambda.send(new InvokeCommand({ FunctionName: name(target), InvocationType: "DryRun" })),
  );

/** AWS says by the status that the caller may not. */
const unlessForbidden = ({ status, body }: UrlAnswer): void => {
  if (status === 403) throw Object.assign(new Error(body), { name: "AccessDeniedException" });
};

/** Feedback that holds no label: the function refuses it. */
const emptyFeedback = async ({ lambda }: Clients, target: Target): Promise<void> =>
  unlessForbidden(await new FunctionUrl(lambda, feedback(target)).post({ labels: [] }, 1));

/**
 * Asks for an answer that nobody waits for. An environment without a door has no URL to ask: there the other of the two
 * rights that a URL needs is asked for.
 */
const noAnswer = async (clients: Clients, target: Target): Promise<void> => {
  try {
    const url = new FunctionUrl(clients.lambda, door(target));
    unlessForbidden(await url.send({ method: "GET", path: `${answersPath}none` }));
  } catch (error) {
    if ((error as Error).name !== "ResourceNotFoundException") throw error;
    await dryRun(door).send(clients, target);
  }
};

const send = (queue: (target: Target) => string): Probe =>
  on(
    "sqs:SendMessage",
    (target) => target.regional("sqs", queue(target)),
    ({ sqs }, target) =>
      sqs.send(
        new SendMessageCommand({
          QueueUrl: `https://sqs.${target.region}.amazonaws.com/${target.accountId}/${queue(target)}`,
          MessageBody: "not a request",
        }),
      ),
  );

export const platformProbes: Probes = {
  "cloudwatch:DescribeAlarms list": on(
    "cloudwatch:DescribeAlarms",
    (target) => target.regional("cloudwatch", "alarm:*"),
    ({ cloudwatch }) => cloudwatch.send(new DescribeAlarmsCommand({ MaxRecords: 1 })),
  ),
  "cloudwatch:DeleteAlarms own": on(
    "cloudwatch:DeleteAlarms",
    (target) => target.regional("cloudwatch", `alarm:${target.probe}`),
    ({ cloudwatch }, { probe }) => cloudwatch.send(new DeleteAlarmsCommand({ AlarmNames: [probe] })),
  ),
  "logs:FilterLogEvents endpoint": on("logs:FilterLogEvents", streams(endpointLog), ({ logs }, target) =>
    logs.send(new FilterLogEventsCommand({ logGroupName: endpointLog(target) })),
  ),
  "logs:FilterLogEvents function": on("logs:FilterLogEvents", streams(functionLog), ({ logs }, target) =>
    logs.send(new FilterLogEventsCommand({ logGroupName: functionLog(target) })),
  ),
  "logs:PutLogEvents job": on("logs:PutLogEvents", streams(jobLog, "no-such-stream"), ({ logs }) =>
    logs.send(
      new PutLogEventsCommand({
        logGroupName: jobLog(),
        logStreamName: "no-such-stream",
        logEvents: [{ timestamp: Date.now(), message: "none" }],
      }),
    ),
  ),
  "logs:DeleteLogGroup function": on("logs:DeleteLogGroup", streams(functionLog), ({ logs }, target) =>
    logs.send(new DeleteLogGroupCommand({ logGroupName: functionLog(target) })),
  ),
  "tag:GetResources list": on("tag:GetResources", anywhere, ({ tagging }) =>
    tagging.send(new GetResourcesCommand({ ResourcesPerPage: 1, TagFilters: [{ Key: "none" }] })),
  ),

  // Where it is allowed AWS bills it: 0.01 USD.
  "ce:GetCostAndUsage list": on("ce:GetCostAndUsage", anywhere, ({ costs }) => {
    const day = (ago: number): string => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10);
    const TimePeriod = { Start: day(2), End: day(1) };
    return costs.send(new GetCostAndUsageCommand({ TimePeriod, Granularity: "DAILY", Metrics: ["UnblendedCost"] }));
  }),

  "ssm:GetParameter release": on(
    "ssm:GetParameter",
    (target) => target.regional("ssm", `parameter${release(target)}`),
    ({ ssm }, target) => ssm.send(new GetParameterCommand({ Name: release(target) })),
  ),
  "ssm:PutParameter release": on(
    "ssm:PutParameter",
    (target) => target.regional("ssm", `parameter${release(target)}`),
    ({ ssm }, target) =>
      ssm.send(new PutParameterCommand({ Name: release(target), Value: "{}", Type: "String", Overwrite: false })),
    () => ({ "ssm:Overwrite": "false" }),
  ),
  "codebuild:StartBuild release": on(
    "codebuild:StartBuild",
    (target) => target.regional("codebuild", `project/${project(target)}`),
    ({ codebuild }, target) => codebuild.send(new StartBuildCommand({ projectName: project(target) })),
  ),
  "codebuild:UpdateProject release": on(
    "codebuild:UpdateProject",
    (target) => target.regional("codebuild", `project/${project(target)}`),
    ({ codebuild }, target) => codebuild.send(new UpdateProjectCommand({ name: project(target), description: "none" })),
  ),

  "cloudtrail:LookupEvents list": on("cloudtrail:LookupEvents", anywhere, ({ cloudtrail }) =>
    cloudtrail.send(new LookupEventsCommand({ MaxResults: 1 })),
  ),
  "cloudtrail:GetTrailStatus own": on("cloudtrail:GetTrailStatus", trail, ({ cloudtrail }, target) =>
    cloudtrail.send(new GetTrailStatusCommand({ Name: trail(target) })),
  ),
  "cloudtrail:StopLogging own": on("cloudtrail:StopLogging", trail, ({ cloudtrail }, target) =>
    cloudtrail.send(new StopLoggingCommand({ Name: trail(target) })),
  ),
  "cloudtrail:DeleteTrail own": on("cloudtrail:DeleteTrail", trail, ({ cloudtrail }, target) =>
    cloudtrail.send(new DeleteTrailCommand({ Name: trail(target) })),
  ),

  "lambda:InvokeFunction announce": dryRun(announce),
  "lambda:InvokeFunctionUrl feedback": { needs: byUrl(feedback), send: emptyFeedback },
  "lambda:InvokeFunction feedback": dryRun(feedback),
  "lambda:InvokeFunctionUrl front-door": { needs: byUrl(door), send: noAnswer },
  "lambda:InvokeFunction front-door": dryRun(door),
  "lambda:CreateFunctionUrlConfig signed": createUrl("AWS_IAM"),
  "lambda:CreateFunctionUrlConfig open": createUrl("NONE"),
  "lambda:UpdateFunctionCode own": on(
    "lambda:UpdateFunctionCode",
    (target) => target.regional("lambda", `function:${target.probe}`),
    ({ lambda }, { probe }) =>
      lambda.send(new UpdateFunctionCodeCommand({ FunctionName: probe, ZipFile: new Uint8Array([0]), DryRun: true })),
  ),
  "events:PutTargets own": on(
    "events:PutTargets",
    (target) => target.regional("events", `rule/${target.probe}`),
    ({ events }, target) =>
      events.send(
        new PutTargetsCommand({
          Rule: target.probe,
          Targets: [{ Id: "none", Arn: target.regional("sqs", target.probe) }],
        }),
      ),
    (target) => ({ "events:TargetArn": [target.regional("sqs", target.probe)] }),
  ),
  "events:PutTargets release": on(
    "events:PutTargets",
    (target) => target.regional("events", `rule/${target.prefix}-release-probe`),
    ({ events }, target) =>
      events.send(
        new PutTargetsCommand({
          Rule: `${target.prefix}-release-probe`,
          Targets: [{ Id: "none", Arn: target.regional("sqs", target.probe) }],
        }),
      ),
    (target) => ({ "events:TargetArn": [target.regional("sqs", target.probe)] }),
  ),
  "lambda:UpdateFunctionCode release": on(
    "lambda:UpdateFunctionCode",
    (target) => target.regional("lambda", `function:${target.prefix}-deploy-candidate`),
    ({ lambda }, target) =>
      lambda.send(
        new UpdateFunctionCodeCommand({
          FunctionName: `${target.prefix}-deploy-candidate`,
          ZipFile: new Uint8Array([0]),
          DryRun: true,
        }),
      ),
  ),
  // A queue that is not there; who may send to it is asked first.
  "sqs:SendMessage requests": send(({ environment }) => requestQueue(environment)),
  "sqs:SendMessage retraining": send(({ environment }) => retrainingQueue(environment)),
  "sqs:SendMessage trials": send(({ prefix }) => `${prefix}-trials`),
  "events:DisableRule own": on(
    "events:DisableRule",
    (target) => target.regional("events", `rule/${target.probe}`),
    ({ events }, { probe }) => events.send(new DisableRuleCommand({ Name: probe })),
  ),
  "sns:Publish alerts": on(
    "sns:Publish",
    (target) => target.regional("sns", `${target.prefix}-alerts-info`),
    ({ sns }, target) =>
      sns.send(
        new PublishCommand({ TopicArn: target.regional("sns", `${target.prefix}-alerts-info`), Message: "none" }),
      ),
  ),
  "sqs:PurgeQueue own": on(
    "sqs:PurgeQueue",
    (target) => target.regional("sqs", target.probe),
    ({ sqs }, target) =>
      sqs.send(
        new PurgeQueueCommand({
          QueueUrl: `https://sqs.${target.region}.amazonaws.com/${target.accountId}/${target.probe}`,
        }),
      ),
  ),
  "ecr:BatchGetImage image": on(
    "ecr:BatchGetImage",
    (target) => target.regional("ecr", `repository/${imageRepository}`),
    ({ ecr }) => ecr.send(new BatchGetImageCommand(noImage)),
    ofRegistry,
  ),
  "ecr:BatchDeleteImage image": on(
    "ecr:BatchDeleteImage",
    (target) => target.regional("ecr", `repository/${imageRepository}`),
    ({ ecr }) => ecr.send(new BatchDeleteImageCommand(noImage)),
    ofRegistry,
  ),
  "ec2:DescribeVpcs list": on("ec2:DescribeVpcs", anywhere, ({ ec2 }) =>
    ec2.send(new DescribeVpcsCommand({ MaxResults: 5 })),
  ),
  "ec2:DeleteVpc untagged": on(
    "ec2:DeleteVpc",
    (target) => target.regional("ec2", "vpc/vpc-00000000000000000"),
    ({ ec2 }) => ec2.send(new DeleteVpcCommand({ VpcId: "vpc-00000000000000000", DryRun: true })),
  ),
};
