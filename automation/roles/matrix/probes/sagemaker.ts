import {
  AddTagsCommand,
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  CreateModelPackageCommand,
  CreatePipelineCommand,
  CreatePresignedMlflowAppUrlCommand,
  CreateProcessingJobCommand,
  CreateTrainingJobCommand,
  DeleteEndpointCommand,
  DeleteModelPackageCommand,
  DeleteModelPackageGroupCommand,
  DeletePipelineCommand,
  DeleteTagsCommand,
  DescribeEndpointCommand,
  DescribeModelPackageCommand,
  ListEndpointsCommand,
  ListModelPackagesCommand,
  ListPipelineExecutionsCommand,
  type ModelApprovalStatus,
  StartPipelineExecutionCommand,
  StopPipelineExecutionCommand,
  StopTrainingJobCommand,
  type TrainingInstanceType,
  UpdateEndpointCommand,
  UpdateEndpointWeightsAndCapacitiesCommand,
  UpdateModelPackageCommand,
  UpdatePipelineCommand,
} from "@aws-sdk/client-sagemaker";
import { InvokeEndpointCommand } from "@aws-sdk/client-sagemaker-runtime";
import { championVariant } from "../../../../contract/variants";
import { imageRepository, jobPrefix } from "../../../../contract/names";
import { releasedArchive } from "../../../../contract/desired-release";
import { prefixes } from "../../../../contract/places";
import type { Clients } from "../clients";
import type { Target } from "../target";
import { type Need, passRole, type Probe, type Probes } from "./probe";

const bigInstance = "ml.p5.48xlarge";
const image = (target: Target) => `${target.accountId}.dkr.ecr.${target.region}.amazonaws.com/${imageRepository}:none`;
/** A pipeline's jobs begin as its steps say. */
const pipelineJob = ({ environment }: Target) => `${jobPrefix(environment, "TrainDetector")}-probe`;
/** Client tokens have at least 32 characters. */
const token = "probe-".padEnd(36, "0");

/** A request about one thing of the environment. */
const on = (
  operation: string,
  resource: (target: Target) => string,
  send: (clients: Clients, target: Target) => Promise<unknown>,
  more: (target: Target) => readonly Need[] = () => [],
): Probe => ({
  needs: (target) => [
    { action: `sagemaker:${operation}`, resource: target.sagemaker(resource(target)) },
    ...more(target),
  ],
  send,
});

/** Ids of no subnet and no group: a request that names them stays off the internet. */
const vpc = { Subnets: ["subnet-00000000000000000"], SecurityGroupIds: ["sg-00000000000000000"] };
const inVpc = { "sagemaker:VpcSubnets": vpc.Subnets, "sagemaker:VpcSecurityGroupIds": vpc.SecurityGroupIds };

interface TrainingProbe {
  readonly name?: (target: Target) => string;
  readonly instance?: (target: Target) => string;
  readonly role?: string;
  readonly open?: boolean;
  readonly seconds?: number;
}

/** A training job that never starts: its channel names an object that does not exist. */
function training({
  name = ({ probe }) => probe,
  instance = ({ instances }) => instances.training,
  role = "training-execution",
  open = false,
  seconds = 60,
}: TrainingProbe): Probe {
  return {
    needs: (target) => [
      {
        action: "sagemaker:CreateTrainingJob",
        resource: target.sagemaker(`training-job/${name(target)}`),
        context: {
          "sagemaker:InstanceTypes": [instance(target)],
          "sagemaker:MaxRuntimeInSeconds": String(seconds),
          ...(open ? {} : inVpc),
        },
      },
      passRole(target.roleArn(role)),
    ],
    send: ({ sagemaker }, target) =>
      sagemaker.send(
        new CreateTrainingJobCommand({
          TrainingJobName: name(target),
          RoleArn: target.roleArn(role),
          AlgorithmSpecification: { TrainingImage: image(target), TrainingInputMode: "File" },
          InputDataConfig: [
            {
              ChannelName: "none",
              DataSource: {
                S3DataSource: { S3DataType: "S3Prefix", S3Uri: `s3://${target.artifactsBucket}/${prefixes.runs}none/` },
              },
            },
          ],
          OutputDataConfig: { S3OutputPath: `s3://${target.artifactsBucket}/${prefixes.runs}none/` },
          ResourceConfig: {
            InstanceType: instance(target) as TrainingInstanceType,
            InstanceCount: 1,
            VolumeSizeInGB: 1,
          },
          ...(open ? {} : { VpcConfig: vpc }),
          StoppingCondition: { MaxRuntimeInSeconds: seconds },
        }),
      ),
  };
}

