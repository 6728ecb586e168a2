import type { Cloud } from "../../../../cloud";
import type { Table } from "../../../../journal";

/** The records of pipeline runs, as they lie in the journal: enough to go on after the local cloud was killed. */

export type ExecutionStatus = "Executing" | "Stopping" | "Stopped" | "Failed" | "Succeeded";
export type StepStatus = "Starting" | "Executing" | "Stopping" | "Stopped" | "Failed" | "Succeeded";

export interface Execution {
  readonly arn: string;
  readonly id: string;
  readonly pipelineArn: string;
  readonly pipelineName: string;
  readonly versionId: number;
  /** The definition as it was when the execution started; later updates of the pipeline do not touch it. */
  readonly definition: string;
  readonly roleArn: string;
  readonly parameters: Readonly<Record<string, string | number | boolean>>;
  /** Tags of the pipeline, which its jobs inherit. */
  readonly tags: Readonly<Record<string, string>>;
  readonly token: string;
  readonly createdMs: number;
  readonly createdBy: { readonly Arn: string; readonly PrincipalId: string };
  readonly selective?: {
    readonly SourcePipelineExecutionArn?: string;
    readonly SelectedSteps: readonly { readonly StepName: string }[];
  };
  readonly displayName?: string;
  readonly description?: string;
  /** How many steps may run at once. */
  readonly parallelism: number;
  readonly modifiedMs: number;
  readonly endedMs?: number;
  readonly status: ExecutionStatus;
  readonly failureReason?: string;
}

export interface StepRun {
  readonly executionArn: string;
  readonly name: string;
  readonly type: string;
  readonly status: StepStatus;
  /** The order in which steps started. */
  readonly sequence: number;
  readonly startMs: number;
  readonly endMs?: number;
  readonly attempts: number;
  readonly failureReason?: string;
  /** As ListPipelineExecutionSteps shows it. */
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** What `Steps.<name>.…` refers to: the answer to the step's Describe operation. */
  readonly response?: Readonly<Record<string, unknown>>;
  /** Of a Condition step: the branch it chose. */
  readonly outcome?: boolean;
  /** The execution whose result was taken from the cache. */
  readonly cacheSource?: string;
  /** The execution whose result a selective run took over. */
  readonly selectiveSource?: string;
  readonly jobName?: string;
}

/** A result that a later execution of the same pipeline may take over. */
export interface CachedResult {
  readonly sourceExecutionArn: string;
  readonly endMs: number;
  readonly metadata: StepRun["metadata"];
  readonly response: StepRun["response"];
}

export interface ExecutionTables {
  readonly executions: Table<Execution>;
  readonly steps: Table<StepRun>;
  readonly cache: Table<CachedResult>;
}

export function executionTables(cloud: Cloud): ExecutionTables {
  return {
    executions: cloud.journal.table<Execution>("sagemaker/pipeline-executions"),
    steps: cloud.journal.table<StepRun>("sagemaker/pipeline-steps"),
    cache: cloud.journal.table<CachedResult>("sagemaker/pipeline-cache"),
  };
}

/** Key of a step's row. */
export function stepKey(executionArn: string, step: string): string {
  return `${executionArn}#${step}`;
}

/** The steps of one execution, in the order in which they started. */
export function stepsOf(tables: ExecutionTables, executionArn: string): StepRun[] {
  return [...tables.steps.values()]
    .filter((run) => run.executionArn === executionArn)
    .sort((a, b) => a.sequence - b.sequence);
}
