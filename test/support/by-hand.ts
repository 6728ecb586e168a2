import assert from "node:assert/strict";
import { CloudTrailClient, LookupEventsCommand, StopLoggingCommand } from "@aws-sdk/client-cloudtrail";
import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  PutMetricAlarmCommand,
} from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient, DeleteRetentionPolicyCommand } from "@aws-sdk/client-cloudwatch-logs";
import { DisableRuleCommand, EventBridgeClient } from "@aws-sdk/client-eventbridge";
import {
  AttachRolePolicyCommand,
  DeleteRolePermissionsBoundaryCommand,
  IAMClient,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { DisableKeyCommand, KMSClient, paginateListAliases, ScheduleKeyDeletionCommand } from "@aws-sdk/client-kms";
import { LambdaClient } from "@aws-sdk/client-lambda";
import {
  DeletePublicAccessBlockCommand,
  GetBucketPolicyCommand,
  GetObjectCommand,
  paginateListObjectsV2,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import {
  CreateEndpointConfigCommand,
  CreateModelPackageCommand,
  DeleteTagsCommand,
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  SageMakerClient,
  UpdateEndpointCommand,
  UpdateModelPackageCommand,
} from "@aws-sdk/client-sagemaker";
import { GetScheduleCommand, SchedulerClient, UpdateScheduleCommand } from "@aws-sdk/client-scheduler";
import {
  type RemediationEntry,
  remediationEntriesPrefix,
  remediationEntry,
  type Violation,
} from "../../contract/remediation";
import { eventually } from "./eventually";

const patienceMs = 60_000;

type Settings = ConstructorParameters<typeof S3Client>[0] & object;

/** An administrator of the account who does things by hand in staging, and sees what becomes of them. */
export class ByHand {
  readonly alarms: CloudWatchClient;
  readonly events: EventBridgeClient;
  readonly iam: IAMClient;
  readonly kms: KMSClient;
  readonly lambda: LambdaClient;
  readonly logs: CloudWatchLogsClient;
  readonly s3: S3Client;
  readonly sagemaker: SageMakerClient;
  readonly scheduler: SchedulerClient;
  readonly trail: CloudTrailClient;

  constructor(
    settings: Settings,
    readonly artifacts: string,
    readonly endpoint = "peregrine-staging-detector",
  ) {
    const plain = settings as object;
    this.alarms = new CloudWatchClient(plain);
    this.events = new EventBridgeClient(plain);
    this.iam = new IAMClient(plain);
    this.kms = new KMSClient(plain);
    this.lambda = new LambdaClient(plain);
    this.logs = new CloudWatchLogsClient(plain);
    this.s3 = new S3Client({ ...plain, forcePathStyle: true });
    this.sagemaker = new SageMakerClient(plain);
    this.scheduler = new SchedulerClient(plain);
    this.trail = new CloudTrailClient(plain);
  }

  live() {
    return this.sagemaker.send(new DescribeEndpointCommand({ EndpointName: this.endpoint }));
  }

  async entries(): Promise<RemediationEntry[]> {
    const found: RemediationEntry[] = [];
    for await (const { Contents = [] } of paginateListObjectsV2(
      { client: this.s3 },
      { Bucket: this.artifacts, Prefix: remediationEntriesPrefix },
    ))
      for (const { Key } of Contents) {
        const { Body } = await this.s3.send(new GetObjectCommand({ Bucket: this.artifacts, Key }));
        found.push(remediationEntry.parse(JSON.parse(await Body!.transformToString())));
      }
    return found.sort((one, other) => (one.at < other.at ? -1 : 1));
  }

  /**
   * Waits until a violation was found, fixed and found right.
   * @returns cloud seconds from the planted call to the one that fixed it.
   */
  async healed(violation: Violation, resource: string): Promise<number> {
    const about = (entries: RemediationEntry[]) =>
      entries.filter((one) => one.violation === violation && one.resource.includes(resource));
    const entries = await eventually(
      async () => {
        const all = await this.entries();
        const found = about(all);
        const rungs = found.map(({ rung, outcome }) => `${rung} ${outcome}`);
        assert.ok(
          ["detect on", "fix done", "verify healed"].every((rung) => rungs.includes(rung)),
          `${violation} of ${resource}: ${JSON.stringify(all.slice(-6))}`,
        );
        return found;
      },
      patienceMs,
      500,
    );
    const since = Date.parse(entries.find(({ rung }) => rung === "detect")!.at);
    const { Events = [] } = await this.trail.send(
      new LookupEventsCommand({ StartTime: new Date(since), MaxResults: 50 }),
    );
    const fix = Events.filter(
      ({ CloudTrailEvent = "" }) => CloudTrailEvent.includes("peregrine-staging-heal") && isChange(CloudTrailEvent),
    ).map(({ EventTime }) => EventTime!.getTime());
    assert.ok(fix.length > 0, `${violation}: no call of the healer`);
    return Math.max(0, (Math.min(...fix) - since) / 1000);
  }

  /** Waits until people were told of a violation. @returns its entries. */
  escalated(violation: Violation, resource: string): Promise<RemediationEntry[]> {
    return eventually(
      async () => {
        const found = (await this.entries()).filter(
          (one) => one.violation === violation && one.resource.includes(resource),
        );
        assert.ok(
          found.some(({ rung }) => rung === "escalate"),
          JSON.stringify(found),
        );
        return found;
      },
      patienceMs,
      500,
    );
  }

  async bucketPolicy(): Promise<string> {
    return (await this.s3.send(new GetBucketPolicyCommand({ Bucket: this.artifacts }))).Policy!;
  }

  /** Id of the key that an alias names. */
  async keyOf(alias: string): Promise<string> {
    for await (const { Aliases = [] } of paginateListAliases({ client: this.kms }, {}))
      for (const { AliasName, TargetKeyId } of Aliases) if (AliasName === `alias/${alias}`) return TargetKeyId!;
    return assert.fail(`no key is called ${alias}`);
  }

  /** Has the endpoint serve a copy of its configuration, changed by hand. */
  async serveCopy(name: string, captures: boolean): Promise<void> {
    const { EndpointConfigName } = await this.live();
    const { ProductionVariants, DataCaptureConfig, KmsKeyId } = await this.sagemaker.send(
      new DescribeEndpointConfigCommand({ EndpointConfigName }),
    );
    await this.sagemaker.send(
      new CreateEndpointConfigCommand({
        EndpointConfigName: name,
        ProductionVariants,
        KmsKeyId,
        ...(captures ? { DataCaptureConfig } : {}),
      }),
    );
    await this.sagemaker.send(new UpdateEndpointCommand({ EndpointName: this.endpoint, EndpointConfigName: name }));
  }
}

function isChange(event: string): boolean {
  const { eventName, errorCode, readOnly } = JSON.parse(event) as Record<string, unknown>;
  return errorCode === undefined && readOnly === false && eventName !== "CreateLogStream";
}

export interface Planted {
  readonly violation: Violation;
  readonly resource: (staging: ByHand) => string | Promise<string>;
  readonly plant: (staging: ByHand, resource: string) => Promise<unknown>;
}

const role = (name: string) => () => `peregrine-staging-${name}`;
export const everything = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
});

