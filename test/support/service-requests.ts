import { join } from "node:path";
import type { Members } from "../../local/members";
import { BotocoreModels } from "../../local/model/models";
import { Validators } from "../../local/model/validate";
import { memberPath, type Renames, toRequest } from "../../local/provider/mapping";
import type { Properties } from "../../local/provider/values";

/**
 * The request by which AWS makes a resource, and inputs whose names differ beyond upper and lower case; null for those
 * that another request takes.
 */
interface Made {
  readonly service: string;
  readonly operation: string;
  readonly names: Renames;
  /** The input that Pulumi fills in from the resource's own name, where it is left out. */
  readonly autonamed?: string;
  /** What the provider adds: a function's code. */
  readonly added?: Members;
}

const made = (
  service: string,
  operation: string,
  names: Renames = {},
  more: Pick<Made, "autonamed" | "added"> = {},
): Made => ({ service, operation, names, ...more });
const none = (...inputs: string[]): Renames => Object.fromEntries(inputs.map((input) => [input, null]));

/** Types that AWS's own models say much about, by the request that makes them. */
export const requests: Readonly<Record<string, Made>> = {
  "aws:sagemaker/modelPackageGroup:ModelPackageGroup": made("sagemaker", "CreateModelPackageGroup"),
  "aws:sagemaker/model:Model": made("sagemaker", "CreateModel", { name: "ModelName" }, { autonamed: "name" }),
  "aws:sagemaker/endpointConfiguration:EndpointConfiguration": made(
    "sagemaker",
    "CreateEndpointConfig",
    { name: "EndpointConfigName", kmsKeyArn: "KmsKeyId" },
    { autonamed: "name" },
  ),
  "aws:sagemaker/endpoint:Endpoint": made("sagemaker", "CreateEndpoint", { name: "EndpointName" }),
  "aws:sagemaker/pipeline:Pipeline": made("sagemaker", "CreatePipeline"),
  "aws:sagemaker/domain:Domain": made("sagemaker", "CreateDomain", { ...none("retentionPolicy") }),
  "aws:sagemaker/userProfile:UserProfile": made("sagemaker", "CreateUserProfile"),
  "aws:sagemaker/space:Space": made("sagemaker", "CreateSpace"),
  "aws:sagemaker/studioLifecycleConfig:StudioLifecycleConfig": made("sagemaker", "CreateStudioLifecycleConfig"),
  "aws:sagemaker/mlflowApp:MlflowApp": made("sagemaker", "CreateMlflowApp"),
  "aws:iam/role:Role": made("iam", "CreateRole", {
    name: "RoleName",
    assumeRolePolicy: "AssumeRolePolicyDocument",
    ...none("forceDetachPolicies"),
  }),
  "aws:iam/rolePolicy:RolePolicy": made("iam", "PutRolePolicy", {
    name: "PolicyName",
    role: "RoleName",
    policy: "PolicyDocument",
  }),
  "aws:iam/policy:Policy": made("iam", "CreatePolicy", { name: "PolicyName", policy: "PolicyDocument" }),
  "aws:s3/bucket:Bucket": made(
    "s3",
    "CreateBucket",
    { objectLockEnabled: "ObjectLockEnabledForBucket", ...none("forceDestroy", "tags") },
    { autonamed: "bucket" },
  ),
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": made("s3", "PutBucketLifecycleConfiguration", {
    rules: "LifecycleConfiguration.Rules",
    "*.id": "ID",
  }),
  "aws:cloudwatch/eventRule:EventRule": made("events", "PutRule"),
  "aws:cloudwatch/eventArchive:EventArchive": made("events", "CreateArchive", { name: "ArchiveName" }),
  "aws:cloudwatch/eventBus:EventBus": made("events", "CreateEventBus"),
  "aws:cloudwatch/metricAlarm:MetricAlarm": made("cloudwatch", "PutMetricAlarm", {
    name: "AlarmName",
    metricQueries: "Metrics",
    "*.metricQueries": "Metrics",
    "*.metric": "MetricStat",
    "*.metricName": "Metric.MetricName",
    "*.namespace": "Metric.Namespace",
    "*.dimensions": "Metric.Dimensions",
  }),
  "aws:cloudwatch/dashboard:Dashboard": made("cloudwatch", "PutDashboard"),
  "aws:cloudwatch/logGroup:LogGroup": made("logs", "CreateLogGroup", {
    name: "logGroupName",
    ...none("retentionInDays", "skipDestroy"),
  }),
  "aws:lambda/function:Function": made(
    "lambda",
    "CreateFunction",
    // The provider compares the digest with what Lambda answers, and sends none.
    { name: "FunctionName", ...none("code", "codeSha256") },
    { added: { Code: { ZipFile: new Uint8Array(1) } } },
  ),
  "aws:lambda/eventSourceMapping:EventSourceMapping": made("lambda", "CreateEventSourceMapping"),
  "aws:sqs/queue:Queue": made("sqs", "CreateQueue", {
    name: "QueueName",
    ...none(
      "messageRetentionSeconds",
      "visibilityTimeoutSeconds",
      "sqsManagedSseEnabled",
      "redrivePolicy",
      "fifoQueue",
      "contentBasedDeduplication",
      "deduplicationScope",
      "fifoThroughputLimit",
      "receiveWaitTimeSeconds",
      "delaySeconds",
    ),
  }),
  "aws:sns/topic:Topic": made("sns", "CreateTopic", none("kmsMasterKeyId")),
  "aws:kms/key:Key": made("kms", "CreateKey", none("enableKeyRotation", "deletionWindowInDays")),
  "aws:kms/alias:Alias": made("kms", "CreateAlias", { name: "AliasName" }),
  "aws:codebuild/project:Project": made("codebuild", "CreateProject", {
    buildTimeout: "timeoutInMinutes",
    queuedTimeout: "queuedTimeoutInMinutes",
  }),
  "aws:cloudtrail/trail:Trail": made("cloudtrail", "CreateTrail", {
    cloudWatchLogsGroupArn: "CloudWatchLogsLogGroupArn",
    tags: "TagsList",
    ...none("advancedEventSelectors", "insightSelectors", "enableLogging"),
  }),
  "aws:appautoscaling/target:Target": made("application-autoscaling", "RegisterScalableTarget"),
  "aws:appautoscaling/policy:Policy": made("application-autoscaling", "PutScalingPolicy", { name: "PolicyName" }),
  "aws:scheduler/schedule:Schedule": made("scheduler", "CreateSchedule"),
  "aws:scheduler/scheduleGroup:ScheduleGroup": made("scheduler", "CreateScheduleGroup"),
  "aws:ecr/repository:Repository": made("ecr", "CreateRepository", {
    name: "repositoryName",
    encryptionConfigurations: "encryptionConfiguration",
    ...none("forceDelete"),
  }),
};

