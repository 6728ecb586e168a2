import type { Inputs } from "./inputs";

/** A step of a SageMaker pipeline, as far as rules look at it. */
export interface PipelineStep {
  readonly Name: string;
  readonly Type: string;
  readonly Arguments?: Inputs;
}

export interface PipelineDefinition {
  /** All steps, those inside of conditions included. */
  readonly steps: readonly PipelineStep[];
  /** A value, or the default of the parameter that it refers to (`{"Get": "Parameters.X"}`). */
  resolve(value: unknown): unknown;
}

/**
 * The definition that a pipeline carries inline; undefined when it lies in S3.
 * @throws SyntaxError when it is no JSON.
 */
export function definitionOf(props: Inputs): PipelineDefinition | undefined {
  const text = props["pipelineDefinition"];
  if (typeof text !== "string") return undefined;
  const { Steps = [], Parameters = [] } = JSON.parse(text) as {
    Steps?: PipelineStep[];
    Parameters?: { Name: string; DefaultValue?: unknown }[];
  };
  const defaults = new Map(Parameters.map(({ Name, DefaultValue }) => [`Parameters.${Name}`, DefaultValue]));
  return {
    steps: Steps.flatMap(flat),
    resolve: (value) => {
      const get = value !== null && typeof value === "object" ? (value as { Get?: string }).Get : undefined;
      return get === undefined ? value : defaults.get(get);
    },
  };
}

function flat(step: PipelineStep): PipelineStep[] {
  const branches = ["IfSteps", "ElseSteps"].flatMap(
    (branch) => (step.Arguments?.[branch] as PipelineStep[] | undefined) ?? [],
  );
  return [step, ...branches.flatMap(flat)];
}

/** `ResourceConfig` or `ClusterConfig` of a job step; undefined for steps that start no instance. */
export function clusterOf({ Type, Arguments }: PipelineStep): Inputs | undefined {
  if (Type === "Training") return Arguments?.["ResourceConfig"] as Inputs | undefined;
  return Type === "Processing"
    ? ((Arguments?.["ProcessingResources"] as Inputs | undefined)?.["ClusterConfig"] as Inputs | undefined)
    : undefined;
}

/** How many instances of which type a job step takes; undefined for steps that start none. */
export function instancesOf(step: PipelineStep): { readonly type: unknown; readonly count: unknown } | undefined {
  const cluster = clusterOf(step);
  if (!cluster) return undefined;
  const { InstanceType: type, InstanceCount: count = 1 } = cluster;
  return { type, count };
}
