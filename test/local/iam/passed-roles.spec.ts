import assert from "node:assert/strict";
import type { Call } from "../../../local/call";
import type { Members } from "../../../local/members";
import { createAuthoriser } from "../../../local/iam/authorise";
import type { Principal } from "../../../local/iam/principal";
import { startProvider } from "../../../local/provider/server";
import { Engine } from "../provider/provider-client";
import { Account, IMAGE, allow, projectInput } from "../services/codebuild/account";

const ROLE = "arn:aws:iam::111122223333:role/handed";
const container = { Image: "111122223333.dkr.ecr.eu-central-1.amazonaws.com/toy:1", ModelDataUrl: "s3://b/m.tar.gz" };
const cluster = { InstanceType: "ml.m5.large", InstanceCount: 1, VolumeSizeInGB: 10 };
const training = {
  AlgorithmSpecification: { TrainingImage: container.Image, TrainingInputMode: "File" },
  OutputDataConfig: { S3OutputPath: "s3://b/o" },
  ResourceConfig: cluster,
  StoppingCondition: { MaxRuntimeInSeconds: 60 },
};
const subnets = { VpcId: "vpc-1", SubnetIds: ["subnet-1"], AuthMode: "IAM" };
const schedule = {
  Name: "s",
  FlexibleTimeWindow: { Mode: "OFF" },
  ScheduleExpression: "rate(1 hour)",
  Target: { Arn: "arn:aws:sqs:eu-central-1:111122223333:q", RoleArn: ROLE },
};

/**
 * Every operation of the local cloud that hands a role to a service, and the service that IAM is told
 * (`iam:PassedToService`).
 */
