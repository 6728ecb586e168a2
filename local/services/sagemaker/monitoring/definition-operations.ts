import type {
  CreateDataQualityJobDefinitionCommandInput,
  CreateDataQualityJobDefinitionCommandOutput,
  CreateModelQualityJobDefinitionCommandInput,
  CreateModelQualityJobDefinitionCommandOutput,
  DeleteDataQualityJobDefinitionCommandInput,
  DeleteDataQualityJobDefinitionCommandOutput,
  DescribeDataQualityJobDefinitionCommandInput,
  DescribeDataQualityJobDefinitionCommandOutput,
  DescribeModelQualityJobDefinitionCommandInput,
  DescribeModelQualityJobDefinitionCommandOutput,
  ListDataQualityJobDefinitionsCommandInput,
  ListDataQualityJobDefinitionsCommandOutput,
} from "@aws-sdk/client-sagemaker";
import { monitoringChecks } from "../../../checks/monitoring";
import { type Fidelity, operation, type Operation, type Validated } from "../../../operation";
import { listed } from "../listing";
import type { Tag } from "../tags";
import type { DefinitionRecord, DefinitionType } from "./definition-store";
import { definedJob } from "./job-definition";
import type { Parts } from "./parts";
import { bringingJob, jobContext, onAny, onOne } from "./requirements";
import { offsetsOf } from "./window";

const executed: Fidelity = {
  level: "executed",
  note: "job definitions of data quality and of model quality with an image of one's own; AWS's analyzer is not here, and its merging of labels is done without a job of its own",
};

/** Job definitions: made, shown and deleted, never changed. */
export function definitionOperations(parts: Parts): Record<string, Operation> {
  return {
    CreateDataQualityJobDefinition: operation<
      CreateDataQualityJobDefinitionCommandInput,
      CreateDataQualityJobDefinitionCommandOutput
    >({
      requires: (input, call) =>
        bringingJob(
          parts.definitions.arn("DataQuality", input.JobDefinitionName),
          call,
          jobOf(input, input.DataQualityJobOutputConfig),
        ),
      fidelity: executed,
      handle: ({ Tags: tags, ...input }) =>
        create(parts, { type: "DataQuality", input, ...madeNow(parts, "DataQuality", input) }, tags),
    }),

    CreateModelQualityJobDefinition: operation<
      CreateModelQualityJobDefinitionCommandInput,
      CreateModelQualityJobDefinitionCommandOutput
    >({
      requires: (input, call) =>
        bringingJob(
          parts.definitions.arn("ModelQuality", input.JobDefinitionName),
          call,
          jobOf(input, input.ModelQualityJobOutputConfig),
        ),
      fidelity: executed,
      handle: ({ Tags: tags, ...input }) =>
        create(parts, { type: "ModelQuality", input, ...madeNow(parts, "ModelQuality", input) }, tags),
    }),

    DescribeDataQualityJobDefinition: operation<
      DescribeDataQualityJobDefinitionCommandInput,
      DescribeDataQualityJobDefinitionCommandOutput
    >({
      requires: (input, call) => onOne(parts.definitions.arn("DataQuality", input.JobDefinitionName), call),
      fidelity: executed,
      handle: ({ JobDefinitionName: name }) => {
        const { arn, createdMs, input } = parts.definitions.get("DataQuality", name);
        return { ...input, JobDefinitionArn: arn, CreationTime: new Date(createdMs) };
      },
    }),

    DescribeModelQualityJobDefinition: operation<
      DescribeModelQualityJobDefinitionCommandInput,
      DescribeModelQualityJobDefinitionCommandOutput
    >({
      requires: (input, call) => onOne(parts.definitions.arn("ModelQuality", input.JobDefinitionName), call),
      fidelity: executed,
      handle: ({ JobDefinitionName: name }) => {
        const { arn, createdMs, input } = parts.definitions.get("ModelQuality", name);
        return { ...input, JobDefinitionArn: arn, CreationTime: new Date(createdMs) };
      },
    }),

    DeleteDataQualityJobDefinition: deletion(parts, "DataQuality"),
    DeleteModelQualityJobDefinition: deletion(parts, "ModelQuality"),
    ListDataQualityJobDefinitions: listing(parts, "DataQuality"),
    ListModelQualityJobDefinitions: listing(parts, "ModelQuality"),
  };
}

/** What a request brings along that IAM is asked about. */
function jobOf(
  input: Pick<
    Validated<CreateDataQualityJobDefinitionCommandInput>,
    "JobResources" | "NetworkConfig" | "StoppingCondition" | "RoleArn" | "Tags"
  >,
  output: object,
) {
  const {
    JobResources: resources,
    NetworkConfig: network,
    StoppingCondition: limit,
    RoleArn: roleArn,
    Tags: tags,
  } = input;
  return { context: jobContext(resources, output, network, limit?.MaxRuntimeInSeconds), roleArn, tags };
}

function madeNow(
  { definitions }: Parts,
  type: DefinitionType,
  { JobDefinitionName: name }: { JobDefinitionName: string },
) {
  return { arn: definitions.arn(type, name), createdMs: definitions.cloud.clock.nowMs() };
}

function create(parts: Parts, definition: DefinitionRecord, tags: readonly Tag[] | undefined) {
  parts.admit();
  const { endpoint } = definedJob(definition);
  parts.endpoints.get(endpoint.EndpointName);
  // The schedule is not known yet; an hour is the shortest between executions.
  offsetsOf({ kind: "hours", everyHours: 1, startHour: 0 }, undefined, endpoint);
  parts.definitions.add(definition);
  parts.tags.put(definition.arn, tags);
  return { JobDefinitionArn: definition.arn };
}

function deletion(parts: Parts, type: DefinitionType): Operation {
  return operation<DeleteDataQualityJobDefinitionCommandInput, DeleteDataQualityJobDefinitionCommandOutput>({
    requires: (input, call) => onOne(parts.definitions.arn(type, input.JobDefinitionName), call),
    fidelity: executed,
    handle: ({ JobDefinitionName: name }) => {
      const { arn } = parts.definitions.get(type, name);
      const user = [...parts.store.schedules.values()].find(
        ({ config }) => config.MonitoringJobDefinitionName === name && config.MonitoringType === type,
      );
      if (user) throw monitoringChecks.definitionUnused(name, user.name);
      parts.definitions.delete(type, name);
      parts.tags.drop(arn);
      return {};
    },
  });
}

function listing(parts: Parts, type: DefinitionType): Operation {
  return operation<ListDataQualityJobDefinitionsCommandInput, ListDataQualityJobDefinitionsCommandOutput>({
    requires: onAny,
    fidelity: executed,
    handle: (input) => {
      const rows = parts.definitions
        .of(type)
        .map((definition) => ({
          name: definition.input.JobDefinitionName,
          arn: definition.arn,
          createdMs: definition.createdMs,
          endpointName: definedJob(definition).endpoint.EndpointName,
        }))
        .filter(({ endpointName }) => input.EndpointName === undefined || endpointName === input.EndpointName);
      const { items, next } = listed(rows, input);
      return {
        JobDefinitionSummaries: items.map(({ name, arn, createdMs, endpointName }) => ({
          MonitoringJobDefinitionName: name,
          MonitoringJobDefinitionArn: arn,
          CreationTime: new Date(createdMs),
          EndpointName: endpointName,
        })),
        NextToken: next,
      };
    },
  });
}
