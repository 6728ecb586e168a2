import type { Members } from "../../local/members";
import { platformSource } from "../../contract/events";
import { retrainingQueue, watchEvent } from "../../contract/monitoring";
import { trailFilesRule } from "../../infra/audit/recorder";
import { noticeToTopic } from "./notices";
import type { Stage } from "./stage";

/** The platform's work that needs a piece of a policy, and what AWS says without it. */
export interface Need {
  readonly work: (stage: Stage) => Promise<unknown>;
  readonly words: RegExp;
}

const noKeyPolicy = (action: string): RegExp =>
  new RegExp(
    `not authorized to perform: kms:${action} on resource: .* because no resource-based policy allows the kms:${action} action`,
  );
const keyArn = (stage: Stage, ending = "-keys-key"): string =>
  String(stage.deployment.one("aws:kms/key:Key", ending).state["arn"]);

/** A training job's role writes a model. */
const writesRun = (stage: Stage) =>
  stage.as("training-execution", "s3", "PutObject", {
    Bucket: stage.scope.artifactsBucket,
    Key: "runs/again/model.tar.gz",
    Body: Buffer.from("m"),
  });
const announces = (stage: Stage) =>
  stage.as("announce-candidate", "sns", "Publish", {
    TopicArn: stage.scope.arns.topic(`${stage.scope.names.prefix}-alerts-info`),
    Message: "a candidate",
  });

/**
 * A job with an encrypted volume, as data scientists start them; the hosts that dev trains on have disks of their own.
 */
const keepsVolume = async (stage: Stage): Promise<void> => {
  const TrainingJobName = stage.fresh();
  const { subnetIds: Subnets, securityGroupIds: SecurityGroupIds } = stage.workloads;
  await stage.administer("sagemaker", "CreateTrainingJob", {
    TrainingJobName,
    RoleArn: stage.scope.roleArn("training-execution"),
    AlgorithmSpecification: { TrainingImage: stage.image, TrainingInputMode: "File" },
    OutputDataConfig: { S3OutputPath: `s3://${stage.scope.artifactsBucket}/runs/again` },
    ResourceConfig: {
      InstanceType: "ml.m5.large",
      InstanceCount: 1,
      VolumeSizeInGB: 30,
      VolumeKmsKeyId: keyArn(stage),
    },
    StoppingCondition: { MaxRuntimeInSeconds: 600 },
    VpcConfig: { Subnets, SecurityGroupIds },
  });
  await stage.administer("sagemaker", "StopTrainingJob", { TrainingJobName });
};

const domainOf = (stage: Stage): string => stage.deployment.one("aws:sagemaker/domain:Domain", "-domain").id;

/** The domain of Studio is made, as the first update of an environment does. */
const makesDomain = async (stage: Stage): Promise<void> => {
  const settings = await stage.administer("sagemaker", "DescribeDomain", { DomainId: domainOf(stage) });
  const { AuthMode, VpcId, SubnetIds, AppNetworkAccessType, DefaultUserSettings, KmsKeyId } = settings;
  const { DomainId, DomainArn } = await stage.administer("sagemaker", "CreateDomain", {
    DomainName: stage.fresh(),
    AuthMode,
    VpcId,
    SubnetIds,
    AppNetworkAccessType,
    DefaultUserSettings,
    KmsKeyId,
  });
  await stage.administer("sagemaker", "DeleteDomain", {
    DomainId: DomainId ?? String(DomainArn).split("/").pop(),
    RetentionPolicy: { HomeEfsFileSystem: "Delete" },
  });
};

/** An ML engineer makes a space of their own, as Studio's pages do for them. */
export const makesSpace = async (stage: Stage): Promise<void> => {
  const DomainId = domainOf(stage);
  const space = { DomainId, SpaceName: stage.fresh() };
  await stage.inStudio("CreateSpace", {
    ...space,
    OwnershipSettings: { OwnerUserProfileName: "ben" },
    SpaceSharingSettings: { SharingType: "Private" },
    SpaceSettings: { AppType: "JupyterLab" },
  });
  await stage.administer("sagemaker", "DeleteSpace", space);
};

