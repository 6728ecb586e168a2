/**
 * The pipeline definition language of SageMaker (schema version 2020-12-01), as the service and its SDK 3.20 write it.
 */

export type ParameterType = "String" | "Integer" | "Float" | "Boolean";
export type Scalar = string | number | boolean;
/** A literal, `{Get}`, `{"Std:Join"}`, `{"Std:JsonGet"}`, or a structure that holds such values. */
export type Value = unknown;

export interface Parameter {
  readonly Name: string;
  readonly Type: ParameterType;
  readonly DefaultValue?: Scalar;
  readonly EnumValues?: readonly Scalar[];
}

export interface RetryPolicy {
  readonly ExceptionType: string | readonly string[];
  /** Seconds before the first retry; 1 when absent. */
  readonly IntervalSeconds?: number;
  /** Factor by which each wait grows; 2.0 when absent. */
  readonly BackoffRate?: number;
  /** Retries, 5 when absent; excludes `ExpireAfterMin`. */
  readonly MaxAttempts?: number;
  readonly ExpireAfterMin?: number;
}

export interface PropertyFile {
  readonly PropertyFileName: string;
  readonly OutputName: string;
  readonly FilePath: string;
}

export type Condition =
  | {
      readonly Type: "Equals" | "NotEquals" | "GreaterThan" | "GreaterThanOrEqualTo" | "LessThan" | "LessThanOrEqualTo";
      readonly LeftValue: Value;
      readonly RightValue: Value;
    }
  | {
      readonly Type: "In";
      readonly QueryValue?: Value;
      readonly Value?: Value;
      readonly Values?: readonly Value[];
      readonly In?: readonly Value[];
    }
  | { readonly Type: "Not"; readonly Expression?: Condition; readonly Condition?: Condition }
  | { readonly Type: "And"; readonly Conditions: readonly Condition[] }
  | { readonly Type: "Or"; readonly Conditions: readonly Condition[] };

/** Step types that the local cloud executes. */
export const EXECUTED_TYPES = [
  "Processing",
  "Training",
  "Model",
  "RegisterModel",
  "Lambda",
  "Callback",
  "Condition",
  "Fail",
] as const;
/** Step types that the service knows besides. */
export const OTHER_TYPES = [
  "AutoML",
  "ClarifyCheck",
  "EMR",
  "EMRServerless",
  "Endpoint",
  "EndpointConfig",
  "QualityCheck",
  "Transform",
  "Tuning",
] as const;
export type StepType = (typeof EXECUTED_TYPES)[number];

export interface Step {
  readonly Name: string;
  readonly Type: StepType;
  readonly DisplayName?: string;
  readonly Description?: string;
  readonly DependsOn?: readonly string[];
  readonly Arguments?: Readonly<Record<string, Value>> & Partial<ConditionArguments>;
  readonly PropertyFiles?: readonly PropertyFile[];
  readonly CacheConfig?: { readonly Enabled: boolean; readonly ExpireAfter?: string };
  readonly RetryPolicies?: readonly RetryPolicy[];
  /** Of a Lambda step. */
  readonly FunctionArn?: string;
  /** Of a Callback step. */
  readonly SqsQueueUrl?: Value;
  /** Of a Lambda or Callback step. */
  readonly OutputParameters?: readonly { readonly OutputName: string; readonly OutputType: string }[];
}

export interface ConditionArguments {
  readonly Conditions: readonly Condition[];
  readonly IfSteps?: readonly Step[];
  readonly ElseSteps?: readonly Step[];
}

export interface Definition {
  readonly Version: string;
  readonly Parameters?: readonly Parameter[];
  readonly Steps: readonly Step[];
  readonly MlflowConfig?: { readonly MlflowResourceArn?: string; readonly MlflowExperimentName?: string };
  readonly PipelineExperimentConfig?: Readonly<Record<string, Value>>;
}

/** A step in its place: what must have succeeded before it, and the branch of a condition that it waits for. */
export interface Node {
  readonly step: Step;
  readonly needs: ReadonlySet<string>;
  readonly branch?: { readonly condition: string; readonly outcome: boolean };
}

/** The arguments of a Condition step. */
export function conditionArguments(step: Step): ConditionArguments {
  const { Conditions = [], IfSteps, ElseSteps } = step.Arguments ?? {};
  return { Conditions, IfSteps, ElseSteps };
}

/** Every `{Get: "..."}` below a value. */
export function references(value: Value): string[] {
  if (Array.isArray(value)) return value.flatMap(references);
  if (value === null || typeof value !== "object") return [];
  const get = (value as Record<string, unknown>)["Get"];
  if (typeof get === "string" && Object.keys(value).length === 1) return [get];
  return Object.values(value).flatMap(references);
}

/** The step named in a reference `Steps.<name>.<path>`. */
export function stepOf(reference: string): string | undefined {
  return /^Steps\.([A-Za-z0-9_-]+)(?:[.[]|$)/.exec(reference)?.[1];
}

/** Steps of all branches as one graph, in the order in which they are written. */
export function graph(definition: Definition): Map<string, Node> {
  const nodes = new Map<string, Node>();
  const add = (steps: readonly Step[], branch?: Node["branch"]): void => {
    for (const step of steps) {
      const own =
        step.Type === "Condition"
          ? conditionArguments(step).Conditions
          : [step.Arguments, step.FunctionArn, step.SqsQueueUrl];
      const needs = new Set<string>([
        ...(step.DependsOn ?? []),
        ...references(own).flatMap((reference) => stepOf(reference) ?? []),
      ]);
      if (branch) needs.add(branch.condition);
      nodes.set(step.Name, { step, needs, branch });
      if (step.Type !== "Condition") continue;
      add(conditionArguments(step).IfSteps ?? [], { condition: step.Name, outcome: true });
      add(conditionArguments(step).ElseSteps ?? [], { condition: step.Name, outcome: false });
    }
  };
  add(definition.Steps);
  return nodes;
}