/** A processing job that the service refuses after IAM was asked: two inputs in one place. */
const processing = (role: string): Probe => ({
  needs: (target) => [
    {
      action: "sagemaker:CreateProcessingJob",
      resource: target.sagemaker(`processing-job/${target.probe}`),
      context: {
        "sagemaker:InstanceTypes": [target.instances.processing],
        "sagemaker:MaxRuntimeInSeconds": "60",
        ...inVpc,
      },
    },
    passRole(target.roleArn(role)),
  ],
  send: ({ sagemaker }, target) => {
    const input = {
      S3Uri: `s3://${target.artifactsBucket}/${prefixes.runs}none/`,
      LocalPath: "/opt/ml/processing/input",
      S3DataType: "S3Prefix",
      S3InputMode: "File",
    } as const;
    return sagemaker.send(
      new CreateProcessingJobCommand({
        ProcessingJobName: target.probe,
        RoleArn: target.roleArn(role),
        AppSpecification: { ImageUri: image(target) },
        ProcessingInputs: ["a", "b"].map((InputName) => ({ InputName, S3Input: input })),
        ProcessingResources: {
          ClusterConfig: {
            InstanceType: target.instances.processing as "ml.m5.xlarge",
            InstanceCount: 1,
            VolumeSizeInGB: 1,
          },
        },
        NetworkConfig: { VpcConfig: vpc },
        StoppingCondition: { MaxRuntimeInSeconds: 60 },
      }),
    );
  },
});

/** A model of no data, since the bucket does not hold it. */
const model = (isolated: boolean): Probe => ({
  needs: (target) => [
    {
      action: "sagemaker:CreateModel",
      resource: target.sagemaker(`model/${target.probe}`),
      context: { "sagemaker:NetworkIsolation": String(isolated) },
    },
    passRole(target.roleArn("endpoint-execution")),
  ],
  send: ({ sagemaker }, target) =>
    sagemaker.send(
      new CreateModelCommand({
        ModelName: target.probe,
        ExecutionRoleArn: target.roleArn("endpoint-execution"),
        EnableNetworkIsolation: isolated,
        PrimaryContainer: {
          Image: image(target),
          ModelDataUrl: releasedArchive(target.artifactsBucket, "none"),
        },
      }),
    ),
});

const configuration = (instance: (target: Target) => string): Probe => ({
  needs: (target) => [
    {
      action: "sagemaker:CreateEndpointConfig",
      resource: target.sagemaker(`endpoint-config/${target.probe}`),
      context: {
        "sagemaker:InstanceTypes": [instance(target)],
        "sagemaker:ModelArn": [target.sagemaker(`model/${target.probe}`)],
      },
    },
  ],
  send: ({ sagemaker }, target) =>
    sagemaker.send(
      new CreateEndpointConfigCommand({
        EndpointConfigName: target.probe,
        ProductionVariants: [
          {
            VariantName: championVariant,
            ModelName: target.probe,
            InstanceType: instance(target) as "ml.m5.large",
            InitialInstanceCount: 1,
          },
        ],
      }),
    ),
});