/** An ML engineer starts the lab of their space. */
export const startsLab = async (stage: Stage): Promise<void> => {
  const app = { DomainId: domainOf(stage), SpaceName: "ben-lab", AppType: "JupyterLab", AppName: "default" };
  await stage.inStudio("CreateApp", { ...app, ResourceSpec: { InstanceType: "ml.t3.medium" } });
  const { Status, FailureReason } = await stage.until(
    "sagemaker",
    "DescribeApp",
    app,
    (answer) => answer.Status !== "Pending",
  );
  await stage.administer("sagemaker", "DeleteApp", app);
  if (Status !== "InService") throw new Error(FailureReason as string);
};

const opensLogs =
  (logGroupName: string, key?: string) =>
  async (stage: Stage): Promise<void> => {
    await stage.administer("logs", "CreateLogGroup", { logGroupName, kmsKeyId: keyArn(stage, key) });
    await stage.administer("logs", "DeleteLogGroup", { logGroupName });
  };
const noLogs = /^AccessDeniedException: The specified KMS key does not exist or is not allowed to be used with Arn /;

/** Something that an alarm, a rule or what AWS charges tells people. */
const alarmTells = async (stage: Stage, severity = "warning"): Promise<void> => {
  const { MetricAlarms } = await stage.administer("cloudwatch", "DescribeAlarms", {});
  const alarm = (MetricAlarms as Members[]).find(({ AlarmActions }) =>
    (AlarmActions as string[]).some((arn) => arn.endsWith(`-alerts-${severity}`)),
  );
  if (!alarm)
    throw new Error(
      `no alarm tells the topic ${severity}: ${JSON.stringify((MetricAlarms as Members[]).map(({ AlarmName, AlarmActions }) => [AlarmName, AlarmActions]))}`,
    );
  await stage.administer("cloudwatch", "SetAlarmState", {
    AlarmName: alarm.AlarmName,
    StateValue: "OK",
    StateReason: "again",
  });
  await stage.seen(
    "Publish",
    () =>
      stage.administer("cloudwatch", "SetAlarmState", {
        AlarmName: alarm.AlarmName,
        StateValue: "ALARM",
        StateReason: "again",
      }),
    `alerts-${severity}`,
  );
};
type Severity = "critical" | "warning" | "info";
const ruleTells = async (stage: Stage, severity: Severity = "warning"): Promise<void> => {
  const { trigger, about } = await noticeToTopic(severity, stage);
  await stage.seen("Publish", trigger, about);
};
const topic = (stage: Stage, severity: string): string =>
  stage.scope.arns.topic(`${stage.scope.names.prefix}-alerts-${severity}`);
const spendingTells =
  (host: string) =>
  (stage: Stage, severity = "warning") =>
    stage.asService(`${host}.amazonaws.com`, "sns", "Publish", { TopicArn: topic(stage, severity), Message: "money" });

