import {
  DeleteEndpointConfigCommand,
  DeleteModelCommand,
  DeleteModelPackageCommand,
  DeleteProcessingJobCommand,
  DeleteTrainingJobCommand,
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  type DescribeEndpointOutput,
  DescribeModelPackageCommand,
  type DescribeModelPackageOutput,
  DescribePipelineExecutionCommand,
  DescribeTrainingJobCommand,
  type DescribePipelineExecutionResponse,
  type ModelApprovalStatus,
  paginateListEndpointConfigs,
  paginateListModelPackages,
  paginateListModels,
  paginateListPipelineExecutions,
  type PipelineExecutionStep,
  type PipelineExecutionSummary,
  SageMakerClient,
  SendPipelineExecutionStepFailureCommand,
  SendPipelineExecutionStepSuccessCommand,
  StartPipelineExecutionCommand,
  UpdateEndpointWeightsAndCapacitiesCommand,
  UpdateModelPackageCommand,
} from "@aws-sdk/client-sagemaker";
import { pipelinesNamed, stepsOfRun, stopRuns } from "./pipeline-runs";
import { type AwsSession, clientSettings, hasCode } from "./session";

/**
 * SageMaker's words for "there is no such thing": most operations answer ValidationException, some ResourceNotFound.
 */
function isMissing(error: unknown): boolean {
  return (
    hasCode(error, "ResourceNotFound") ||
    (hasCode(error, "ValidationException") && /could not find|does not exist/i.test((error as Error).message))
  );
}

/**
 * Longest reason that a callback step can be failed with, and longest value of an output parameter, characters
 * (SageMaker API).
 */
const maxLength = { reason: 256, value: 1024 };

/** The SageMaker control plane, as far as releases and pipelines need it. */
export class SageMaker {
  private readonly client: SageMakerClient;

  constructor(session: AwsSession) {
    this.client = new SageMakerClient(clientSettings(session));
  }

  /** @throws ValidationException when the package does not exist. */
  describeModelPackage(arn: string): Promise<DescribeModelPackageOutput> {
    return this.client.send(new DescribeModelPackageCommand({ ModelPackageName: arn }));
  }

  /** What is paid for of a training job: its hosts, and the seconds that they are billed for. */
  async trainingBill(
    TrainingJobName: string,
  ): Promise<{ instanceType: string; instances: number; billableSeconds: number }> {
    const { ResourceConfig, BillableTimeInSeconds } = await this.client.send(
      new DescribeTrainingJobCommand({ TrainingJobName }),
    );
    return {
      instanceType: ResourceConfig?.InstanceType ?? "",
      instances: ResourceConfig?.InstanceCount ?? 1,
      billableSeconds: BillableTimeInSeconds ?? 0,
    };
  }

  async setApproval(arn: string, status: ModelApprovalStatus, why: string): Promise<void> {
    await this.client.send(
      new UpdateModelPackageCommand({ ModelPackageArn: arn, ModelApprovalStatus: status, ApprovalDescription: why }),
    );
  }