/** A version with tags, which SageMaker refuses after IAM was asked: a version has its group's. */
const registration = (status: ModelApprovalStatus): Probe => ({
  needs: (target) => {
    const resource = target.sagemaker(`model-package/${target.prefix}-detector/*`);
    const tags = { "aws:TagKeys": ["note"], "aws:RequestTag/note": "none" };
    return [
      {
        action: "sagemaker:CreateModelPackage",
        resource,
        context: { "sagemaker:ModelApprovalStatus": status, ...tags },
      },
      { action: "sagemaker:AddTags", resource, context: { ...tags, "sagemaker:TaggingAction": "CreateModelPackage" } },
    ];
  },
  send: ({ sagemaker }, target) =>
    sagemaker.send(
      new CreateModelPackageCommand({
        ModelPackageGroupName: `${target.prefix}-detector`,
        ModelApprovalStatus: status,
        Tags: [{ Key: "note", Value: "none" }],
      }),
    ),
});

/** An update of a version that does not exist. */
const decision = (
  context: Need["context"],
  input: { ModelApprovalStatus?: ModelApprovalStatus; CustomerMetadataProperties?: Record<string, string> },
): Probe => ({
  needs: (target) => [
    {
      action: "sagemaker:UpdateModelPackage",
      resource: target.sagemaker(`model-package/${target.prefix}-detector/999999`),
      ...(context ? { context } : {}),
    },
  ],
  send: ({ sagemaker }, target) =>
    sagemaker.send(
      new UpdateModelPackageCommand({
        ModelPackageArn: target.sagemaker(`model-package/${target.prefix}-detector/999999`),
        ...input,
      }),
    ),
});

const endpointAndConfig =
  (operation: string): Probe["needs"] =>
  (target) => [
    { action: `sagemaker:${operation}`, resource: target.sagemaker(`endpoint/${target.probe}`) },
    { action: `sagemaker:${operation}`, resource: target.sagemaker(`endpoint-config/${target.probe}`) },
  ];

const tagging = (
  operation: "AddTags" | "DeleteTags",
  key: string,
  value: (target: Target) => string,
  send: Probe["send"],
): Probe => ({
  needs: (target) => [
    {
      action: `sagemaker:${operation}`,
      resource: target.sagemaker(`endpoint/${target.probe}`),
      context: {
        "aws:TagKeys": [key],
        ...(operation === "AddTags" ? { [`aws:RequestTag/${key}`]: value(target) } : {}),
      },
    },
  ],
  send,
});
const addTag = (key: string, value: (target: Target) => string): Probe =>
  tagging("AddTags", key, value, ({ sagemaker }, target) =>
    sagemaker.send(
      new AddTagsCommand({
        ResourceArn: target.sagemaker(`endpoint/${target.probe}`),
        Tags: [{ Key: key, Value: value(target) }],
      }),
    ),
  );

const endpoint = (target: Target) => `endpoint/${target.probe}`;
const pipeline = (target: Target) => `pipeline/${target.probe}`;
const execution = (target: Target) => `${pipeline(target)}/execution/000000000000`;