const keyOfEnvironment: Record<string, Need> = {
  AccountAdministers: {
    work: (stage) => stage.administer("kms", "DescribeKey", { KeyId: keyArn(stage) }),
    words:
      /^MalformedPolicyDocumentException|The new key policy will not allow you to update the key policy in the future/,
  },
  "AccountUsesThroughServices s3": { work: writesRun, words: noKeyPolicy("GenerateDataKey") },
  "AccountUsesThroughServices sns": {
    work: announces,
    words: new RegExp(`^KMSAccessDenied: .*${noKeyPolicy("GenerateDataKey").source}`),
  },
  "AccountUsesThroughServices elasticfilesystem": { work: makesDomain, words: noKeyPolicy("(DescribeKey|Decrypt)") },
  "AccountUsesThroughServices ec2": { work: makesSpace, words: noKeyPolicy("GenerateDataKeyWithoutPlaintext") },
  "ServicesKeepVolumes sagemaker": { work: keepsVolume, words: noKeyPolicy("CreateGrant") },
  "ServicesKeepVolumes elasticfilesystem": { work: makesDomain, words: noKeyPolicy("CreateGrant") },
  "ServicesKeepVolumes ec2": { work: startsLab, words: noKeyPolicy("CreateGrant") },
  "AlertsReachTopics cloudwatch": { work: (stage) => alarmTells(stage), words: noKeyPolicy("GenerateDataKey") },
  "AlertsReachTopics events": { work: (stage) => ruleTells(stage), words: noKeyPolicy("GenerateDataKey") },
  "SpendingReachesTopics budgets": { work: spendingTells("budgets"), words: noKeyPolicy("GenerateDataKey") },
  "SpendingReachesTopics costalerts": { work: spendingTells("costalerts"), words: noKeyPolicy("GenerateDataKey") },
  "LogsAreEncrypted /aws/*/peregrine-dev-*": { work: opensLogs("/aws/lambda/peregrine-dev-again"), words: noLogs },
  "LogsAreEncrypted /aws/sagemaker/*": { work: opensLogs("/aws/sagemaker/ProcessingJobs"), words: noLogs },
  "LogsAreEncrypted /peregrine/dev/*": { work: opensLogs("/peregrine/dev/again"), words: noLogs },
};

const Message = Buffer.from("decided");
const SigningAlgorithm = "ECDSA_SHA_256";
/** What a key that signs is needed for: `sign` is asked as who signs with it. */
const keyThatSigns = (
  ending: string,
  signers: string,
  sign: (stage: Stage, input: Members) => Promise<Members>,
): Record<string, Need> => {
  const input = (stage: Stage): Members => ({ KeyId: keyArn(stage, ending), Message, SigningAlgorithm });
  const signs = (stage: Stage): Promise<Members> => sign(stage, input(stage));
  const verifies = async (stage: Stage): Promise<void> => {
    const { Signature } = await signs(stage);
    const auditor = await stage.taken("auditor", "dora");
    await stage.local.cloud.as(auditor, "kms", "Verify", { ...input(stage), Signature }, "test");
  };
  return {
    AccountAdministers: {
      ...keyOfEnvironment["AccountAdministers"]!,
      work: (stage) => stage.administer("kms", "DescribeKey", { KeyId: keyArn(stage, ending) }),
    },
    [signers]: { work: signs, words: noKeyPolicy("Sign") },
    AccountVerifies: { work: verifies, words: noKeyPolicy("Verify") },
  };
};
const keyOfApprovals = keyThatSigns("-approvals-key", "ApproverSigns", async (stage, input) =>
  stage.local.cloud.as(await stage.taken("approver", "cleo"), "kms", "Sign", input, "test"),
);
// Builds sign the logs of the environments that they release to; dev's, those who release there by hand.
const keyOfLog = keyThatSigns("-log-key", "AccountSigns", (stage, input) => stage.administer("kms", "Sign", input));

/** The trail is made or changed: CloudTrail tries whether it can write. */
export const changesTrail = async (stage: Stage): Promise<void> => {
  const { Name, S3BucketName, KmsKeyId, CloudWatchLogsLogGroupArn, CloudWatchLogsRoleArn } = (
    await stage.administer("cloudtrail", "GetTrail", { Name: stage.scope.trailName })
  ).Trail as Members;
  await stage.administer("cloudtrail", "UpdateTrail", {
    Name,
    S3BucketName,
    KmsKeyId,
    CloudWatchLogsLogGroupArn,
    CloudWatchLogsRoleArn,
  });
};
const unlessThere = (error: Error & { code?: string }): void => {
  if (error.code !== "ResourceAlreadyExistsException") throw error;
};
const noBucket =
  /^InsufficientS3BucketPolicyException: Incorrect S3 bucket policy is detected for bucket: peregrine-dev-audit-/;
const noTrailKey =
  /^InsufficientEncryptionPolicyException: Insufficient permissions to access S3 bucket \S+ or KMS key arn:aws:kms:/;
const auditBucket = (stage: Stage): string =>
  String(
    stage.deployment.resources.find(
      ({ type, name }) => type === "aws:s3/bucketPolicy:BucketPolicy" && name.includes("-audit-"),
    )!.inputs["bucket"],
  );