const rows: readonly (readonly [service: string, operation: string, input: Members, to: string])[] = [
  [
    "lambda",
    "CreateFunction",
    {
      FunctionName: "f",
      Role: ROLE,
      Runtime: "nodejs22.x",
      Handler: "index.handler",
      Code: { ZipFile: Buffer.from("x") },
    },
    "lambda.amazonaws.com",
  ],
  ["lambda", "UpdateFunctionConfiguration", { FunctionName: "f", Role: ROLE }, "lambda.amazonaws.com"],
  ["codebuild", "CreateProject", projectInput("project", ROLE, "version: 0.2"), "codebuild.amazonaws.com"],
  ["codebuild", "UpdateProject", { name: "p", serviceRole: ROLE }, "codebuild.amazonaws.com"],
  ["codebuild", "StartBuild", { projectName: "p", serviceRoleOverride: ROLE }, "codebuild.amazonaws.com"],
  [
    "codebuild",
    "CreateProject",
    {
      ...projectInput("project", "", "version: 0.2"),
      serviceRole: "arn:aws:iam::111122223333:role/mine",
      buildBatchConfig: { serviceRole: ROLE },
    },
    "codebuild.amazonaws.com",
  ],
  [
    "codebuild",
    "UpdateProjectVisibility",
    {
      projectArn: "arn:aws:codebuild:eu-central-1:111122223333:project/p",
      projectVisibility: "PUBLIC_READ",
      resourceAccessRole: ROLE,
    },
    "codebuild.amazonaws.com",
  ],
  ["scheduler", "CreateSchedule", schedule, "scheduler.amazonaws.com"],
  ["scheduler", "UpdateSchedule", schedule, "scheduler.amazonaws.com"],
  ["events", "PutRule", { Name: "r", ScheduleExpression: "rate(1 hour)", RoleArn: ROLE }, "events.amazonaws.com"],
  [
    "events",
    "PutTargets",
    { Rule: "r", Targets: [{ Id: "1", Arn: "arn:aws:codebuild:eu-central-1:111122223333:project/p", RoleArn: ROLE }] },
    "events.amazonaws.com",
  ],
  ["sagemaker", "CreateTrainingJob", { TrainingJobName: "t", RoleArn: ROLE, ...training }, "sagemaker.amazonaws.com"],
  [
    "sagemaker",
    "CreateProcessingJob",
    {
      ProcessingJobName: "p",
      RoleArn: ROLE,
      AppSpecification: { ImageUri: container.Image },
      ProcessingResources: { ClusterConfig: cluster },
    },
    "sagemaker.amazonaws.com",
  ],
  [
    "sagemaker",
    "CreateModel",
    { ModelName: "m", ExecutionRoleArn: ROLE, PrimaryContainer: container },
    "sagemaker.amazonaws.com",
  ],
  [
    "sagemaker",
    "CreateEndpointConfig",
    {
      EndpointConfigName: "c",
      ExecutionRoleArn: ROLE,
      ProductionVariants: [{ VariantName: "v", ModelName: "m", InstanceType: "ml.m5.large", InitialInstanceCount: 1 }],
    },
    "sagemaker.amazonaws.com",
  ],
  [
    "sagemaker",
    "CreatePipeline",
    { PipelineName: "p", RoleArn: ROLE, ClientRequestToken: "t".repeat(32), PipelineDefinition: "{}" },
    "sagemaker.amazonaws.com",
  ],
  ["sagemaker", "UpdatePipeline", { PipelineName: "p", RoleArn: ROLE }, "sagemaker.amazonaws.com"],
  [
    "sagemaker",
    "CreateDomain",
    { DomainName: "d", ...subnets, DefaultUserSettings: { ExecutionRole: ROLE } },
    "sagemaker.amazonaws.com",
  ],
  [
    "sagemaker",
    "CreateDomain",
    { DomainName: "d", ...subnets, DefaultUserSettings: {}, DefaultSpaceSettings: { ExecutionRole: ROLE } },
    "sagemaker.amazonaws.com",
  ],
  [
    "sagemaker",
    "UpdateDomain",
    { DomainId: "d-123456789012", DefaultUserSettings: { ExecutionRole: ROLE } },
    "sagemaker.amazonaws.com",
  ],
  [
    "sagemaker",
    "CreateUserProfile",
    { DomainId: "d-123456789012", UserProfileName: "u", UserSettings: { ExecutionRole: ROLE } },
    "sagemaker.amazonaws.com",
  ],
  [
    "sagemaker",
    "UpdateUserProfile",
    { DomainId: "d-123456789012", UserProfileName: "u", UserSettings: { ExecutionRole: ROLE } },
    "sagemaker.amazonaws.com",
  ],
  [
    "sagemaker",
    "CreateMlflowApp",
    { Name: "a", ArtifactStoreUri: "s3://b/mlflow", RoleArn: ROLE },
    "sagemaker.amazonaws.com",
  ],
  [
    "cloudtrail",
    "CreateTrail",
    { Name: "t", S3BucketName: "b", CloudWatchLogsRoleArn: ROLE },
    "cloudtrail.amazonaws.com",
  ],
  ["cloudtrail", "UpdateTrail", { Name: "t", CloudWatchLogsRoleArn: ROLE }, "cloudtrail.amazonaws.com"],
  [
    "ec2",
    "CreateFlowLogs",
    { ResourceIds: ["vpc-1"], ResourceType: "VPC", TrafficType: "ALL", DeliverLogsPermissionArn: ROLE },
    "vpc-flow-logs.amazonaws.com",
  ],
  [
    "application-autoscaling",
    "RegisterScalableTarget",
    {
      ServiceNamespace: "sagemaker",
      ResourceId: "endpoint/e/variant/v",
      ScalableDimension: "sagemaker:variant:DesiredInstanceCount",
      RoleARN: ROLE,
    },
    "application-autoscaling.amazonaws.com",
  ],
  [
    "logs",
    "PutSubscriptionFilter",
    {
      logGroupName: "g",
      filterName: "f",
      filterPattern: "",
      destinationArn: "arn:aws:firehose:eu-central-1:111122223333:deliverystream/d",
      roleArn: ROLE,
    },
    "logs.amazonaws.com",
  ],
  [
    "s3",
    "PutBucketReplication",
    {
      Bucket: "b",
      ReplicationConfiguration: {
        Role: ROLE,
        Rules: [{ Status: "Enabled", Destination: { Bucket: "arn:aws:s3:::c" } }],
      },
    },
    "s3.amazonaws.com",
  ],
  ["iam", "AddRoleToInstanceProfile", { InstanceProfileName: "i", RoleName: "handed" }, "ec2.amazonaws.com"],
];

