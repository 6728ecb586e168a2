import {
  CreateMlflowAppCommand,
  CreateModelPackageCommand,
  CreateModelPackageGroupCommand,
  CreatePipelineCommand,
  CreateProcessingJobCommand,
  CreateTrainingJobCommand,
  DeleteMlflowAppCommand,
  DeleteModelPackageGroupCommand,
  DeletePipelineCommand,
  DescribeMlflowAppCommand,
  DescribeProcessingJobCommand,
  DescribeTrainingJobCommand,
  paginateListMlflowApps,
  paginateListModelPackageGroups,
  paginateListProcessingJobs,
  paginateListTrainingJobs,
  SageMakerClient,
  SendPipelineExecutionStepFailureCommand,
  StopProcessingJobCommand,
  StopTrainingJobCommand,
  UpdateModelPackageCommand,
  type TrainingInstanceType,
  type ProcessingInstanceType,
} from "@aws-sdk/client-sagemaker";
import { randomUUID } from "node:crypto";
import { pipelinesNamed, stepsOfRun, stopRuns } from "./pipeline-runs";
import { type AwsSession, clientSettings } from "./session";
import { tagList } from "./tagging";

type Tags = Readonly<Record<string, string>>;

export type JobKind = "training" | "processing";

export interface JobOutcome {
  readonly status: string;
  readonly reason: string;
}

/**
 * Small things of SageMaker that are made for a question and deleted after it: groups, packages, pipelines, jobs,
 * MLflow Apps.
 */
export class Experiments {
  private readonly client: SageMakerClient;

  constructor(session: AwsSession) {
    this.client = new SageMakerClient(clientSettings(session));
  }

  async createGroup(ModelPackageGroupName: string, tags: Tags): Promise<string> {
    return (await this.client.send(new CreateModelPackageGroupCommand({ ModelPackageGroupName, Tags: tagList(tags) })))
      .ModelPackageGroupArn!;
  }

  /** Registers a package that waits for a decision. @returns its ARN. */
  async register(ModelPackageGroupName: string, image: string, modelDataUrl?: string): Promise<string> {
    const Containers = [{ Image: image, ...(modelDataUrl ? { ModelDataUrl: modelDataUrl } : {}) }];
    const specification = {
      Containers,
      SupportedContentTypes: ["image/jpeg"],
      SupportedResponseMIMETypes: ["application/json"],
    };
    return (
      await this.client.send(
        new CreateModelPackageCommand({
          ModelPackageGroupName,
          InferenceSpecification: specification,
          ModelApprovalStatus: "PendingManualApproval",
        }),
      )
    ).ModelPackageArn!;
  }

  /** Changes what is given of a package, and nothing else. */
  async edit(
    ModelPackageArn: string,
    { description, metadata }: { readonly description?: string; readonly metadata?: Readonly<Record<string, string>> },
  ): Promise<void> {
    await this.client.send(
      new UpdateModelPackageCommand({
        ModelPackageArn,
        ApprovalDescription: description,
        CustomerMetadataProperties: metadata && { ...metadata },
      }),
    );
  }

  async groupsNamed(start: string): Promise<string[]> {
    const names: string[] = [];
    for await (const page of paginateListModelPackageGroups({ client: this.client }, { NameContains: start }))
      names.push(
        ...(page.ModelPackageGroupSummaryList ?? []).map(({ ModelPackageGroupName }) => ModelPackageGroupName!),
      );
    return names.filter((name) => name.startsWith(start));
  }

  async deleteGroup(ModelPackageGroupName: string): Promise<void> {
    await this.client.send(new DeleteModelPackageGroupCommand({ ModelPackageGroupName }));
  }

  async createPipeline(PipelineName: string, RoleArn: string, definition: object, tags: Tags): Promise<void> {
    await this.client.send(
      new CreatePipelineCommand({
        PipelineName,
        RoleArn,
        PipelineDefinition: JSON.stringify(definition),
        ClientRequestToken: randomUUID(),
        Tags: tagList(tags),
      }),
    );
  }

  /** Why an execution failed: what its steps say, else what is said of it as a whole. */
  async failureOf(PipelineExecutionArn: string, otherwise: string): Promise<string> {
    const reasons = (await stepsOfRun(this.client, PipelineExecutionArn)).flatMap(
      ({ FailureReason }) => FailureReason ?? [],
    );
    return reasons.join("; ") || otherwise;
  }

  /**
   * Fails the step that a callback token belongs to.
   * @throws SageMaker's own error for a token whose step waits no more.
   */
  async failStep(CallbackToken: string, FailureReason: string): Promise<void> {
    await this.client.send(
      new SendPipelineExecutionStepFailureCommand({ CallbackToken, FailureReason, ClientRequestToken: randomUUID() }),
    );
  }

  pipelinesNamed(start: string): Promise<string[]> {
    return pipelinesNamed(this.client, start);
  }