export const sagemakerProbes: Probes = {
  "sagemaker:ListEndpoints list": {
    needs: () => [{ action: "sagemaker:ListEndpoints", resource: "*" }],
    send: ({ sagemaker }) => sagemaker.send(new ListEndpointsCommand({ MaxResults: 1 })),
  },
  "sagemaker:DescribeEndpoint read": on("DescribeEndpoint", endpoint, ({ sagemaker }, { probe }) =>
    sagemaker.send(new DescribeEndpointCommand({ EndpointName: probe })),
  ),
  "sagemaker:DescribeModelPackage read": on(
    "DescribeModelPackage",
    ({ prefix }) => `model-package/${prefix}-detector/999999`,
    ({ sagemaker }, target) =>
      sagemaker.send(
        new DescribeModelPackageCommand({
          ModelPackageName: target.sagemaker(`model-package/${target.prefix}-detector/999999`),
        }),
      ),
  ),
  "sagemaker:ListModelPackages list": on(
    "ListModelPackages",
    ({ prefix }) => `model-package-group/${prefix}-detector`,
    ({ sagemaker }, { prefix }) =>
      sagemaker.send(new ListModelPackagesCommand({ ModelPackageGroupName: `${prefix}-detector`, MaxResults: 1 })),
  ),
  "sagemaker:ListPipelineExecutions list": on("ListPipelineExecutions", pipeline, ({ sagemaker }, { probe }) =>
    sagemaker.send(new ListPipelineExecutionsCommand({ PipelineName: probe })),
  ),

  "sagemaker:CreateTrainingJob own": training({ role: "experiment-anna" }),
  "sagemaker:CreateTrainingJob big-instance": training({ role: "experiment-anna", instance: () => bigInstance }),
  "sagemaker:CreateTrainingJob for-a-month": training({ role: "experiment-anna", seconds: 28 * 24 * 3600 }),
  "sagemaker:CreateTrainingJob wrong-role": training({ role: "approver" }),
  "sagemaker:CreateTrainingJob others-role": training({ role: "experiment-ben" }),
  "sagemaker:CreateTrainingJob pipelines-role": training({}),
  "sagemaker:CreateTrainingJob pipeline": training({ name: pipelineJob }),
  "sagemaker:CreateTrainingJob pipeline-big": training({ name: pipelineJob, instance: () => bigInstance }),
  "sagemaker:CreateTrainingJob pipeline-month": training({ name: pipelineJob, seconds: 28 * 24 * 3600 }),
  "sagemaker:CreateTrainingJob pipeline-open": training({ name: pipelineJob, open: true }),
  "sagemaker:StopTrainingJob own": on(
    "StopTrainingJob",
    ({ probe }) => `training-job/${probe}`,
    ({ sagemaker }, { probe }) => sagemaker.send(new StopTrainingJobCommand({ TrainingJobName: probe })),
  ),
  "sagemaker:CreateProcessingJob own": processing("experiment-anna"),
  "sagemaker:CreateProcessingJob pipelines-role": processing("processing-execution"),

  // The URL is good once, and nobody uses it.
  "sagemaker:CreatePresignedMlflowAppUrl own": {
    needs: ({ mlflowAppArn }) => [{ action: "sagemaker:CreatePresignedMlflowAppUrl", resource: mlflowAppArn }],
    send: ({ sagemaker }, { mlflowAppArn }) =>
      sagemaker.send(new CreatePresignedMlflowAppUrlCommand({ Arn: mlflowAppArn, ExpiresInSeconds: 5 })),
  },

  "sagemaker:CreatePipeline own": on(
    "CreatePipeline",
    pipeline,
    ({ sagemaker }, target) =>
      sagemaker.send(
        new CreatePipelineCommand({
          PipelineName: target.probe,
          ClientRequestToken: token,
          RoleArn: target.roleArn("pipeline-execution"),
          PipelineDefinition: "{}",
        }),
      ),
    (target) => [passRole(target.roleArn("pipeline-execution"))],
  ),
  "sagemaker:UpdatePipeline own": on("UpdatePipeline", pipeline, ({ sagemaker }, { probe }) =>
    sagemaker.send(new UpdatePipelineCommand({ PipelineName: probe, PipelineDescription: "none" })),
  ),
  "sagemaker:DeletePipeline own": on("DeletePipeline", pipeline, ({ sagemaker }, { probe }) =>
    sagemaker.send(new DeletePipelineCommand({ PipelineName: probe, ClientRequestToken: token })),
  ),
  "sagemaker:StartPipelineExecution own": on("StartPipelineExecution", pipeline, ({ sagemaker }, { probe }) =>
    sagemaker.send(new StartPipelineExecutionCommand({ PipelineName: probe, ClientRequestToken: token })),
  ),
  "sagemaker:StopPipelineExecution own": on("StopPipelineExecution", execution, ({ sagemaker }, target) =>
    sagemaker.send(
      new StopPipelineExecutionCommand({
        PipelineExecutionArn: target.sagemaker(execution(target)),
        ClientRequestToken: token,
      }),
    ),
  ),

  "sagemaker:CreateModel own": model(true),
  "sagemaker:CreateModel open": model(false),
  "sagemaker:CreateEndpointConfig own": configuration(({ instances }) => instances.serving),
  "sagemaker:CreateEndpointConfig big-instance": configuration(() => bigInstance),
  "sagemaker:CreateEndpoint own": {
    needs: endpointAndConfig("CreateEndpoint"),
    send: ({ sagemaker }, { probe }) =>
      sagemaker.send(new CreateEndpointCommand({ EndpointName: probe, EndpointConfigName: probe })),
  },
  "sagemaker:UpdateEndpoint own": {
    needs: endpointAndConfig("UpdateEndpoint"),
    send: ({ sagemaker }, { probe }) =>
      sagemaker.send(new UpdateEndpointCommand({ EndpointName: probe, EndpointConfigName: probe })),
  },
  "sagemaker:UpdateEndpointWeightsAndCapacities own": on(
    "UpdateEndpointWeightsAndCapacities",
    endpoint,
    ({ sagemaker }, { probe }) =>
      sagemaker.send(
        new UpdateEndpointWeightsAndCapacitiesCommand({
          EndpointName: probe,
          DesiredWeightsAndCapacities: [{ VariantName: championVariant, DesiredWeight: 1 }],
        }),
      ),
  ),
  "sagemaker:DeleteEndpoint own": on("DeleteEndpoint", endpoint, ({ sagemaker }, { probe }) =>
    sagemaker.send(new DeleteEndpointCommand({ EndpointName: probe })),
  ),
  "sagemaker:InvokeEndpoint own": on("InvokeEndpoint", endpoint, ({ runtime }, { probe }) =>
    runtime.send(new InvokeEndpointCommand({ EndpointName: probe, Body: new Uint8Array([0]) })),
  ),

  "sagemaker:CreateModelPackage pending": registration("PendingManualApproval"),
  "sagemaker:CreateModelPackage approved": registration("Approved"),
  "sagemaker:UpdateModelPackage approve": decision(
    { "sagemaker:ModelApprovalStatus": "Approved" },
    { ModelApprovalStatus: "Approved" },
  ),
  "sagemaker:UpdateModelPackage reject": decision(
    { "sagemaker:ModelApprovalStatus": "Rejected" },
    { ModelApprovalStatus: "Rejected" },
  ),
  "sagemaker:UpdateModelPackage annotate": decision(
    { "sagemaker:CustomerMetadataProperties/note": "none" },
    { CustomerMetadataProperties: { note: "none" } },
  ),
  "sagemaker:DeleteModelPackage own": on(
    "DeleteModelPackage",
    ({ prefix }) => `model-package/${prefix}-detector/999999`,
    ({ sagemaker }, target) =>
      sagemaker.send(
        new DeleteModelPackageCommand({
          ModelPackageName: target.sagemaker(`model-package/${target.prefix}-detector/999999`),
        }),
      ),
  ),
  "sagemaker:DeleteModelPackageGroup own": on(
    "DeleteModelPackageGroup",
    ({ probe }) => `model-package-group/${probe}`,
    ({ sagemaker }, { probe }) => sagemaker.send(new DeleteModelPackageGroupCommand({ ModelPackageGroupName: probe })),
  ),

  "sagemaker:AddTags note": addTag("note", () => "none"),
  "sagemaker:AddTags environment": addTag("environment", ({ environment }) => environment),
  "sagemaker:DeleteTags environment": tagging(
    "DeleteTags",
    "environment",
    () => "",
    ({ sagemaker }, target) =>
      sagemaker.send(
        new DeleteTagsCommand({ ResourceArn: target.sagemaker(`endpoint/${target.probe}`), TagKeys: ["environment"] }),
      ),
  ),
};