/** Values that only AWS knows, as the recorder makes them up. */
const madeUp = /^Value '\[?(arn:aws:mock:|peregrine-[\w-]+-id')/;

/** Botocore's models, from the project's Python environment, and their checks by service. */
const models = new BotocoreModels({ venv: join(__dirname, "..", "..", ".venv") });
const validators = new Map<string, Validators>();

/**
 * What is wrong with a resource by AWS's own model of the request that makes it: unknown and missing members, patterns,
 * lengths, ranges, enums. Values that the recorder made up say nothing.
 * @param resource its name in the program, from which names are made that are left out.
 * @returns undefined for types that are not in the table.
 */
export function modelProblems(token: string, resource: string, inputs: Properties): string[] | undefined {
  const request = requests[token];
  if (!request) return undefined;
  const { service, operation, names, autonamed, added } = request;
  const shape = models.service(service).operation(operation)!.input!.shape;
  const given = Object.fromEntries(
    Object.entries(inputs).filter(([name, value]) => value !== null && value !== undefined && name !== "region"),
  );
  if (autonamed && !(`${autonamed}Prefix` in given)) given[autonamed] ??= `${resource.toLowerCase()}-1234567`;
  const lost = Object.keys(given)
    .filter((name) => names[name] !== null && !memberPath(shape, name, names))
    .map((name) => `${operation} has no member for ${name}`);
  const input = { ...toRequest(shape, given, names), ...added };
  for (const member of shape.members)
    if (member.idempotencyToken && member.required) input[member.name] ??= "token-token-token-token-token-token";
  if (!validators.has(service)) validators.set(service, new Validators());
  const { failures } = validators.get(service)!.check(shape, input, false);
  return [...lost, ...failures.filter((failure) => !madeUp.test(failure))];
}
