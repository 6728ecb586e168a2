import type { Scope } from "../../scope";
import { allow, type Statement } from "../document";
import { define, type RoleDescription, rolesOf } from "./role-definition";

export type FoundationRole = (typeof foundationDefinitions)[number]["name"];

const flowLogs = define({
  name: "flow-logs",
  kind: "service",
  description: "Writes the network's flow logs",
  trusted: { service: "vpc-flow-logs.amazonaws.com" },
  handedByDeployers: true,
  expected: { spec: "test/truth/statements.spec.ts" },
  exists: ({ settings: { network } }) => network.mode !== "default-vpc" && network.flowLogs !== "off",
  duties: (scope) => ({ write: writeFlowLogs(scope) }),
});

const trailLogs = define({
  name: "trail-logs",
  kind: "service",
  description: "Writes the trail's events to CloudWatch Logs",
  // CloudTrail sends neither source account nor source ARN here (CloudTrail user guide, "Role policy document for
  // CloudTrail to use CloudWatch Logs").
  trusted: { service: "cloudtrail.amazonaws.com", sendsNoAccount: true },
  expected: { spec: "test/truth/statements.spec.ts" },
  exists: ({ settings: { audit } }) => audit.trail !== "organization",
  duties: (scope) => ({ write: writeTrailLog(scope) }),
});

const nightSchedule = define({
  name: "night-schedule",
  kind: "service",
  description: "Takes the endpoint down in the evening and makes it again in the morning",
  trusted: { service: "scheduler.amazonaws.com" },
  // It brings back by day what it took down at night, however much was spent.
  outlivesBudget: true,
  expected: { spec: "test/truth/statements.spec.ts" },
  exists: ({ settings: { cost } }) => cost.nights.endpoint === "off",
  duties: (scope) => ({ nights: closeAtNight(scope) }),
});

/** Roles of AWS services that keep the environment itself: only those that its settings ask for. */
export const foundationDefinitions = [flowLogs, trailLogs, nightSchedule] as const;

export function foundationRoles(scope: Scope): Partial<Record<FoundationRole, RoleDescription>> {
  return rolesOf<FoundationRole>(foundationDefinitions, scope);
}

/** Writes flow logs. Describing groups knows no resource. */
function writeFlowLogs({ arns, networkLogGroup }: Scope): Statement[] {
  return [
    allow(
      "WriteFlowLogs",
      [
        // VPC user guide, "Publish flow logs to CloudWatch Logs"; the group is the program's.
        "logs:CreateLogStream",
        "logs:DescribeLogStreams",
        "logs:PutLogEvents",
      ],
      [arns.logGroup(networkLogGroup), arns.logGroup(`${networkLogGroup}:*`)],
    ),
    allow("FindLogGroups", ["logs:DescribeLogGroups"], ["*"]),
  ];
}

/** Writes the trail's events to its log group. CloudTrail names the streams after account and region. */
function writeTrailLog({ arns, trailLogGroup, place: { accountId } }: Scope): Statement[] {
  return [
    allow(
      "WriteTrail",
      [
        // Each region has a stream of its own.
        "logs:CreateLogStream",
        "logs:PutLogEvents",
      ],
      [arns.logGroup(`${trailLogGroup}:log-stream:${accountId}_CloudTrail_*`)],
    ),
  ];
}

/** Takes the endpoint down in the evening and makes it again in the morning. */
function closeAtNight({ arns, endpointName, names, deadLetterQueue }: Scope): Statement[] {
  return [
    allow(
      "CloseAtNight",
      [
        // An endpoint is made with its tags.
        "sagemaker:AddTags",
        "sagemaker:CreateEndpoint",
        "sagemaker:DeleteEndpoint",
      ],
      [arns.sagemaker(`endpoint/${endpointName}`)],
    ),
    // Creating an endpoint is checked against its configuration as well.
    allow("UseConfigurations", ["sagemaker:CreateEndpoint"], [arns.sagemaker(`endpoint-config/${names.prefix}-*`)]),
    allow("KeepFailures", ["sqs:SendMessage"], [arns.queue(deadLetterQueue)]),
  ];
}
