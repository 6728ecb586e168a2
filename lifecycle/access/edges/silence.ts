import { anyOf, type EdgeFamily, requires } from "./edge";

/** Metrics and events that start or stop something, and what would notice: its end, its direction, its memory. */
export const silence: EdgeFamily = {
  name: "metrics, events, what would notice",
  requests: [
    {
      name: "feed an alarm",
      says: "publishes the metric that an alarm looks at",
      source: "CloudWatch API, PutMetricData (namespaces `AWS/` are refused); condition key `cloudwatch:namespace`",
      targets: ["alarm"],
      alternatives: [[requires("cloudwatch:PutMetricData", "*", { "cloudwatch:namespace": "{namespace}" })]],
      postconditions: ["feeds"],
    },
    {
      name: "silence an alarm",
      says: "deletes an alarm, takes its actions, or says how it stands",
      source: "CloudWatch API, DeleteAlarms, DisableAlarmActions, PutMetricAlarm, SetAlarmState",
      targets: ["alarm"],
      alternatives: anyOf(
        "cloudwatch:DeleteAlarms cloudwatch:DisableAlarmActions cloudwatch:PutMetricAlarm cloudwatch:SetAlarmState",
      ),
      postconditions: ["silences"],
    },
    {
      name: "silence a rule",
      says: "takes a rule, its targets or its pattern away",
      source: "EventBridge API, DisableRule, DeleteRule, RemoveTargets, PutRule",
      targets: ["rule"],
      alternatives: anyOf("events:DisableRule events:DeleteRule events:RemoveTargets events:PutRule"),
      postconditions: ["silences"],
    },
    {
      name: "silence a schedule",
      says: "takes a schedule away or changes it",
      source: "EventBridge Scheduler API, DeleteSchedule, UpdateSchedule",
      targets: ["schedule"],
      alternatives: anyOf("scheduler:DeleteSchedule scheduler:UpdateSchedule"),
      postconditions: ["silences"],
    },
    {
      name: "silence a topic",
      says: "deletes a topic or its subscriptions",
      source: "SNS API, DeleteTopic, Unsubscribe",
      targets: ["topic"],
      alternatives: anyOf("sns:DeleteTopic sns:Unsubscribe"),
      postconditions: ["silences"],
    },
    {
      name: "silence a queue",
      says: "deletes a queue, empties it, or takes its messages",
      source: "SQS API, DeleteQueue, PurgeQueue, DeleteMessage",
      targets: ["queue"],
      alternatives: anyOf("sqs:DeleteQueue sqs:PurgeQueue sqs:DeleteMessage"),
      postconditions: ["silences"],
    },
    {
      name: "silence a function",
      says: "deletes a function, or lets it run no more",
      source: "Lambda API, DeleteFunction, PutFunctionConcurrency",
      targets: ["function"],
      alternatives: anyOf("lambda:DeleteFunction lambda:PutFunctionConcurrency"),
      postconditions: ["silences"],
    },
    {
      name: "delete a project",
      says: "deletes a build project or stops its builds",
      source: "CodeBuild API, DeleteProject, StopBuild",
      targets: ["project"],
      alternatives: anyOf("codebuild:DeleteProject codebuild:StopBuild"),
      postconditions: ["silences"],
    },
    {
      name: "stop a trail",
      says: "stops a trail, deletes it, or leaves events out of it",
      source: "CloudTrail API, StopLogging, DeleteTrail, UpdateTrail, PutEventSelectors",
      targets: ["trail"],
      alternatives: anyOf(
        "cloudtrail:StopLogging cloudtrail:DeleteTrail cloudtrail:UpdateTrail cloudtrail:PutEventSelectors",
      ),
      postconditions: ["silences"],
    },
    {
      name: "forget logs",
      says: "deletes a log group or streams, or shortens what they keep",
      source: "CloudWatch Logs API, DeleteLogGroup, DeleteLogStream, PutRetentionPolicy",
      targets: ["log-group"],
      alternatives: anyOf("logs:DeleteLogGroup logs:DeleteLogStream logs:PutRetentionPolicy"),
      postconditions: ["silences"],
    },
    {
      name: "let a bucket forget",
      says: "has a bucket's objects expire, unlocks them, or deletes the bucket",
      source:
        'S3 API, PutBucketLifecycleConfiguration, PutObjectLockConfiguration, PutBucketVersioning, DeleteBucket; S3 user guide, "Object Lock"',
      targets: ["bucket"],
      alternatives: anyOf(
        "s3:PutLifecycleConfiguration s3:PutBucketObjectLockConfiguration s3:PutBucketVersioning s3:DeleteBucket s3:PutEncryptionConfiguration",
      ),
      postconditions: ["silences"],
    },
    {
      name: "unlock objects",
      says: "ends the retention of objects before its time",
      source: "S3 API, PutObjectRetention with `BypassGovernanceRetention`",
      targets: ["prefix"],
      alternatives: [
        [requires("s3:BypassGovernanceRetention"), requires("s3:PutObjectRetention")],
        [requires("s3:BypassGovernanceRetention"), requires("s3:DeleteObjectVersion")],
      ],
      postconditions: ["deletes"],
    },
    {
      name: "end a key",
      says: "disables a key or has it deleted, and with it what it encrypts",
      source: "KMS API, DisableKey, ScheduleKeyDeletion",
      targets: ["key"],
      alternatives: anyOf("kms:DisableKey kms:ScheduleKeyDeletion"),
      postconditions: ["silences"],
    },
    {
      name: "delete packages",
      says: "deletes model packages",
      source: "SageMaker API, DeleteModelPackage, DeleteModelPackageGroup",
      targets: ["package-group"],
      alternatives: [
        [requires("sagemaker:DeleteModelPackage", "{packages}")],
        [requires("sagemaker:DeleteModelPackageGroup")],
      ],
      postconditions: ["silences"],
    },
  ],
  derived: [
    {
      name: "bucket forgets",
      says: "what a bucket's settings take away is gone",
      source: 'S3 user guide, "Managing the lifecycle of objects"',
    },
  ],
};