describe("a role is handed to a service only by who may pass it", function () {
  let account: Account;
  let without: Principal;
  before(async () => {
    account = await Account.open();
    await account.role("handed", []);
    without = await account.user("without", [allow("*"), { Effect: "Deny", Action: "iam:PassRole", Resource: ROLE }]);
  });
  after(() => account?.close());

  /** A user who may everything, and pass the role to one service. */
  const passing = (name: string, to: string): Promise<Principal> =>
    account.user(name, [
      { Effect: "Allow", NotAction: "iam:PassRole", Resource: "*" },
      { ...allow("iam:PassRole", "arn:aws:iam::111122223333:role/mine") },
      { ...allow("iam:PassRole", ROLE), Condition: { StringEquals: { "iam:PassedToService": to } } },
    ]);
  /** What the caller is refused; what a service needs for itself is no matter here. */
  const denials = (principal: Principal, service: string, operation: string, input: Members): string[] => {
    const { cloud } = account.local;
    const call: Call = {
      service,
      operation,
      caller: { principal, sourceIp: "test", userAgent: "test" },
      principal,
      requestId: "",
      now: cloud.clock.now(),
    };
    return createAuthoriser(cloud)
      .rule(cloud.services.get(service)!, input, call)
      .filter(({ requirement, decision }) => !decision.allowed && !requirement.principal)
      .map(({ requirement }) => requirement.action);
  };

  for (const [index, [service, operation, input, to]] of rows.entries()) {
    it(`${service}:${operation}, to ${to}`, async () => {
      await assert.rejects(
        account.call(service, operation, input, without),
        (error: Error) => (
          assert.ok(
            error.message.includes(
              `not authorized to perform: iam:PassRole on resource: ${service === "s3" ? `"${ROLE}"` : ROLE}`,
            ),
            error.message,
          ),
          true
        ),
      );
      assert.deepEqual(denials(await passing(`right-${index}`, to), service, operation, input), []);
      assert.deepEqual(denials(await passing(`wrong-${index}`, "else.amazonaws.com"), service, operation, input), [
        "iam:PassRole",
      ]);
    });
  }

  it("nothing is asked where a request hands over no role", async () => {
    const user = await account.user("changer", [{ Effect: "Allow", NotAction: "iam:PassRole", Resource: "*" }]);
    for (const [service, operation, input] of [
      ["lambda", "UpdateFunctionConfiguration", { FunctionName: "f", Timeout: 5 }],
      ["codebuild", "StartBuild", { projectName: "p", imageOverride: IMAGE }],
      ["events", "PutTargets", { Rule: "r", Targets: [{ Id: "1", Arn: "arn:aws:sqs:eu-central-1:111122223333:q" }] }],
      ["sagemaker", "UpdatePipeline", { PipelineName: "p", PipelineDefinition: "{}" }],
      ["cloudtrail", "UpdateTrail", { Name: "t", S3BucketName: "b" }],
    ] as const)
      assert.deepEqual(denials(user, service, operation, input), [], operation);
  });

  it("the provider's records of flow logs and budget actions ask, too", async () => {
    const rest = {
      "aws:ec2/flowLog:FlowLog": { iamRoleArn: ROLE, trafficType: "ALL", vpcId: "vpc-1" },
      "aws:budgets/budgetAction:BudgetAction": {
        executionRoleArn: ROLE,
        budgetName: "b",
        actionType: "APPLY_IAM_POLICY",
        approvalModel: "AUTOMATIC",
        notificationType: "ACTUAL",
        actionThreshold: { actionThresholdType: "PERCENTAGE", actionThresholdValue: 100 },
        definition: {},
        subscribers: [],
      },
    };
    for (const [index, [token, inputs]] of Object.entries(rest).entries()) {
      for (const [user, works] of [
        [without, false],
        [await passing(`record-${index}`, index === 0 ? "vpc-flow-logs.amazonaws.com" : "budgets.amazonaws.com"), true],
      ] as const) {
        const provider = await startProvider(account.local.cloud, { port: 0, principalFor: async () => user });
        const engine = await Engine.configured(provider.port);
        const made = engine.create(token, "r", inputs);
        await (works ? made : assert.rejects(made, /iam:PassRole/));
        engine.close();
        await provider.stop();
      }
    }
  });

  it("a layer is code that one must be able to read, and a policy may name those that are allowed", async () => {
    const layer = "arn:aws:lambda:eu-central-1:444455556666:layer:evil:1";
    const input = { FunctionName: "f", Layers: [layer] };
    assert.deepEqual(
      denials(
        await account.user("no-layers", [allow("lambda:UpdateFunctionConfiguration")]),
        "lambda",
        "UpdateFunctionConfiguration",
        input,
      ),
      ["lambda:GetLayerVersion"],
    );
    const own = {
      Effect: "Deny",
      Action: "lambda:*",
      Resource: "*",
      Condition: { "ForAnyValue:StringNotLike": { "lambda:Layer": "arn:aws:lambda:*:111122223333:layer:*" } },
    };
    assert.deepEqual(
      denials(
        await account.user("own-layers", [allow("lambda:*"), own]),
        "lambda",
        "UpdateFunctionConfiguration",
        input,
      ),
      ["lambda:UpdateFunctionConfiguration", "lambda:GetLayerVersion"],
      "the other account does not share its layer either",
    );
    const permission = {
      FunctionName: "f",
      StatementId: "s",
      Action: "lambda:InvokeFunction",
      Principal: "111122223333",
    };
    const services = {
      ...allow("lambda:AddPermission"),
      Condition: { StringLike: { "lambda:Principal": "*.amazonaws.com" } },
    };
    const granter = await account.user("granter", [services]);
    assert.deepEqual(denials(granter, "lambda", "AddPermission", permission), ["lambda:AddPermission"]);
    assert.deepEqual(
      denials(granter, "lambda", "AddPermission", { ...permission, Principal: "events.amazonaws.com" }),
      [],
    );
  });
});
