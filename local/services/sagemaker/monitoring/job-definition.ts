import type {
  EndpointInput,
  MonitoringAppSpecification,
  MonitoringBaselineConfig,
  MonitoringJobDefinition,
  MonitoringOutputConfig,
  MonitoringResources,
  MonitoringScheduleConfig,
  MonitoringType,
  NetworkConfig,
} from "@aws-sdk/client-sagemaker";
import { monitoringChecks } from "../../../checks/monitoring";
import type { Validated } from "../../../operation";
import type { DefinitionRecord, DefinitionStore } from "./definition-store";

/** What a schedule runs, whether its definition stands in it or apart. */
export interface MonitoringJob {
  readonly type: MonitoringType;
  /** Of a definition that stands apart. */
  readonly definitionName?: string;
  readonly endpoint: Validated<EndpointInput>;
  readonly baseline: Validated<MonitoringBaselineConfig>;
  readonly app: Validated<MonitoringAppSpecification>;
  /** Variables of the definition, beside those of the container contract. */
  readonly environment: Readonly<Record<string, string>>;
  readonly output: Validated<MonitoringOutputConfig>;
  readonly resources: Validated<MonitoringResources>;
  readonly network: Validated<NetworkConfig> | undefined;
  readonly roleArn: string;
  readonly maxRuntimeSeconds: number | undefined;
  /** S3 URI of the labels, of model quality. */
  readonly groundTruth?: string;
}

/** @throws AwsError ValidationException where there is not one definition, or it is not there. */
export function monitoringJobOf(
  {
    MonitoringJobDefinition: inline,
    MonitoringJobDefinitionName: name,
    MonitoringType: type,
  }: Validated<MonitoringScheduleConfig>,
  definitions: DefinitionStore,
): MonitoringJob {
  if ((inline === undefined) === (name === undefined) || (name !== undefined && type === undefined))
    throw monitoringChecks.oneDefinition();
  if (inline) return inlineJob(inline, type ?? "DataQuality");
  const definition = definitions.find(type!, name!);
  if (!definition) throw monitoringChecks.definitionExists(name!);
  return definedJob(definition);
}

function inlineJob(inline: Validated<MonitoringJobDefinition>, type: MonitoringType): MonitoringJob {
  return {
    type,
    endpoint: endpointInput(inline.MonitoringInputs[0]?.EndpointInput),
    baseline: inline.BaselineConfig ?? {},
    app: inline.MonitoringAppSpecification,
    environment: inline.Environment ?? {},
    output: inline.MonitoringOutputConfig,
    resources: inline.MonitoringResources,
    network: inline.NetworkConfig,
    roleArn: inline.RoleArn,
    maxRuntimeSeconds: inline.StoppingCondition?.MaxRuntimeInSeconds,
  };
}

/** What a job definition of either type says. */
export function definedJob(definition: DefinitionRecord): MonitoringJob {
  const { type, input } = definition;
  const own =
    definition.type === "DataQuality"
      ? {
          endpoint: endpointInput(definition.input.DataQualityJobInput.EndpointInput),
          baseline: definition.input.DataQualityBaselineConfig ?? {},
          app: definition.input.DataQualityAppSpecification,
          output: definition.input.DataQualityJobOutputConfig,
        }
      : {
          endpoint: endpointInput(definition.input.ModelQualityJobInput.EndpointInput),
          baseline: definition.input.ModelQualityBaselineConfig ?? {},
          app: definition.input.ModelQualityAppSpecification,
          output: definition.input.ModelQualityJobOutputConfig,
          groundTruth: definition.input.ModelQualityJobInput.GroundTruthS3Input.S3Uri,
        };
  return {
    type,
    definitionName: input.JobDefinitionName,
    ...own,
    environment: own.app.Environment ?? {},
    resources: input.JobResources,
    network: input.NetworkConfig,
    roleArn: input.RoleArn,
    maxRuntimeSeconds: input.StoppingCondition?.MaxRuntimeInSeconds,
  };
}

function endpointInput(input: Validated<EndpointInput> | undefined): Validated<EndpointInput> {
  if (!input || input.S3InputMode === "Pipe") throw monitoringChecks.endpointInput();
  return input;
}