const readsTrail = async (stage: Stage): Promise<void> => {
  const file = { Bucket: auditBucket(stage), Key: `AWSLogs/${stage.scope.place.accountId}/CloudTrail/again.json.gz` };
  await stage.administer("s3", "PutObject", { ...file, Body: Buffer.from("{}") });
  await stage.local.cloud.call("s3", "GetObject", file, {
    principal: await stage.taken("auditor", "dora"),
    sourceIp: "127.0.0.1",
    userAgent: "test",
  });
};
const keyOfAudit: Record<string, Need> = {
  AccountAdministers: {
    ...keyOfEnvironment["AccountAdministers"]!,
    work: (stage) => stage.administer("kms", "DescribeKey", { KeyId: keyArn(stage, "-audit-key") }),
  },
  TrailEncrypts: { work: changesTrail, words: noTrailKey },
  TrailDescribes: { work: changesTrail, words: noTrailKey },
  AccountUsesThroughServices: { work: readsTrail, words: noKeyPolicy("(GenerateDataKey|Decrypt)") },
  LogsAreEncrypted: {
    work: (stage) =>
      stage
        .administer("logs", "CreateLogGroup", {
          logGroupName: stage.scope.trailLogGroup,
          kmsKeyId: keyArn(stage, "-audit-key"),
        })
        .catch(unlessThere),
    words: noLogs,
  },
};

const noTopic =
  /not authorized to perform: SNS:Publish on resource: .* because no resource-based policy allows the SNS:Publish action/i;
const topicOf = (severity: Severity): Record<string, Need> => ({
  RulesPublish: { work: (stage) => ruleTells(stage, severity), words: noTopic },
  ...(severity === "info"
    ? {}
    : { AlarmsPublish: { work: (stage: Stage) => alarmTells(stage, severity), words: noTopic } }),
  "SpendingPublishes budgets": { work: (stage) => spendingTells("budgets")(stage, severity), words: noTopic },
  "SpendingPublishes costalerts": { work: (stage) => spendingTells("costalerts")(stage, severity), words: noTopic },
});

/**
 * An approval arrives in the queue that release builds are started from.
 * @throws Error with what EventBridge says where it is a dead letter instead.
 */
const approvalArrives = (stage: Stage) =>
  stage.seen(
    "SendMessage",
    async () => {
      await stage.administer("sagemaker", "UpdateModelPackage", {
        ModelPackageArn: await stage.newPackage(),
        ModelApprovalStatus: "Approved",
      });
    },
    `requests-approvals-${stage.scope.environment}","messageBody`,
  );

/** A retraining is proposed on the environment's own bus, and arrives where it is decided about. */
const proposalArrives = (stage: Stage) => {
  const message = stage.fresh();
  return stage.seen(
    "SendMessage",
    () =>
      stage.administer("events", "PutEvents", {
        Entries: [
          {
            EventBusName: `${stage.scope.names.prefix}-events`,
            Source: platformSource("model"),
            DetailType: watchEvent.retrainingProposed,
            Detail: JSON.stringify({ message }),
          },
        ],
      }),
    `${retrainingQueue(stage.scope.environment)}","messageBody`,
  );
};

/** The same of another environment, whose rule EventBridge sends for: a stage has one environment. */
const proposalArrivesFrom = (environment: string) => (stage: Stage) =>
  stage.asService(
    "events.amazonaws.com",
    "sqs",
    "SendMessage",
    { QueueUrl: stage.deployment.one("aws:sqs/queue:Queue", "-retraining-queue").id, MessageBody: "{}" },
    stage.scope.arns.eventRule(`peregrine-${environment}-events/peregrine-${environment}-retraining`),
  );

/** A trail's file is told: the trail itself writes one every five minutes. */
const fileIsTold = (stage: Stage) =>
  stage.asService(
    "events.amazonaws.com",
    "sqs",
    "SendMessage",
    { QueueUrl: stage.deployment.one("aws:sqs/queue:Queue", "-recorder-queue").id, MessageBody: "{}" },
    stage.scope.arns.eventRule(trailFilesRule(stage.scope)),
  );

