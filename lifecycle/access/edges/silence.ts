import { anyOf, type Family, need } from "./kind";

/** Metrics and events that start or stop something, and what would notice: its end, its direction, its memory. */
export const silence: Family = {
  name: "metrics, events, what would notice",
  requests: [
    { name: "feed an alarm", says: "publishes the metric that an alarm looks at", source: "CloudWatch API, PutMetricData (namespaces `AWS/` are refused); condition key `cloudwatch:namespace`", on: ["alarm"], ways: [[need("cloudwatch:PutMetricData", "*", { "cloudwatch:namespace": "{namespace}" })]], gives: ["feeds"] },
    { name: "silence an alarm", says: "deletes an alarm, takes its actions, or says how it stands", source: "CloudWatch API, DeleteAlarms, DisableAlarmActions, PutMetricAlarm, SetAlarmState", on: ["alarm"], ways: anyOf("cloudwatch:DeleteAlarms cloudwatch:DisableAlarmActions cloudwatch:PutMetricAlarm cloudwatch:SetAlarmState"), gives: ["silences"] },
    { name: "silence a rule", says: "takes a rule, its targets or its pattern away", source: "EventBridge API, DisableRule, DeleteRule, RemoveTargets, PutRule", on: ["rule"], ways: anyOf("events:DisableRule events:DeleteRule events:RemoveTargets events:PutRule"), gives: ["silences"] },
    { name: "silence a schedule", says: "takes a schedule away or changes it", source: "EventBridge Scheduler API, DeleteSchedule, UpdateSchedule", on: ["schedule"], ways: anyOf("scheduler:DeleteSchedule scheduler:UpdateSchedule"), gives: ["silences"] },
    { name: "silence a topic", says: "deletes a topic or its subscriptions", source: "SNS API, DeleteTopic, Unsubscribe", on: ["topic"], ways: anyOf("sns:DeleteTopic sns:Unsubscribe"), gives: ["silences"] },
    { name: "silence a queue", says: "deletes a queue, empties it, or takes its messages", source: "SQS API, DeleteQueue, PurgeQueue, DeleteMessage", on: ["queue"], ways: anyOf("sqs:DeleteQueue sqs:PurgeQueue sqs:DeleteMessage"), gives: ["silences"] },
    { name: "silence a function", says: "deletes a function, or lets it run no more", source: "Lambda API, DeleteFunction, PutFunctionConcurrency", on: ["function"], ways: anyOf("lambda:DeleteFunction lambda:PutFunctionConcurrency"), gives: ["silences"] },
    { name: "delete a project", says: "deletes a build project or stops its builds", source: "CodeBuild API, DeleteProject, StopBuild", on: ["project"], ways: anyOf("codebuild:DeleteProject codebuild:StopBuild"), gives: ["silences"] },
    { name: "stop a trail", says: "stops a trail, deletes it, or leaves events out of it", source: "CloudTrail API, StopLogging, DeleteTrail, UpdateTrail, PutEventSelectors", on: ["trail"], ways: anyOf("cloudtrail:StopLogging cloudtrail:DeleteTrail cloudtrail:UpdateTrail cloudtrail:PutEventSelectors"), gives: ["silences"] },
    { name: "forget logs", says: "deletes a log group or streams, or shortens what they keep", source: "CloudWatch Logs API, DeleteLogGroup, DeleteLogStream, PutRetentionPolicy", on: ["log-group"], ways: anyOf("logs:DeleteLogGroup logs:DeleteLogStream logs:PutRetentionPolicy"), gives: ["silences"] },
    {
      name: "let a bucket forget",
      says: "has a bucket's objects expire, unlocks them, or deletes the bucket",
      source: "S3 API, PutBucketLifecycleConfiguration, PutObjectLockConfiguration, PutBucketVersioning, DeleteBucket; S3 user guide, \"Object Lock\"",
      on: ["bucket"],
      ways: anyOf("s3:PutLifecycleConfiguration s3:PutBucketObjectLockConfiguration s3:PutBucketVersioning s3:DeleteBucket s3:PutEncryptionConfiguration"),
      gives: ["silences"],
    },
    { name: "unlock objects", says: "ends the retention of objects before its time", source: "S3 API, PutObjectRetention with `BypassGovernanceRetention`", on: ["prefix"], ways: [[need("s3:BypassGovernanceRetention"), need("s3:PutObjectRetention")], [need("s3:BypassGovernanceRetention"), need("s3:DeleteObjectVersion")]], gives: ["deletes"] },
    { name: "end a key", says: "disables a key or has it deleted, and with it what it encrypts", source: "KMS API, DisableKey, ScheduleKeyDeletion", on: ["key"], ways: anyOf("kms:DisableKey kms:ScheduleKeyDeletion"), gives: ["silences"] },
    { name: "delete packages", says: "deletes model packages", source: "SageMaker API, DeleteModelPackage, DeleteModelPackageGroup", on: ["package-group"], ways: [[need("sagemaker:DeleteModelPackage", "{packages}")], [need("sagemaker:DeleteModelPackageGroup")]], gives: ["silences"] },
  ],
  consequences: [{ name: "bucket forgets", says: "what a bucket's settings take away is gone", source: "S3 user guide, \"Managing the lifecycle of objects\"" }],
};
