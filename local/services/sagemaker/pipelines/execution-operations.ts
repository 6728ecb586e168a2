import { randomBytes } from "node:crypto";
import type { Members } from "../../../members";
import type { Handler } from "../../../operation";
import { AwsError, validationException } from "../../../errors";
import type { Executor } from "./executions/executor";
import type { Execution, StepRun } from "./executions/state";
import { executionTables, stepsOf } from "./executions/state";
import { page, timestampMs } from "../../pages";
import type { Definition } from "./definition";
import { graph } from "./definition";
import { identity, type PipelineStore } from "./pipeline-operations";
import { bind } from "./values";

/** Start, stop, retry and look at pipeline executions. */
export function executionOperations(store: PipelineStore, executor: Executor): Record<string, Handler> {
  const tables = executionTables(store.cloud);

  const get = (arn: string): Execution => {
    const found = tables.executions.get(arn);
    if (!found) throw new AwsError("ResourceNotFound", `Pipeline execution '${arn}' does not exist.`);
    return found;
  };

  return {
    StartPipelineExecution(input, call) {
      const pipeline = store.get(input["PipelineName"]);
      const token = input["ClientRequestToken"] as string;
      const known = [...tables.executions.values()].find(
        (row) => row.pipelineArn === pipeline.arn && row.token === token,
      );
      if (known) return { PipelineExecutionArn: known.arn };
      const version = store.version(pipeline, input["PipelineVersionId"]);
      const definition = JSON.parse(version.definition) as Definition;
      const parameters = bind(definition.Parameters ?? [], input["PipelineParameters"] ?? []);
      const selective = checkSelection(input["SelectiveExecutionConfig"], definition, (arn) => get(arn));
      const id = executionId();
      const arn = `${pipeline.arn}/execution/${id}`;
      const now = call.now.getTime();
      store.pipelines.put(pipeline.arn, { ...pipeline, lastRunMs: now });
      store.putVersion({ ...version, lastExecutionArn: arn });
      executor.begin({
        arn,
        id,
        pipelineArn: pipeline.arn,
        pipelineName: pipeline.name,
        versionId: version.id,
        definition: version.definition,
        roleArn: pipeline.roleArn,
        parameters,
        tags: store.tags.of(pipeline.arn) ?? {},
        token,
        createdMs: now,
        modifiedMs: now,
        createdBy: identity(call),
        selective,
        displayName: input["PipelineExecutionDisplayName"] ?? `execution-${now}`,
        description: input["PipelineExecutionDescription"],
        parallelism: input["ParallelismConfiguration"]?.MaxParallelExecutionSteps ?? pipeline.parallelism,
        status: "Executing",
      });
      return { PipelineExecutionArn: arn };
    },

    StopPipelineExecution(input) {
      const execution = get(input["PipelineExecutionArn"]);
      if (execution.status !== "Executing" && execution.status !== "Stopping")
        throw validationException(
          `Pipeline execution with ARN ${execution.arn} is in status ${execution.status} and cannot be stopped. Only executions in status Executing can be stopped.`,
        );
      if (execution.status === "Executing") executor.stop(execution.arn);
      return { PipelineExecutionArn: execution.arn };
    },

    RetryPipelineExecution(input) {
      const execution = get(input["PipelineExecutionArn"]);
      if (execution.status !== "Failed" && execution.status !== "Stopped")
        throw validationException(
          `Pipeline execution with ARN ${execution.arn} is in status ${execution.status} and cannot be retried. Only executions in status Failed or Stopped can be retried.`,
        );
      executor.retry(execution.arn, input["ParallelismConfiguration"]?.MaxParallelExecutionSteps);
      return { PipelineExecutionArn: execution.arn };
    },

    UpdatePipelineExecution(input) {
      const execution = get(input["PipelineExecutionArn"]);
      tables.executions.put(execution.arn, {
        ...execution,
        displayName: input["PipelineExecutionDisplayName"] ?? execution.displayName,
        description: input["PipelineExecutionDescription"] ?? execution.description,
        parallelism: input["ParallelismConfiguration"]?.MaxParallelExecutionSteps ?? execution.parallelism,
      });
      return { PipelineExecutionArn: execution.arn };
    },

    DescribePipelineExecution: (input) => describeExecution(get(input["PipelineExecutionArn"])),

    ListPipelineExecutions(input) {
      const pipeline = store.get(input["PipelineName"]);
      const after = timestampMs(input["CreatedAfter"]) ?? -Infinity;
      const before = timestampMs(input["CreatedBefore"]) ?? Infinity;
      const byArn = input["SortBy"] === "PipelineExecutionArn";
      const sign = (input["SortOrder"] ?? "Descending") === "Ascending" ? 1 : -1;
      const rows = [...tables.executions.values()]
        .filter((row) => row.pipelineArn === pipeline.arn && row.createdMs > after && row.createdMs < before)
        .sort((a, b) => sign * (byArn ? a.arn.localeCompare(b.arn) : a.createdMs - b.createdMs));
      const { items, next } = page(rows, input["NextToken"], input["MaxResults"] ?? 10);
      return {
        PipelineExecutionSummaries: items.map((row) => ({
          PipelineExecutionArn: row.arn,
          StartTime: new Date(row.createdMs),
          PipelineExecutionStatus: row.status,
          PipelineExecutionDescription: row.description,
          PipelineExecutionDisplayName: row.displayName,
          PipelineExecutionFailureReason: row.failureReason,
        })),
        NextToken: next,
      };
    },

    ListPipelineExecutionSteps(input) {
      const execution = get(input["PipelineExecutionArn"]);
      const described = graph(JSON.parse(execution.definition) as Definition);
      const rows = stepsOf(tables, execution.arn);
      if ((input["SortOrder"] ?? "Descending") === "Descending") rows.reverse();
      const { items, next } = page(rows, input["NextToken"], input["MaxResults"] ?? 20);
      return {
        PipelineExecutionSteps: items.map((row) => stepSummary(row, described.get(row.name)?.step)),
        NextToken: next,
      };
    },

    ListPipelineParametersForExecution(input) {
      const execution = get(input["PipelineExecutionArn"]);
      const all = Object.entries(execution.parameters).map(([Name, value]) => ({ Name, Value: String(value) }));
      const { items, next } = page(all, input["NextToken"], input["MaxResults"] ?? 10);
      return { PipelineParameters: items, NextToken: next };
    },

    DescribePipelineDefinitionForExecution(input) {
      const execution = get(input["PipelineExecutionArn"]);
      return { PipelineDefinition: execution.definition, CreationTime: new Date(execution.createdMs) };
    },
  };
}