  /**
   * Deletes a pipeline after its executions were told to stop.
   * @throws SageMaker's errors while one still runs.
   */
  async deletePipeline(PipelineName: string): Promise<void> {
    await stopRuns(this.client, PipelineName);
    await this.client.send(new DeletePipelineCommand({ PipelineName, ClientRequestToken: randomUUID() }));
  }

  /** @returns the app's ARN. */
  async createMlflowApp(Name: string, ArtifactStoreUri: string, RoleArn: string, tags: Tags): Promise<string> {
    return (
      await this.client.send(
        new CreateMlflowAppCommand({
          Name,
          ArtifactStoreUri,
          RoleArn,
          AccountDefaultStatus: "DISABLED",
          Tags: tagList(tags),
        }),
      )
    ).Arn!;
  }

  async mlflowAppStatus(Arn: string): Promise<string> {
    return (await this.client.send(new DescribeMlflowAppCommand({ Arn }))).Status ?? "";
  }

  /** ARNs of the apps whose names start so and that are not going already. */
  async mlflowAppsNamed(start: string): Promise<string[]> {
    const arns: string[] = [];
    for await (const page of paginateListMlflowApps({ client: this.client }, {}))
      arns.push(
        ...(page.Summaries ?? []).flatMap(({ Name, Arn, Status }) =>
          Name?.startsWith(start) && !/^Delet/.test(Status ?? "") ? [Arn!] : [],
        ),
      );
    return arns;
  }

  async deleteMlflowApp(Arn: string): Promise<void> {
    await this.client.send(new DeleteMlflowAppCommand({ Arn }));
  }

  /** A job of at most ten minutes on one instance that runs a command in an image. */
  async startJob(
    kind: JobKind,
    name: string,
    job: {
      readonly image: string;
      readonly roleArn: string;
      readonly instanceType: string;
      readonly command: readonly string[];
      readonly outputUri: string;
    },
    tags: Tags,
  ): Promise<void> {
    const StoppingCondition = { MaxRuntimeInSeconds: 600 };
    if (kind === "training")
      await this.client.send(
        new CreateTrainingJobCommand({
          TrainingJobName: name,
          RoleArn: job.roleArn,
          AlgorithmSpecification: {
            TrainingImage: job.image,
            TrainingInputMode: "File",
            ContainerEntrypoint: [...job.command],
          },
          OutputDataConfig: { S3OutputPath: job.outputUri },
          ResourceConfig: {
            InstanceType: job.instanceType as TrainingInstanceType,
            InstanceCount: 1,
            VolumeSizeInGB: 30,
          },
          StoppingCondition,
          Tags: tagList(tags),
        }),
      );
    else
      await this.client.send(
        new CreateProcessingJobCommand({
          ProcessingJobName: name,
          RoleArn: job.roleArn,
          AppSpecification: { ImageUri: job.image, ContainerEntrypoint: [...job.command] },
          ProcessingResources: {
            ClusterConfig: {
              InstanceType: job.instanceType as ProcessingInstanceType,
              InstanceCount: 1,
              VolumeSizeInGB: 30,
            },
          },
          StoppingCondition,
          Tags: tagList(tags),
        }),
      );
  }

  async jobOutcome(kind: JobKind, name: string): Promise<JobOutcome> {
    if (kind === "training") {
      const { TrainingJobStatus, FailureReason } = await this.client.send(
        new DescribeTrainingJobCommand({ TrainingJobName: name }),
      );
      return { status: TrainingJobStatus ?? "", reason: FailureReason ?? "" };
    }
    const { ProcessingJobStatus, FailureReason } = await this.client.send(
      new DescribeProcessingJobCommand({ ProcessingJobName: name }),
    );
    return { status: ProcessingJobStatus ?? "", reason: FailureReason ?? "" };
  }

  /** Jobs whose names start so, with their ARNs. */
  async jobsNamed(
    kind: JobKind,
    start: string,
  ): Promise<{ readonly name: string; readonly arn: string; readonly status: string }[]> {
    const found: { name: string; arn: string; status: string }[] = [];
    if (kind === "training")
      for await (const page of paginateListTrainingJobs({ client: this.client }, { NameContains: start }))
        found.push(
          ...(page.TrainingJobSummaries ?? []).map((job) => ({
            name: job.TrainingJobName!,
            arn: job.TrainingJobArn!,
            status: job.TrainingJobStatus!,
          })),
        );
    else
      for await (const page of paginateListProcessingJobs({ client: this.client }, { NameContains: start }))
        found.push(
          ...(page.ProcessingJobSummaries ?? []).map((job) => ({
            name: job.ProcessingJobName!,
            arn: job.ProcessingJobArn!,
            status: job.ProcessingJobStatus!,
          })),
        );
    return found.filter(({ name }) => name.startsWith(start));
  }

  async stopJob(kind: JobKind, name: string): Promise<void> {
    await this.client.send(
      kind === "training"
        ? new StopTrainingJobCommand({ TrainingJobName: name })
        : (new StopProcessingJobCommand({ ProcessingJobName: name }) as never),
    );
  }
}