/** What a rule could not deliver is kept: a topic that refuses it, and the queue that takes it. */
const keepsDeadLetter = async (stage: Stage): Promise<void> => {
  const undo = await stage.deployment.change(
    stage.deployment.one("aws:sns/topicPolicy:TopicPolicy", "-alerts-info-policy"),
    "gone",
  );
  try {
    const { trigger } = await noticeToTopic("info", stage);
    await stage.seen("SendMessage", trigger, `dead-letters","messageBody`);
  } finally {
    await undo();
  }
};

const own = (service: string, action: string, resource = ".*"): RegExp =>
  new RegExp(
    `not authorized to perform: ${service}:${action}${resource}because no VPC endpoint policy allows the ${service}:${action} action`,
  );
const notebook = (expression: string) => (stage: Stage) =>
  stage.inNotebook(
    expression
      .replaceAll("$BUCKET", stage.scope.artifactsBucket)
      .replaceAll("$DATA", stage.scope.settings.dataset.bucket)
      .replaceAll("$KEY", keyArn(stage)),
  );
/** What a monitor's job does inside the network, as its role. */
const monitor = (expression: string) => (stage: Stage) => stage.inJob("monitoring-execution", expression);
/** What monitors publish; they and no job or model besides need the way. */
export const monitorMeasures = monitor(
  `boto3.client("cloudwatch").put_metric_data(Namespace="Peregrine/dev/monitoring", MetricData=[dict(MetricName="m", Value=1)])`,
);

const couldNotReach = (service: string): RegExp => new RegExp(`^The app could not reach ${service} from its VPC`);

/** What people's notebooks and jobs call through each endpoint, by its name in the program. */
export const ways: Readonly<
  Record<string, { readonly service: string; readonly work: Need["work"]; readonly without?: RegExp }>
> = {
  s3: {
    service: "com.amazonaws.eu-central-1.s3",
    work: notebook(`boto3.client("s3").list_objects_v2(Bucket="$BUCKET", Prefix="runs/")`),
  },
  "sagemaker-api": {
    service: "com.amazonaws.eu-central-1.sagemaker.api",
    work: notebook(`boto3.client("sagemaker").list_pipelines()`),
  },
  "sagemaker-runtime": {
    service: "com.amazonaws.eu-central-1.sagemaker.runtime",
    work: startsLab,
    without: couldNotReach("com.amazonaws.eu-central-1.sagemaker.runtime"),
  },
  sts: { service: "com.amazonaws.eu-central-1.sts", work: notebook(`boto3.client("sts").get_caller_identity()`) },
  logs: {
    service: "com.amazonaws.eu-central-1.logs",
    work: notebook(
      `boto3.client("logs").describe_log_streams(logGroupName="/aws/sagemaker/Endpoints/peregrine-dev-detector")`,
    ),
  },
  monitoring: {
    service: "com.amazonaws.eu-central-1.monitoring",
    work: notebook(
      `boto3.client("cloudwatch").put_metric_data(Namespace="Peregrine/dev/experiments", MetricData=[dict(MetricName="m", Value=1)])`,
    ),
  },
  events: {
    service: "com.amazonaws.eu-central-1.events",
    work: monitor(
      `boto3.client("events").put_events(Entries=[dict(EventBusName="peregrine-dev-events", Source="peregrine.model", DetailType="again", Detail="{}")])`,
    ),
  },
  kms: { service: "com.amazonaws.eu-central-1.kms", work: notebook(`boto3.client("kms").describe_key(KeyId="$KEY")`) },
  "sagemaker-mlflow": {
    service: "aws.sagemaker.eu-central-1.mlflow",
    work: notebook(`__import__("peregrine_ml.tracking", fromlist=["start"]).start("again", {}).finish()`),
    without:
      /did not take the call: .*Connect timeout on endpoint URL: "https:\/\/mlflow.sagemaker.eu-central-1.app.aws\/"/s,
  },
  "sagemaker-studio": {
    service: "aws.sagemaker.eu-central-1.studio",
    work: startsLab,
    without: couldNotReach("aws.sagemaker.eu-central-1.studio"),
  },
};