/** What an administrator does by hand, and what nobody else may: each violation that a function puts right. */
export const planted: readonly Planted[] = [
  {
    violation: "alarm-deleted",
    resource: () => "peregrine-staging-dead-letters",
    plant: ({ alarms }, name) => alarms.send(new DeleteAlarmsCommand({ AlarmNames: [name] })),
  },
  {
    violation: "alarm-changed",
    resource: () => "peregrine-staging-detector-errors",
    plant: async ({ alarms }, name) => {
      const { MetricAlarms = [] } = await alarms.send(new DescribeAlarmsCommand({ AlarmNames: [name] }));
      const { AlarmArn, StateValue, StateReason, ...found } = MetricAlarms[0]!;
      assert.ok(AlarmArn && StateValue && StateReason !== undefined);
      await alarms.send(
        new PutMetricAlarmCommand({
          AlarmName: name,
          EvaluationPeriods: found.EvaluationPeriods!,
          ComparisonOperator: found.ComparisonOperator!,
          Threshold: found.Threshold!,
          TreatMissingData: found.TreatMissingData,
          ...(found.Metrics?.length
            ? { Metrics: found.Metrics }
            : {
                Namespace: found.Namespace,
                MetricName: found.MetricName,
                Dimensions: found.Dimensions,
                Period: found.Period,
                Statistic: found.Statistic,
              }),
        }),
      );
    },
  },
  {
    violation: "bucket-public",
    resource: ({ artifacts }) => artifacts,
    plant: ({ s3 }, Bucket) => s3.send(new DeletePublicAccessBlockCommand({ Bucket })),
  },
  {
    violation: "bucket-policy-changed",
    resource: ({ artifacts }) => artifacts,
    plant: async (staging, Bucket) => {
      const { Statement, ...rest } = JSON.parse(await staging.bucketPolicy()) as { Statement: unknown[] };
      const Policy = JSON.stringify({ ...rest, Statement: Statement.slice(0, 1) });
      await staging.s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
    },
  },
  {
    violation: "versioning-suspended",
    resource: ({ artifacts }) => artifacts,
    plant: ({ s3 }, Bucket) =>
      s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Suspended" } })),
  },
  {
    violation: "log-retention-lifted",
    resource: () => "/aws/lambda/peregrine-staging-tell",
    plant: ({ logs }, logGroupName) => logs.send(new DeleteRetentionPolicyCommand({ logGroupName })),
  },
  {
    violation: "role-policy-added",
    resource: role("ml-engineer"),
    plant: ({ iam }, RoleName) =>
      iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "more", PolicyDocument: everything })),
  },
  {
    violation: "role-policy-attached",
    resource: role("auditor"),
    plant: ({ iam }, RoleName) =>
      iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: "arn:aws:iam::aws:policy/AdministratorAccess" })),
  },
  {
    violation: "boundary-removed",
    resource: role("forecast"),
    plant: ({ iam }, RoleName) => iam.send(new DeleteRolePermissionsBoundaryCommand({ RoleName })),
  },
  {
    violation: "trail-stopped",
    resource: () => "peregrine-staging-trail",
    plant: ({ trail }, Name) => trail.send(new StopLoggingCommand({ Name })),
  },
  {
    violation: "key-disabled",
    resource: (staging) => staging.keyOf("peregrine-staging-approvals"),
    plant: ({ kms }, KeyId) => kms.send(new DisableKeyCommand({ KeyId })),
  },
  {
    violation: "key-deletion",
    resource: (staging) => staging.keyOf("peregrine-staging-log"),
    plant: ({ kms }, KeyId) => kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 })),
  },
  {
    violation: "rule-disabled",
    resource: () => "peregrine-staging-forward",
    plant: ({ events }, Name) => events.send(new DisableRuleCommand({ Name })),
  },
  {
    violation: "schedule-disabled",
    resource: () => "peregrine-staging-forecast",
    plant: async ({ scheduler }, Name) => {
      const GroupName = "peregrine-staging-schedules";
      const { ScheduleExpression, FlexibleTimeWindow, Target, Description } = await scheduler.send(
        new GetScheduleCommand({ GroupName, Name }),
      );
      await scheduler.send(
        new UpdateScheduleCommand({
          GroupName,
          Name,
          ScheduleExpression,
          FlexibleTimeWindow,
          Target,
          Description,
          State: "DISABLED",
        }),
      );
    },
  },
  {
    violation: "wrong-approval",
    resource: async ({ artifacts, endpoint, sagemaker }) => {
      const { ModelPackageArn } = await sagemaker.send(
        new CreateModelPackageCommand({
          ModelPackageGroupName: endpoint,
          ModelApprovalStatus: "PendingManualApproval",
          InferenceSpecification: {
            Containers: [
              {
                Image: "111122223333.dkr.ecr.eu-central-1.amazonaws.com/peregrine-ml:latest",
                ModelDataUrl: `s3://${artifacts}/runs/nobody/model.tar.gz`,
              },
            ],
            SupportedContentTypes: ["image/jpeg"],
            SupportedResponseMIMETypes: ["application/json"],
          },
        }),
      );
      return ModelPackageArn!;
    },
    plant: ({ sagemaker }, ModelPackageArn) =>
      sagemaker.send(new UpdateModelPackageCommand({ ModelPackageArn, ModelApprovalStatus: "Approved" })),
  },
  {
    violation: "endpoint-tag-removed",
    resource: ({ endpoint }) => endpoint,
    plant: async (staging) => {
      const { EndpointArn } = await staging.live();
      await staging.sagemaker.send(new DeleteTagsCommand({ ResourceArn: EndpointArn, TagKeys: ["owner"] }));
    },
  },
  {
    violation: "capture-off",
    resource: ({ endpoint }) => endpoint,
    plant: (staging) => staging.serveCopy("peregrine-staging-by-hand-blind", false),
  },
  {
    violation: "endpoint-config-changed",
    resource: ({ endpoint }) => endpoint,
    plant: (staging) => staging.serveCopy("peregrine-staging-by-hand", true),
  },
];