  /** ARNs of all versions in a group, newest first; an unknown group has none. */
  async listModelPackages(group: string): Promise<{ arn: string; approval: string; created: Date }[]> {
    const found: { arn: string; approval: string; created: Date }[] = [];
    try {
      const input = { ModelPackageGroupName: group, SortBy: "CreationTime", SortOrder: "Descending" } as const;
      for await (const page of paginateListModelPackages({ client: this.client }, input))
        for (const one of page.ModelPackageSummaryList ?? [])
          found.push({
            arn: one.ModelPackageArn!,
            approval: one.ModelApprovalStatus ?? "",
            created: one.CreationTime!,
          });
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    return found;
  }

  async deleteModelPackage(arn: string): Promise<void> {
    await this.client.send(new DeleteModelPackageCommand({ ModelPackageName: arn }));
  }

  /** The endpoint as it is now, or undefined when there is none. */
  async describeEndpoint(name: string): Promise<DescribeEndpointOutput | undefined> {
    try {
      return await this.client.send(new DescribeEndpointCommand({ EndpointName: name }));
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /**
   * Gives production variants of an endpoint other weights; without any pause, and without a new configuration.
   * @throws ValidationException while the endpoint is being updated.
   */
  async setWeights(endpoint: string, weights: Readonly<Record<string, number>>): Promise<void> {
    await this.client.send(
      new UpdateEndpointWeightsAndCapacitiesCommand({
        EndpointName: endpoint,
        DesiredWeightsAndCapacities: Object.entries(weights).map(([VariantName, DesiredWeight]) => ({
          VariantName,
          DesiredWeight,
        })),
      }),
    );
  }

  /** Names of the models that an endpoint configuration runs; none when it does not exist. */
  async modelsOf(endpointConfig: string): Promise<string[]> {
    try {
      const { ProductionVariants } = await this.client.send(
        new DescribeEndpointConfigCommand({ EndpointConfigName: endpointConfig }),
      );
      return (ProductionVariants ?? []).flatMap(({ ModelName }) => ModelName ?? []);
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  }

  /** Variants of an endpoint configuration, with the type of their instances; none when it does not exist. */
  async variantsOf(endpointConfig: string): Promise<{ name: string; instanceType: string | undefined }[]> {
    try {
      const { ProductionVariants } = await this.client.send(
        new DescribeEndpointConfigCommand({ EndpointConfigName: endpointConfig }),
      );
      return (ProductionVariants ?? []).map(({ VariantName, InstanceType }) => ({
        name: VariantName!,
        instanceType: InstanceType,
      }));
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  }

  async listEndpointConfigs(nameContains: string): Promise<string[]> {
    const names: string[] = [];
    for await (const page of paginateListEndpointConfigs({ client: this.client }, { NameContains: nameContains }))
      for (const config of page.EndpointConfigs ?? []) names.push(config.EndpointConfigName!);
    return names;
  }

  async listModels(nameContains: string): Promise<string[]> {
    const names: string[] = [];
    for await (const page of paginateListModels({ client: this.client }, { NameContains: nameContains }))
      for (const model of page.Models ?? []) names.push(model.ModelName!);
    return names;
  }

  async deleteEndpointConfig(name: string): Promise<void> {
    await this.client.send(new DeleteEndpointConfigCommand({ EndpointConfigName: name }));
  }

  async deleteModel(name: string): Promise<void> {
    await this.client.send(new DeleteModelCommand({ ModelName: name }));
  }

  /** Deletes the record of an ended training or processing job. @param arn its ARN. */
  async deleteJob(arn: string): Promise<void> {
    const name = arn.slice(arn.lastIndexOf("/") + 1);
    try {
      if (arn.includes(":training-job/"))
        await this.client.send(new DeleteTrainingJobCommand({ TrainingJobName: name }));
      else await this.client.send(new DeleteProcessingJobCommand({ ProcessingJobName: name }));
    } catch (error) {
      // Lists of tags know jobs that are gone for a while.
      if (!isMissing(error)) throw error;
    }
  }

  /** @param token makes the call idempotent: the same token starts one execution only. @returns the execution's ARN. */
  async startPipeline(name: string, parameters: Readonly<Record<string, string>>, token: string): Promise<string> {
    const answer = await this.client.send(
      new StartPipelineExecutionCommand({
        PipelineName: name,
        ClientRequestToken: token,
        PipelineParameters: Object.entries(parameters).map(([Name, Value]) => ({ Name, Value })),
      }),
    );
    return answer.PipelineExecutionArn!;
  }

  describePipelineExecution(arn: string): Promise<DescribePipelineExecutionResponse> {
    return this.client.send(new DescribePipelineExecutionCommand({ PipelineExecutionArn: arn }));
  }

  /**
   * Executions of a pipeline, newest first: those that started after a time, and as many earlier ones as are asked for.
   */
  async listPipelineExecutions(name: string, after: Date, atLeast: number): Promise<PipelineExecutionSummary[]> {
    const found: PipelineExecutionSummary[] = [];
    const input = { PipelineName: name, SortBy: "CreationTime", SortOrder: "Descending", MaxResults: 100 } as const;
    for await (const page of paginateListPipelineExecutions({ client: this.client }, input)) {
      found.push(...(page.PipelineExecutionSummaries ?? []));
      if (found.length >= atLeast && found.at(-1)!.StartTime! < after) break;
    }
    return found.filter(({ StartTime }, index) => index < atLeast || StartTime! >= after);
  }

  /** Steps in the order they started. */
  listPipelineSteps(arn: string): Promise<PipelineExecutionStep[]> {
    return stepsOfRun(this.client, arn);
  }

  /** Ends the callback step that waits for a token. @returns false when none waits for it any more. */
  succeedStep(token: string, outputs: Readonly<Record<string, string>>): Promise<boolean> {
    const OutputParameters = Object.entries(outputs).map(([Name, value]) => ({
      Name,
      Value: value.slice(0, maxLength.value),
    }));
    return this.endStep(new SendPipelineExecutionStepSuccessCommand({ CallbackToken: token, OutputParameters }));
  }

  /** Fails the callback step that waits for a token. @returns false when none waits for it any more. */
  failStep(token: string, reason: string): Promise<boolean> {
    return this.endStep(
      new SendPipelineExecutionStepFailureCommand({
        CallbackToken: token,
        FailureReason: shortened(reason, maxLength.reason),
      }),
    );
  }

  private async endStep(
    command: SendPipelineExecutionStepSuccessCommand | SendPipelineExecutionStepFailureCommand,
  ): Promise<boolean> {
    try {
      await this.client.send(command as SendPipelineExecutionStepSuccessCommand);
      return true;
    } catch (error) {
      // Which of the modelled errors a spent token gets is not documented.
      if (hasCode(error, "ConflictException", "ResourceNotFound")) return false;
      throw error;
    }
  }

  pipelinesNamed(start: string): Promise<string[]> {
    return pipelinesNamed(this.client, start);
  }

  /** Tells what runs of a pipeline to stop. @returns how many executions have not ended yet. */
  stopRuns(pipeline: string): Promise<number> {
    return stopRuns(this.client, pipeline);
  }
}

/** A text cut to a length, with a sign that it was. */
function shortened(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 3)}...`;
}
