import type { Scope } from "../../../scope";
import { allow, type Statement } from "../../document";

/**
 * Functions, rules, schedules, topics and queues: what reacts. What starts and ends releases is out of reach
 * (`neverInstruct`).
 */
export function deployReactions({
  arns,
  environment,
  names,
  imageRepository,
  parameterPath,
  releaseQueues,
}: Scope): Statement[] {
  const mine = `${names.prefix}-*`;
  return [
    allow(
      "DeployFunctions",
      [
        // Code and settings, with what the provider reads after each change.
        "lambda:CreateFunction",
        "lambda:DeleteFunction",
        "lambda:GetFunction",
        "lambda:GetFunctionCodeSigningConfig",
        "lambda:GetPolicy",
        "lambda:ListTags",
        "lambda:ListVersionsByFunction",
        "lambda:TagResource",
        "lambda:UntagResource",
        "lambda:UpdateFunctionCode",
        "lambda:UpdateFunctionConfiguration",
      ],
      [arns.lambda(mine)],
    ),
    // URLs that want a signature; one that asks nobody who he is, is the administrator's.
    allow(
      "DeployFunctionUrls",
      [
        // Made and changed only so.
        "lambda:CreateFunctionUrlConfig",
        "lambda:UpdateFunctionUrlConfig",
      ],
      [arns.lambda(mine)],
      { StringEquals: { "lambda:FunctionUrlAuthType": "AWS_IAM" } },
    ),
    allow(
      "KeepFunctionUrls",
      [
        // Read after each change, and taken away.
        "lambda:DeleteFunctionUrlConfig",
        "lambda:GetFunctionUrlConfig",
      ],
      [arns.lambda(mine)],
    ),
    allow(
      "DeployRules",
      [
        // The bus and its archive.
        "events:CreateArchive",
        "events:CreateEventBus",
        "events:DeleteArchive",
        "events:DeleteEventBus",
        "events:DescribeArchive",
        "events:DescribeEventBus",
        "events:UpdateArchive",
        // Rules with their targets.
        "events:DeleteRule",
        "events:DescribeRule",
        "events:ListTargetsByRule",
        "events:PutRule",
        "events:PutTargets",
        "events:RemoveTargets",
        // Tags of all of them.
        "events:ListTagsForResource",
        "events:TagResource",
        "events:UntagResource",
      ],
      ["rule", "event-bus", "archive"].map((kind) => arns.events(`${kind}/${mine}`)),
    ),
    allow(
      "DeploySchedules",
      [
        // Schedules in their group, with its tags.
        "scheduler:CreateSchedule",
        "scheduler:CreateScheduleGroup",
        "scheduler:DeleteSchedule",
        "scheduler:DeleteScheduleGroup",
        "scheduler:GetSchedule",
        "scheduler:GetScheduleGroup",
        "scheduler:ListTagsForResource",
        "scheduler:TagResource",
        "scheduler:UntagResource",
        "scheduler:UpdateSchedule",
      ],
      [
        arns.scheduler(`schedule/${mine}`),
        arns.scheduler("schedule/default/" + mine),
        arns.scheduler(`schedule-group/${mine}`),
      ],
    ),
    allow(
      "DeployTopics",
      [
        // Topics with their policies, and who is told.
        "sns:CreateTopic",
        "sns:DeleteTopic",
        "sns:GetSubscriptionAttributes",
        "sns:GetTopicAttributes",
        "sns:ListSubscriptionsByTopic",
        "sns:ListTagsForResource",
        "sns:SetTopicAttributes",
        "sns:Subscribe",
        "sns:TagResource",
        "sns:Unsubscribe",
        "sns:UntagResource",
      ],
      [arns.topic(mine)],
    ),
    allow(
      "DeployQueues",
      [
        // Queues with their policies.
        "sqs:CreateQueue",
        "sqs:DeleteQueue",
        "sqs:GetQueueAttributes",
        "sqs:GetQueueUrl",
        "sqs:ListQueueTags",
        "sqs:SetQueueAttributes",
        "sqs:TagQueue",
        "sqs:UntagQueue",
      ],
      [arns.queue(mine)],
    ),
    // What starts releases is read, so that the stack can be compared with what there is.
    allow(
      "SeeRequests",
      [
        // What the provider reads of a queue.
        "sqs:GetQueueAttributes",
        "sqs:GetQueueUrl",
        "sqs:ListQueueTags",
      ],
      [arns.queue(releaseQueues)],
    ),
    allow(
      "SeeSources",
      [
        // What the provider reads of a mapping from a queue to a function.
        "lambda:GetEventSourceMapping",
        "lambda:ListTags",
      ],
      [arns.eventSource("*")],
      {
        StringEquals: { "aws:ResourceTag/environment": environment },
      },
    ),
    allow("SeeBuilds", ["codebuild:BatchGetProjects"], [arns.buildProject(mine)]),
    allow(
      "SeeImages",
      [
        // What the provider reads of the repository, and whether an image is there.
        "ecr:DescribeImages",
        "ecr:DescribeRepositories",
        "ecr:GetLifecyclePolicy",
        "ecr:ListTagsForResource",
      ],
      [arns.repository(imageRepository)],
    ),
    allow(
      "ReadParameters",
      [
        // By name, and by path where none may be there yet.
        "ssm:GetParameter",
        "ssm:GetParameters",
        "ssm:GetParametersByPath",
      ],
      [arns.parameter(parameterPath), arns.parameter(`${parameterPath}*`)],
    ),
  ];
}