function stepSummary(row: StepRun, step: { DisplayName?: string; Description?: string } | undefined): Members {
  return {
    StepName: row.name,
    StepDisplayName: step?.DisplayName ?? row.name,
    StepDescription: step?.Description,
    StartTime: new Date(row.startMs),
    EndTime: row.endMs === undefined ? undefined : new Date(row.endMs),
    StepStatus: row.status,
    CacheHitResult: row.cacheSource === undefined ? undefined : { SourcePipelineExecutionArn: row.cacheSource },
    FailureReason: row.failureReason,
    Metadata: row.metadata,
    AttemptCount: row.attempts,
  };
}

function checkSelection(
  selection: Members | undefined,
  definition: Definition,
  source: (arn: string) => Execution,
): Execution["selective"] {
  if (!selection) return undefined;
  const nodes = graph(definition);
  const names = (selection["SelectedSteps"] as { StepName: string }[]).map(({ StepName }) => StepName);
  const unknown = names.filter((name) => !nodes.has(name));
  if (unknown.length > 0)
    throw validationException(`Selected step(s) [${unknown.join(", ")}] are not steps of the pipeline.`);
  const needed = names.flatMap((name) => [...nodes.get(name)!.needs]).filter((need) => !names.includes(need));
  const arn = selection["SourcePipelineExecutionArn"] as string | undefined;
  if (arn !== undefined) source(arn);
  else if (needed.length > 0)
    throw validationException(
      `SourcePipelineExecutionArn is required, because the selected steps need the results of [${[...new Set(needed)].join(", ")}].`,
    );
  return { SourcePipelineExecutionArn: arn, SelectedSteps: names.map((StepName) => ({ StepName })) };
}

/** Twelve characters, as in `execution/p4jn9xou8a8s`. */
function executionId(): string {
  const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
  return [...randomBytes(12)].map((byte) => alphabet[byte % alphabet.length]).join("");
}

/** An execution as DescribePipelineExecution answers it. */
export function describeExecution(execution: Execution): Members {
  return {
    PipelineArn: execution.pipelineArn,
    PipelineExecutionArn: execution.arn,
    PipelineExecutionDisplayName: execution.displayName,
    PipelineExecutionDescription: execution.description,
    PipelineExecutionStatus: execution.status,
    FailureReason: execution.failureReason,
    CreationTime: new Date(execution.createdMs),
    LastModifiedTime: new Date(execution.modifiedMs),
    CreatedBy: { IamIdentity: execution.createdBy },
    LastModifiedBy: { IamIdentity: execution.createdBy },
    ParallelismConfiguration: { MaxParallelExecutionSteps: execution.parallelism },
    SelectiveExecutionConfig: execution.selective,
    PipelineVersionId: execution.versionId,
  };
}
