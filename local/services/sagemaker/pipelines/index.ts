import type { Call, Requirement } from "../../../call";
import type { Cloud } from "../../../cloud";
import type { Members } from "../../../members";
import type { Handler } from "../../../operation";
import type { InventoryItem } from "../../../service";
import { Executor } from "./executions/executor";
import { addTagsRequirement, tagContext } from "../tags";
import { callbackOperations, callbackPermission } from "./callback-operations";
import { executionTables } from "./executions/state";
import { describeExecution, executionOperations } from "./execution-operations";
import { PipelineStore, definitionOperations, describePipeline } from "./pipeline-operations";

/** SageMaker Pipelines: the part of service `sagemaker` that defines and runs pipelines. */
export interface Pipelines {
  readonly operations: Readonly<Record<string, Handler>>;
  readonly permissions: Readonly<Record<string, (input: Members, call: Call) => Requirement[]>>;
  /** Whether an ARN is one of an existing pipeline or execution; for AddTags and ListTags. */
  exists(arn: string): boolean;
  tagsOf(arn: string): Readonly<Record<string, string>> | undefined;
  inventory(): InventoryItem[];
  /** All pipelines and all executions, and the whole description of one, for Search. */
  pipelines(): Iterable<{ readonly arn: string }>;
  executions(): Iterable<{ readonly arn: string }>;
  describe(arn: string): Members;
  start(): void;
  stop(): void;
}

const known = new WeakMap<Cloud, Pipelines>();

/** The pipelines of a cloud, made on first use. */
export function pipelinesOf(cloud: Cloud): Pipelines {
  let pipelines = known.get(cloud);
  if (!pipelines) known.set(cloud, (pipelines = create(cloud)));
  return pipelines;
}

/** What these operations require, beside them. @internal tests run pipelines without the rest of SageMaker. */
export function pipelinePermissions(cloud: Cloud): Pipelines["permissions"] {
  return pipelinesOf(cloud).permissions;
}

function create(cloud: Cloud): Pipelines {
  const store = new PipelineStore(cloud);
  const executor = new Executor(cloud);
  const executions = executionOperations(store, executor);
  const tables = executionTables(cloud);
  return {
    operations: { ...definitionOperations(store), ...executions, ...callbackOperations(cloud) },
    pipelines: () => store.pipelines.values(),
    executions: () => tables.executions.values(),
    describe: (arn) =>
      arn.includes("/execution/")
        ? {
            ...describeExecution(tables.executions.get(arn)!),
            PipelineParameters: Object.entries(tables.executions.get(arn)!.parameters).map(([Name, value]) => ({
              Name,
              Value: String(value),
            })),
          }
        : describePipeline(store.get(arn)),
    permissions: permissions(store),
    exists: (arn) => store.pipelines.has(arn),
    // An execution carries its pipeline's tags in policy conditions.
    tagsOf: (arn) => {
      const pipeline = arn.replace(/\/execution\/[^/]+$/, "");
      return store.pipelines.has(pipeline) ? (store.tags.of(pipeline) ?? {}) : undefined;
    },
    inventory: () => [...store.pipelines.values()].map(({ arn }) => ({ arn, type: "AWS::SageMaker::Pipeline" })),
    start: () => executor.resume(),
    stop: () => executor.halt(),
  };
}

function permissions(store: PipelineStore): Pipelines["permissions"] {
  const onPipeline = (input: Members, call: Call): Requirement[] => [
    { action: `sagemaker:${call.operation}`, resource: store.arn(input["PipelineName"]) },
  ];
  const onExecution = (input: Members, call: Call): Requirement[] => [
    { action: `sagemaker:${call.operation}`, resource: input["PipelineExecutionArn"] ?? "*" },
  ];
  const passRole = (input: Members): Requirement[] => {
    const role = input["RoleArn"] as string | undefined;
    return role === undefined
      ? []
      : [
          {
            action: "iam:PassRole",
            resource: role,
            context: {
              "iam:PassedToService": "sagemaker.amazonaws.com",
              "iam:AssociatedResourceArn": store.arn(input["PipelineName"]),
            },
          },
        ];
  };
  return {
    CreatePipeline: (input, call) => {
      const arn = store.arn(input["PipelineName"]);
      return [
        { action: "sagemaker:CreatePipeline", resource: arn, context: tagContext(input["Tags"]) },
        ...addTagsRequirement(arn, input["Tags"], call),
        ...passRole(input),
      ];
    },
    UpdatePipeline: (input, call) => [...onPipeline(input, call), ...passRole(input)],
    DescribePipeline: onPipeline,
    DeletePipeline: onPipeline,
    ListPipelineExecutions: onPipeline,
    ListPipelineVersions: onPipeline,
    StartPipelineExecution: (input, call) => {
      const version = input["PipelineVersionId"] as number | undefined;
      return onPipeline(input, call).map((requirement) => ({
        ...requirement,
        context: version === undefined ? undefined : { "sagemaker:PipelineVersionId": String(version) },
      }));
    },
    StopPipelineExecution: onExecution,
    RetryPipelineExecution: onExecution,
    UpdatePipelineExecution: onExecution,
    DescribePipelineExecution: onExecution,
    ListPipelineExecutionSteps: onExecution,
    ListPipelineParametersForExecution: onExecution,
    DescribePipelineDefinitionForExecution: onExecution,
    SendPipelineExecutionStepSuccess: callbackPermission(store.cloud),
    SendPipelineExecutionStepFailure: callbackPermission(store.cloud),
    ListPipelines: () => [{ action: "sagemaker:ListPipelines", resource: "*" }],
  };
}
