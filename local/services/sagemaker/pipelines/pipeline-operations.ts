import type { Call } from "../../../call";
import type { Cloud } from "../../../cloud";
import type { Members } from "../../../members";
import type { Handler } from "../../../operation";
import { AwsError, validationException } from "../../../errors";
import { Tags } from "../tags";
import type { Table } from "../../../journal";
import { executionTables, stepKey, stepsOf } from "./executions/state";
import { readObject } from "../../objects";
import { page, timestampMs } from "../../pages";
import { parseDefinition } from "./checks";

/** A pipeline as it is kept. */
export interface Pipeline {
  readonly arn: string;
  readonly name: string;
  readonly displayName?: string;
  readonly description?: string;
  readonly roleArn: string;
  readonly token: string;
  readonly versionId: number;
  readonly parallelism: number;
  readonly createdMs: number;
  readonly modifiedMs: number;
  readonly lastRunMs?: number;
  readonly createdBy: Identity;
  readonly modifiedBy: Identity;
}

/** One version of a pipeline's definition. */
export interface PipelineVersion {
  readonly pipelineArn: string;
  readonly id: number;
  readonly definition: string;
  readonly createdMs: number;
  readonly lastExecutionArn?: string;
}

export interface Identity {
  readonly Arn: string;
  readonly PrincipalId: string;
  readonly SourceIdentity?: string;
}

/** Steps at a time when nothing else is said (SageMaker's default for pipelines). */
const DEFAULT_PARALLELISM = 50;

export function identity({ principal }: Call): Identity {
  const { sourceIdentity } = principal;
  return {
    Arn: principal.arn,
    PrincipalId: principal.id,
    ...(sourceIdentity === undefined ? {} : { SourceIdentity: sourceIdentity }),
  };
}

/** The journal's tables of pipelines. */
export class PipelineStore {
  readonly pipelines: Table<Pipeline>;
  readonly versions: Table<PipelineVersion>;
  readonly tags: Tags;

  constructor(readonly cloud: Cloud) {
    this.pipelines = cloud.journal.table("sagemaker/pipelines");
    this.versions = cloud.journal.table("sagemaker/pipeline-versions");
    this.tags = new Tags(cloud);
  }

  /** ARN of a pipeline given by name or ARN. */
  arn(nameOrArn: string): string {
    return nameOrArn.startsWith("arn:") ? nameOrArn : this.cloud.arn("sagemaker", `pipeline/${nameOrArn}`);
  }

  /** @throws ResourceNotFound as SageMaker words it. */
  get(nameOrArn: string): Pipeline {
    const arn = this.arn(nameOrArn);
    const found = this.pipelines.get(arn);
    if (!found) throw new AwsError("ResourceNotFound", `Pipeline '${arn}' does not exist.`);
    return found;
  }

  version(pipeline: Pipeline, id = pipeline.versionId): PipelineVersion {
    const found = this.versions.get(`${pipeline.arn}#${id}`);
    if (!found) throw new AwsError("ResourceNotFound", `Version ${id} of pipeline '${pipeline.arn}' does not exist.`);
    return found;
  }

  versionsOf(arn: string): PipelineVersion[] {
    return [...this.versions.values()].filter((version) => version.pipelineArn === arn).sort((a, b) => a.id - b.id);
  }

  putVersion(version: PipelineVersion): void {
    this.versions.put(`${version.pipelineArn}#${version.id}`, version);
  }
}