/** What needs each piece of each policy that the program attaches to a key, topic, queue, bucket or VPC endpoint. */
export const needs: Readonly<Record<string, Readonly<Record<string, Need>>>> = {
  "keys-key": keyOfEnvironment,
  "approvals-key": keyOfApprovals,
  "log-key": keyOfLog,
  "audit-key": keyOfAudit,
  "alerts-critical-policy": topicOf("critical"),
  "alerts-warning-policy": topicOf("warning"),
  "alerts-info-policy": topicOf("info"),
  "reactions-dead-letters-policy": {
    RulesPutEvents: { work: keepsDeadLetter, words: /not authorized to perform: sqs:SendMessage/i },
  },
  "retraining-policy": {
    "ProposalsArrive rule/peregrine-dev-events/peregrine-dev-retraining": {
      work: proposalArrives,
      words: /not authorized to perform: sqs:SendMessage/i,
    },
    ...Object.fromEntries(
      ["staging", "prod"].map((name) => [
        `ProposalsArrive rule/peregrine-${name}-events/peregrine-${name}-retraining`,
        { work: proposalArrivesFrom(name), words: /not authorized to perform: sqs:SendMessage/i },
      ]),
    ),
  },
  "recorder-policy": {
    FilesAreTold: { work: fileIsTold, words: /not authorized to perform: sqs:SendMessage/i },
  },
  "requests-approvals-policy": {
    ApprovalsArrive: { work: approvalArrives, words: /not authorized to perform: sqs:SendMessage/i },
  },
  "audit-123456789012-policy": {
    TrailLooks: { work: changesTrail, words: noBucket },
    TrailWrites: { work: changesTrail, words: noBucket },
  },
  "network-s3": {
    OwnBuckets: { work: ways["s3"]!.work, words: own("s3", "ListBucket") },
    Dataset: { work: notebook(`boto3.client("s3").list_objects_v2(Bucket="$DATA")`), words: own("s3", "ListBucket") },
  },
  "network-sagemaker-api": {
    OwnPrincipals: { work: ways["sagemaker-api"]!.work, words: own("sagemaker", "ListPipelines") },
  },
  "network-logs": { OwnPrincipals: { work: ways["logs"]!.work, words: own("logs", "DescribeLogStreams") } },
  "network-monitoring": {
    OwnPrincipals: { work: ways["monitoring"]!.work, words: own("cloudwatch", "PutMetricData") },
  },
  "network-events": { OwnPrincipals: { work: ways["events"]!.work, words: own("events", "PutEvents") } },
  "network-kms": { OwnPrincipals: { work: ways["kms"]!.work, words: own("kms", "DescribeKey") } },
  "network-sagemaker-mlflow": {
    OwnTrackers: { work: ways["sagemaker-mlflow"]!.work, words: own("sagemaker", "CallMlflowAppApi") },
  },
};

/** Pieces of policies that stay though everything here works without them, and why, by AWS's own texts. */
export const unnoticed: Readonly<Record<string, string>> = {
  "keys-key AccountUsesThroughServices sagemaker":
    "the key's policy has to let the endpoint's role use it (SageMaker API, CreateEndpointConfig, KmsKeyId); the local cloud's SageMaker looks at a volume's key and uses it by a grant",
  "network-sts OwnPrincipals":
    "needs AWS: asking who one is takes no right, and is allowed even where a policy denies it (STS API, GetCallerIdentity); roles of the program take no other role",
  "network-sagemaker-runtime OwnPrincipals":
    'apps of Studio need the way (SageMaker developer guide, "Connect Studio in a VPC to external resources"); no role that is used inside the network calls a model',
  "network-sagemaker-studio OwnProfiles":
    'needs AWS: browsers open Studio\'s pages by it (SageMaker developer guide, "Connect to Studio through an interface VPC endpoint"); no browser does on the local cloud',
};
