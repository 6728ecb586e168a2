import type { JsonGet, Reference, Value } from "./expressions";

/**
 * The pipeline definition language, as far as we write it. The official JSON schema carries no licence and rejects
 * property files, JsonGet and Lambda steps in branches, which the service and its SDK use; so the language is typed
 * here.
 */
export interface PipelineDefinition {
  readonly Version: "2020-12-01";
  readonly Metadata: Readonly<Record<string, never>>;
  readonly Parameters: readonly Parameter[];
  readonly Steps: readonly Step[];
}

export type Parameter =
  | {
      readonly Name: string;
      readonly Type: "String";
      readonly DefaultValue: string;
      readonly EnumValues?: readonly string[];
    }
  | { readonly Name: string; readonly Type: "Integer" | "Float"; readonly DefaultValue: number }
  | { readonly Name: string; readonly Type: "Boolean"; readonly DefaultValue: boolean };

interface StepBase {
  /** 1 to 64 characters of `A-Za-z0-9-_`, unique over all branches. */
  readonly Name: string;
  readonly DisplayName?: string;
  readonly Description?: string;
  readonly DependsOn?: readonly string[];
}

/** Members of a request, with references where the service fills in. */
export type Arguments = Readonly<Record<string, unknown>>;

export interface RetryPolicy {
  readonly ExceptionType: readonly (
    | "Step.SERVICE_FAULT"
    | "Step.THROTTLING"
    | "SageMaker.JOB_INTERNAL_ERROR"
    | "SageMaker.CAPACITY_ERROR"
    | "SageMaker.RESOURCE_LIMIT"
  )[];
  /** Seconds before the first retry. */
  readonly IntervalSeconds: number;
  readonly BackoffRate: number;
  readonly MaxAttempts: number;
}

export interface PropertyFile {
  readonly PropertyFileName: string;
  readonly OutputName: string;
  readonly FilePath: string;
}

/** `Arguments` are the members of CreateProcessingJob, without the job's name. */
export interface ProcessingStep extends StepBase {
  readonly Type: "Processing";
  readonly Arguments: Arguments;
  readonly PropertyFiles?: readonly PropertyFile[];
  readonly RetryPolicies?: readonly RetryPolicy[];
}

/** `Arguments` are the members of CreateTrainingJob, without the job's name. */
export interface TrainingStep extends StepBase {
  readonly Type: "Training";
  readonly Arguments: Arguments;
  readonly RetryPolicies?: readonly RetryPolicy[];
}

/** `Arguments` are the members of CreateModelPackage. */
export interface RegisterModelStep extends StepBase {
  readonly Type: "RegisterModel";
  readonly Arguments: Arguments;
  readonly RetryPolicies?: readonly RetryPolicy[];
}

/** `Arguments` are the function's event. */
export interface LambdaStep extends StepBase {
  readonly Type: "Lambda";
  readonly FunctionArn: string;
  readonly Arguments: Readonly<Record<string, Value>>;
  readonly OutputParameters: readonly {
    readonly OutputName: string;
    readonly OutputType: "String" | "Integer" | "Float" | "Boolean";
  }[];
}

/** `Arguments` are sent to the queue with a token; the step waits until somebody ends it by that token. */
export interface CallbackStep extends StepBase {
  readonly Type: "Callback";
  readonly SqsQueueUrl: string;
  readonly Arguments: Readonly<Record<string, Value>>;
  readonly OutputParameters: readonly {
    readonly OutputName: string;
    readonly OutputType: "String" | "Integer" | "Float" | "Boolean";
  }[];
}

export interface Condition {
  readonly Type: "Equals" | "GreaterThan" | "GreaterThanOrEqualTo" | "LessThan" | "LessThanOrEqualTo";
  readonly LeftValue: Reference | JsonGet;
  readonly RightValue: Value;
}

export interface ConditionStep extends StepBase {
  readonly Type: "Condition";
  readonly Arguments: {
    readonly Conditions: readonly Condition[];
    readonly IfSteps: readonly Step[];
    readonly ElseSteps: readonly Step[];
  };
}

export interface FailStep extends StepBase {
  readonly Type: "Fail";
  readonly Arguments: { readonly ErrorMessage: Value };
}

export type Step =
  ProcessingStep | TrainingStep | RegisterModelStep | LambdaStep | CallbackStep | ConditionStep | FailStep;

/** All steps, those in branches included. */
export function allSteps(steps: readonly Step[]): Step[] {
  return steps.flatMap((step) =>
    step.Type === "Condition"
      ? [step, ...allSteps(step.Arguments.IfSteps), ...allSteps(step.Arguments.ElseSteps)]
      : [step],
  );
}