/** Create, update, describe, list and delete pipelines. */
export function definitionOperations(store: PipelineStore): Record<string, Handler> {
  const { cloud } = store;
  const tables = executionTables(cloud);

  const definitionText = async (input: Members, call: Call): Promise<string | undefined> => {
    const place = input["PipelineDefinitionS3Location"] as
      { Bucket: string; ObjectKey: string; VersionId?: string } | undefined;
    if (place && input["PipelineDefinition"] !== undefined)
      throw validationException("Only one of PipelineDefinition and PipelineDefinitionS3Location can be specified.");
    const text = place
      ? (
          await readObject(
            cloud,
            call.principal,
            place.Bucket,
            place.ObjectKey,
            "sagemaker.amazonaws.com",
            place.VersionId,
          )
        ).toString("utf8")
      : (input["PipelineDefinition"] as string | undefined);
    if (text !== undefined) parseDefinition(text);
    return text;
  };

  return {
    async CreatePipeline(input, call) {
      const arn = store.arn(input["PipelineName"]);
      const existing = store.pipelines.get(arn);
      if (existing?.token === input["ClientRequestToken"]) return { PipelineArn: arn };
      if (existing)
        throw validationException(
          `Pipeline names must be unique within an AWS account and region. Pipeline with name (${existing.name}) already exists.`,
        );
      const definition = await definitionText(input, call);
      if (definition === undefined)
        throw validationException("One of PipelineDefinition and PipelineDefinitionS3Location must be specified.");
      const now = call.now.getTime();
      store.tags.put(arn, input["Tags"]);
      store.putVersion({ pipelineArn: arn, id: 1, definition, createdMs: now });
      store.pipelines.put(arn, {
        arn,
        name: input["PipelineName"],
        displayName: input["PipelineDisplayName"] ?? input["PipelineName"],
        description: input["PipelineDescription"],
        roleArn: input["RoleArn"],
        token: input["ClientRequestToken"],
        versionId: 1,
        parallelism: input["ParallelismConfiguration"]?.MaxParallelExecutionSteps ?? DEFAULT_PARALLELISM,
        createdMs: now,
        modifiedMs: now,
        createdBy: identity(call),
        modifiedBy: identity(call),
      });
      return { PipelineArn: arn };
    },

    async UpdatePipeline(input, call) {
      const pipeline = store.get(input["PipelineName"]);
      const definition = await definitionText(input, call);
      const now = call.now.getTime();
      const versionId = definition === undefined ? pipeline.versionId : pipeline.versionId + 1;
      if (definition !== undefined)
        store.putVersion({ pipelineArn: pipeline.arn, id: versionId, definition, createdMs: now });
      store.pipelines.put(pipeline.arn, {
        ...pipeline,
        displayName: input["PipelineDisplayName"] ?? pipeline.displayName,
        description: input["PipelineDescription"] ?? pipeline.description,
        roleArn: input["RoleArn"] ?? pipeline.roleArn,
        parallelism: input["ParallelismConfiguration"]?.MaxParallelExecutionSteps ?? pipeline.parallelism,
        versionId,
        modifiedMs: now,
        modifiedBy: identity(call),
      });
      return { PipelineArn: pipeline.arn, PipelineVersionId: versionId };
    },

    DescribePipeline(input) {
      const pipeline = store.get(input["PipelineName"]);
      return {
        ...describePipeline(pipeline),
        PipelineDefinition: store.version(pipeline, input["PipelineVersionId"]).definition,
      };
    },

    ListPipelines(input) {
      const after = timestampMs(input["CreatedAfter"]) ?? -Infinity;
      const before = timestampMs(input["CreatedBefore"]) ?? Infinity;
      const byName = input["SortBy"] === "Name";
      const sign = (input["SortOrder"] ?? "Descending") === "Ascending" ? 1 : -1;
      const rows = [...store.pipelines.values()]
        .filter(
          (row) =>
            row.name.startsWith(input["PipelineNamePrefix"] ?? "") && row.createdMs > after && row.createdMs < before,
        )
        .sort((a, b) => sign * (byName ? a.name.localeCompare(b.name) : a.createdMs - b.createdMs));
      const { items, next } = page(rows, input["NextToken"], input["MaxResults"] ?? 10);
      return {
        PipelineSummaries: items.map((row) => ({
          PipelineArn: row.arn,
          PipelineName: row.name,
          PipelineDisplayName: row.displayName,
          PipelineDescription: row.description,
          RoleArn: row.roleArn,
          CreationTime: new Date(row.createdMs),
          LastModifiedTime: new Date(row.modifiedMs),
          LastExecutionTime: row.lastRunMs === undefined ? undefined : new Date(row.lastRunMs),
        })),
        NextToken: next,
      };
    },

    ListPipelineVersions(input) {
      const pipeline = store.get(input["PipelineName"]);
      const sign = (input["SortOrder"] ?? "Descending") === "Ascending" ? 1 : -1;
      const { items, next } = page(
        store.versionsOf(pipeline.arn).sort((a, b) => sign * (a.id - b.id)),
        input["NextToken"],
        input["MaxResults"] ?? 10,
      );
      return {
        PipelineVersionSummaries: items.map((row) => ({
          PipelineArn: row.pipelineArn,
          PipelineVersionId: row.id,
          CreationTime: new Date(row.createdMs),
          LastExecutionPipelineExecutionArn: row.lastExecutionArn,
        })),
        NextToken: next,
      };
    },

    DeletePipeline(input) {
      const pipeline = store.get(input["PipelineName"]);
      const executions = [...tables.executions.values()].filter((row) => row.pipelineArn === pipeline.arn);
      const running = executions.find((row) => row.status === "Executing" || row.status === "Stopping");
      if (running)
        throw new AwsError(
          "ConflictException",
          `Pipeline '${pipeline.arn}' cannot be deleted while execution '${running.arn}' is ${running.status}. Stop the execution first.`,
        );
      for (const execution of executions) {
        for (const run of stepsOf(tables, execution.arn)) tables.steps.delete(stepKey(execution.arn, run.name));
        tables.executions.delete(execution.arn);
      }
      for (const version of store.versionsOf(pipeline.arn)) store.versions.delete(`${pipeline.arn}#${version.id}`);
      store.pipelines.delete(pipeline.arn);
      store.tags.drop(pipeline.arn);
      return { PipelineArn: pipeline.arn };
    },
  };
}

/** A pipeline as DescribePipeline answers it, without its definition. */
export function describePipeline(pipeline: Pipeline): Members {
  return {
    PipelineArn: pipeline.arn,
    PipelineName: pipeline.name,
    PipelineDisplayName: pipeline.displayName,
    PipelineDescription: pipeline.description,
    RoleArn: pipeline.roleArn,
    PipelineStatus: "Active",
    CreationTime: new Date(pipeline.createdMs),
    LastModifiedTime: new Date(pipeline.modifiedMs),
    LastRunTime: pipeline.lastRunMs === undefined ? undefined : new Date(pipeline.lastRunMs),
    CreatedBy: { IamIdentity: pipeline.createdBy },
    LastModifiedBy: { IamIdentity: pipeline.modifiedBy },
    ParallelismConfiguration: { MaxParallelExecutionSteps: pipeline.parallelism },
  };
}
