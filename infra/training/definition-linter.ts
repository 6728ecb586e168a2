import { metadataProblem, recordedParameters } from "../../contract/metadata-value";
import { allSteps, type Parameter, type PipelineDefinition, type Step } from "./definition";

const executionProperties = [
  "PipelineName",
  "PipelineArn",
  "PipelineExecutionId",
  "PipelineExecutionArn",
  "StartDateTime",
  "CurrentDateTime",
];
/** First members that SageMaker's Describe answers offer to references, per step type. */
const stepProperties: Readonly<Record<Step["Type"], RegExp>> = {
  Processing: /^(ProcessingOutputConfig|ProcessingJob(?:Arn|Name)|ProcessingInputs|ExitMessage|PropertyFiles)\b/,
  Training: /^(ModelArtifacts|TrainingJob|FinalMetricDataList|OutputDataConfig|CheckpointConfig)\w*\b/,
  RegisterModel: /^(ModelPackage|ModelApprovalStatus|InferenceSpecification)\w*\b/,
  Lambda: /^OutputParameters\b/,
  Callback: /^OutputParameters\b/,
  Condition: /^Outcome$/,
  Fail: /^$/,
};

/** A reference and the step that uses it. */
interface Use {
  readonly step: Step;
  readonly reference: string;
}

/**
 * What types cannot say about a pipeline definition: names, references, order, property files, parameters. Written for
 * people: each problem names the step. @returns nothing when the definition is sound.
 */
export function lintDefinition(definition: PipelineDefinition): string[] {
  const steps = allSteps(definition.Steps);
  const byName = new Map(steps.map((step) => [step.Name, step]));
  const uses = steps.flatMap((step) => referencesOf(step).map((reference) => ({ step, reference })));
  return [
    ...names(steps),
    ...parameterProblems(definition.Parameters, uses),
    ...uses.flatMap((use) => referenceProblems(use, definition, byName)),
    ...steps.flatMap(propertyFileProblems),
    ...steps.flatMap(queueProblems),
    ...steps.flatMap((step) => metadataProblems(step, definition.Parameters)),
    ...steps.flatMap(jobNameProblems),
    ...steps.flatMap((step) =>
      (step.DependsOn ?? [])
        .filter((name) => !byName.has(name))
        .map((name) => `${step.Name} depends on ${name}, which is not a step`),
    ),
    ...cycles(steps),
  ];
}

function names(steps: readonly Step[]): string[] {
  const malformed = steps
    .filter(({ Name }) => !/^[A-Za-z0-9_-]{1,64}$/.test(Name))
    .map(({ Name }) => `"${Name}" is no step name: 1 to 64 characters of A-Z a-z 0-9 - _`);
  const repeated = steps
    .filter(({ Name }, index) => steps.findIndex((other) => other.Name === Name) !== index)
    .map(({ Name }) => `step ${Name} occurs more than once`);
  return [...malformed, ...repeated];
}

function parameterProblems(parameters: readonly Parameter[], uses: readonly Use[]): string[] {
  const problems: string[] = [];
  const used = new Set(uses.map(({ reference }) => reference));
  for (const [index, parameter] of parameters.entries()) {
    const { Name, Type, DefaultValue } = parameter;
    if (parameters.findIndex((other) => other.Name === Name) !== index)
      problems.push(`parameter ${Name} occurs more than once`);
    // EventBridge starts pipelines without naming every parameter.
    if (DefaultValue === undefined)
      problems.push(`parameter ${Name} has no default, so no event can start the pipeline`);
    else if (!fits(Type, DefaultValue))
      problems.push(`parameter ${Name} is ${Type}, but its default is ${JSON.stringify(DefaultValue)}`);
    if (parameter.Type === "String" && parameter.EnumValues && !parameter.EnumValues.includes(parameter.DefaultValue))
      problems.push(`parameter ${Name} has a default outside its EnumValues`);
    if (!used.has(`Parameters.${Name}`)) problems.push(`parameter ${Name} is never used`);
  }
  return problems;
}

function fits(type: Parameter["Type"], value: unknown): boolean {
  switch (type) {
    case "String":
      return typeof value === "string";
    case "Integer":
      return Number.isInteger(value);
    case "Float":
      return typeof value === "number" && Number.isFinite(value);
    case "Boolean":
      return typeof value === "boolean";
  }
}

function referenceProblems(
  { step, reference }: Use,
  definition: PipelineDefinition,
  byName: ReadonlyMap<string, Step>,
): string[] {
  const [kind, name = "", ...rest] = reference.split(".");
  if (kind === "Parameters")
    return definition.Parameters.some((parameter) => parameter.Name === name) && rest.length === 0
      ? []
      : [`${step.Name} uses parameter ${name}, which is not defined`];
  if (kind === "Execution")
    return executionProperties.includes(name)
      ? []
      : [`${step.Name} uses ${reference}, which is not a property of an execution`];
  if (kind !== "Steps") return [`${step.Name} uses ${reference}, which refers to nothing`];
  const target = byName.get(name);
  if (!target) return [`${step.Name} uses ${reference}, but there is no step ${name}`];
  const path = rest.join(".");
  if (!stepProperties[target.Type].test(path))
    return [`${step.Name} uses ${reference}, which a ${target.Type} step does not offer`];
  const file = /^PropertyFiles\.(.+)$/.exec(path)?.[1];
  if (
    file &&
    !(target.Type === "Processing" && target.PropertyFiles?.some(({ PropertyFileName }) => PropertyFileName === file))
  )
    return [`${step.Name} reads property file ${file}, which ${name} does not declare`];
  const output = /^ProcessingOutputConfig\.Outputs\['([^']+)'\]/.exec(path)?.[1];
  if (output && !outputsOf(target).includes(output))
    return [`${step.Name} uses output ${output}, which ${name} does not have`];
  const parameter = /^OutputParameters\['([^']+)'\]$/.exec(path)?.[1];
  if (
    (target.Type === "Lambda" || target.Type === "Callback") &&
    !target.OutputParameters.some(({ OutputName }) => OutputName === parameter)
  )
    return [`${step.Name} uses ${reference}, an output parameter that ${name} does not declare`];
  return [];
}

function propertyFileProblems(step: Step): string[] {
  if (step.Type !== "Processing") return [];
  return (step.PropertyFiles ?? [])
    .filter(({ OutputName }) => !outputsOf(step).includes(OutputName))
    .map(
      ({ PropertyFileName, OutputName }) =>
        `${step.Name}: property file ${PropertyFileName} lies in output ${OutputName}, which the step does not have`,
    );
}

/**
 * The name in a job's arguments is how the job's name begins (SageMaker developer guide, "Pipelines step permissions").
 */
function jobNameProblems(step: Step): string[] {
  if (step.Type !== "Processing" && step.Type !== "Training") return [];
  const prefix = (step.Arguments as Readonly<Record<string, unknown>>)[`${step.Type}JobName`];
  return typeof prefix === "string" && /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,37}$/.test(prefix)
    ? []
    : [
        `${step.Name} says by ${JSON.stringify(prefix)} how its jobs are called, which is no prefix of at most 38 letters, digits and hyphens`,
      ];
}

function queueProblems(step: Step): string[] {
  // Longest queue URL that SageMaker shows again (CallbackStepMetadata).
  return step.Type === "Callback" && !/^https?:\/\/\S{1,248}$/.test(step.SqsQueueUrl)
    ? [`${step.Name} sends its token to "${step.SqsQueueUrl}", which is no queue's URL`]
    : [];
}

/**
 * What a package says of itself is refused at its registration, when the training is done: so texts are looked at here,
 * and parameters where a run starts.
 */
function metadataProblems(step: Step, parameters: readonly Parameter[]): string[] {
  if (step.Type !== "RegisterModel") return [];
  const metadata = (step.Arguments["CustomerMetadataProperties"] ?? {}) as Readonly<Record<string, unknown>>;
  return Object.entries(metadata).flatMap(([key, value]) => {
    const name = `${step.Name}: metadata ${key}`;
    if (typeof value === "string") return metadataProblem(name, value) ?? [];
    return references(value).flatMap((reference) => {
      const parameter = parameters.find(({ Name }) => reference === `Parameters.${Name}`);
      if (parameter?.Type !== "String") return [];
      const unchecked = recordedParameters.includes(parameter.Name)
        ? []
        : [`${name} keeps parameter ${parameter.Name}, which nobody checks where a run starts`];
      return [
        ...unchecked,
        ...[parameter.DefaultValue, ...(parameter.EnumValues ?? [])].flatMap(
          (text) => metadataProblem(`${name}, from parameter ${parameter.Name},`, text) ?? [],
        ),
      ];
    });
  });
}

function outputsOf(step: Step): string[] {
  if (step.Type !== "Processing") return [];
  const config = step.Arguments["ProcessingOutputConfig"] as { Outputs?: { OutputName: string }[] } | undefined;
  return (config?.Outputs ?? []).map(({ OutputName }) => OutputName);
}

/** Steps in a circle, found by taking away, again and again, every step that waits for nothing. */
function cycles(steps: readonly Step[]): string[] {
  const waiting = new Map<string, Set<string>>();
  const add = (list: readonly Step[], gate?: string): void => {
    for (const step of list) {
      const needs = [
        ...(step.DependsOn ?? []),
        ...referencesOf(step).flatMap((reference) => /^Steps\.([\w-]+)/.exec(reference)?.[1] ?? []),
        ...(gate ? [gate] : []),
      ];
      waiting.set(step.Name, new Set(needs));
      if (step.Type === "Condition") add([...step.Arguments.IfSteps, ...step.Arguments.ElseSteps], step.Name);
    }
  };
  add(
    steps.filter(
      (step) =>
        !steps.some(
          (other) =>
            other.Type === "Condition" && [...other.Arguments.IfSteps, ...other.Arguments.ElseSteps].includes(step),
        ),
    ),
  );
  for (let changed = true; changed;) {
    const free = [...waiting]
      .filter(([, needs]) => ![...needs].some((need) => waiting.has(need)))
      .map(([name]) => name);
    free.forEach((name) => waiting.delete(name));
    changed = free.length > 0;
  }
  return waiting.size > 0 ? [`these steps wait for one another: ${[...waiting.keys()].join(", ")}`] : [];
}

/** References in the step itself; what its branches use belongs to the steps there. */
function referencesOf(step: Step): string[] {
  return references(step.Type === "Condition" ? step.Arguments.Conditions : step.Arguments);
}

function references(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(references);
  if (value === null || typeof value !== "object") return [];
  const members = value as Record<string, unknown>;
  const get = members["Get"];
  return typeof get === "string" ? [get] : Object.values(members).flatMap(references);
}
