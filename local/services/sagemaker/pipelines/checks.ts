import { validationException } from "../../../errors";
import type { Condition, Definition, Parameter, Scalar, Step } from "./definition";
import { EXECUTED_TYPES, OTHER_TYPES, conditionArguments, graph, references, stepOf } from "./definition";
import { isDuration } from "./caching";

const EXECUTION_PROPERTIES = [
  "PipelineName",
  "PipelineArn",
  "PipelineExecutionId",
  "PipelineExecutionArn",
  "StartDateTime",
  "CurrentDateTime",
  "TrainingJobName",
  "ProcessingJobName",
];
const CONDITIONS = [
  "Equals",
  "NotEquals",
  "GreaterThan",
  "GreaterThanOrEqualTo",
  "LessThan",
  "LessThanOrEqualTo",
  "In",
  "Not",
  "And",
  "Or",
];
const PARAMETER_TYPES = ["String", "Integer", "Float", "Boolean"];
const CACHED_TYPES: readonly string[] = ["Processing", "Training"];
const RETRIED_TYPES: readonly string[] = ["Processing", "Training", "Model", "RegisterModel"];
const EXCEPTIONS = [
  "Step.SERVICE_FAULT",
  "Step.THROTTLING",
  "SageMaker.JOB_INTERNAL_ERROR",
  "SageMaker.CAPACITY_ERROR",
  "SageMaker.RESOURCE_LIMIT",
];

/**
 * Reads a definition and checks what SageMaker checks when a pipeline is created: shape, names, references, cycles.
 * @throws ValidationException with all problems at once, in the words SageMaker uses.
 */
export function parseDefinition(text: string): Definition {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (error) {
    throw unparseable([`Invalid JSON: ${(error as Error).message}`], "");
  }
  if (raw === null || typeof raw !== "object" || Array.isArray(raw))
    throw unparseable(["the definition is not a JSON object"]);
  const definition = raw as Definition;
  const problems = [...topLevel(definition), ...shapes(definition)];
  if (problems.length === 0) problems.push(...meaning(definition));
  if (problems.length > 0) throw unparseable(problems);
  return definition;
}

function unparseable(problems: readonly string[], lead = "Model Validation failed: "): Error {
  return validationException(`Unable to parse pipeline definition. ${lead}${problems.join("; ")}`);
}

function enumProblem(value: unknown, member: string, allowed: readonly string[]): string {
  return `Value '${String(value)}' for '${member}' failed to satisfy enum value set: [${allowed.join(", ")}]`;
}

function topLevel(definition: Definition): string[] {
  const problems: string[] = [];
  if (definition.Version !== "2020-12-01") problems.push(enumProblem(definition.Version, "Version", ["2020-12-01"]));
  if (definition.Parameters !== undefined && !Array.isArray(definition.Parameters))
    return [...problems, "'Parameters' must be a list"];
  const names = new Set<string>();
  for (const parameter of definition.Parameters ?? []) {
    if (names.has(parameter.Name))
      problems.push(`Parameter names must be unique, '${parameter.Name}' occurs more than once`);
    names.add(parameter.Name);
    problems.push(...parameterProblems(parameter));
  }
  return problems;
}

function parameterProblems(parameter: Parameter): string[] {
  if (!PARAMETER_TYPES.includes(parameter.Type)) return [enumProblem(parameter.Type, "ParameterType", PARAMETER_TYPES)];
  const fallback = parameter.DefaultValue;
  if (fallback === undefined) return [];
  if (!fits(parameter, fallback))
    return [`Default value '${String(fallback)}' of parameter '${parameter.Name}' is not of type ${parameter.Type}`];
  if (parameter.EnumValues && !parameter.EnumValues.includes(fallback))
    return [
      `Default value '${String(fallback)}' of parameter '${parameter.Name}' is not one of its EnumValues [${parameter.EnumValues.join(", ")}]`,
    ];
  return [];
}

function fits(parameter: Parameter, value: Scalar): boolean {
  switch (parameter.Type) {
    case "String":
      return typeof value === "string";
    case "Integer":
      return Number.isInteger(value);
    case "Float":
      return typeof value === "number";
    case "Boolean":
      return typeof value === "boolean";
  }
}

/**
 * The beginning of a job's name ("Pipelines step permissions", SageMaker developer guide: 38 characters); the words are
 * ours.
 */
function jobPrefixProblems(step: Step): string[] {
  const prefix = (step.Arguments as Readonly<Record<string, unknown>> | undefined)?.[`${step.Type}JobName`];
  if (
    !CACHED_TYPES.includes(step.Type) ||
    typeof prefix !== "string" ||
    /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,37}$/.test(prefix)
  )
    return [];
  return [
    `Value '${prefix}' for '${step.Type}JobName' in step '${step.Name}' failed to satisfy constraint: a prefix of at most 38 letters, digits and hyphens`,
  ];
}

/** Every step of the tree, whatever its shape. */
function allSteps(steps: readonly Step[]): Step[] {
  return steps.flatMap((step) => {
    if (step?.Type !== "Condition") return [step];
    const branches = conditionArguments(step);
    return [step, ...allSteps([...(branches.IfSteps ?? []), ...(branches.ElseSteps ?? [])])];
  });
}

function shapes(definition: Definition): string[] {
  if (!Array.isArray(definition.Steps) || definition.Steps.length === 0)
    return ["'Steps' must be a list with at least one step"];
  const problems: string[] = [];
  const names = new Set<string>();
  for (const step of allSteps(definition.Steps)) {
    if (typeof step?.Name !== "string" || !/^[A-Za-z0-9_-]{1,64}$/.test(step.Name)) {
      problems.push(
        `Value '${String(step?.Name)}' for 'Name' failed to satisfy regular expression pattern: [A-Za-z0-9\\-_]{1,64}`,
      );
      continue;
    }
    if (names.has(step.Name)) problems.push(`Step names must be unique, '${step.Name}' occurs more than once`);
    names.add(step.Name);
    problems.push(...stepProblems(step).map((problem) => `step '${step.Name}': ${problem}`));
  }
  return problems;
}

function stepProblems(step: Step): string[] {
  if ((OTHER_TYPES as readonly string[]).includes(step.Type))
    return [`the local cloud does not execute steps of type ${step.Type}; it executes ${EXECUTED_TYPES.join(", ")}`];
  if (!EXECUTED_TYPES.includes(step.Type))
    return [enumProblem(step.Type, "StepType", [...EXECUTED_TYPES, ...OTHER_TYPES].sort())];
  const problems: string[] = [];
  if (
    step.Type !== "Lambda" &&
    step.Type !== "Callback" &&
    (step.Arguments === undefined || typeof step.Arguments !== "object")
  )
    problems.push("Missing required key 'Arguments'");
  if (step.Type === "Lambda" && step.FunctionArn === undefined) problems.push("Missing required key 'FunctionArn'");
  if (step.Type === "Callback" && step.SqsQueueUrl === undefined) problems.push("Missing required key 'SqsQueueUrl'");
  if (step.Type === "Fail" && step.Arguments?.["ErrorMessage"] === undefined)
    problems.push("Missing required key 'ErrorMessage'");
  if (step.Type === "Condition") {
    const conditions = conditionArguments(step).Conditions;
    if (!Array.isArray(conditions) || conditions.length === 0)
      problems.push("'Conditions' must be a list with at least one condition");
    else problems.push(...conditions.flatMap(conditionProblems));
  }
  if (step.CacheConfig && !CACHED_TYPES.includes(step.Type))
    problems.push(`Steps of type ${step.Type} cannot be cached`);
  if (step.CacheConfig?.ExpireAfter !== undefined && !isDuration(step.CacheConfig.ExpireAfter))
    problems.push(`Value '${step.CacheConfig.ExpireAfter}' for 'ExpireAfter' is not an ISO 8601 duration`);
  if (step.RetryPolicies && !RETRIED_TYPES.includes(step.Type))
    problems.push(`Steps of type ${step.Type} cannot have RetryPolicies`);
  for (const policy of step.RetryPolicies ?? []) {
    for (const exception of [policy.ExceptionType].flat())
      if (!EXCEPTIONS.includes(exception as string)) problems.push(enumProblem(exception, "ExceptionType", EXCEPTIONS));
    if (policy.MaxAttempts !== undefined && policy.ExpireAfterMin !== undefined)
      problems.push("Only one of MaxAttempts and ExpireAfterMin can be given in a retry policy");
  }
  return problems;
}

function conditionProblems(condition: Condition): string[] {
  if (!CONDITIONS.includes(condition?.Type)) return [enumProblem(condition?.Type, "ConditionType", CONDITIONS)];
  if (condition.Type === "And" || condition.Type === "Or")
    return Array.isArray(condition.Conditions)
      ? condition.Conditions.flatMap(conditionProblems)
      : [`Missing required key 'Conditions' in condition ${condition.Type}`];
  if (condition.Type === "Not") {
    const inner = condition.Expression ?? condition.Condition;
    return inner ? conditionProblems(inner) : ["Missing required key 'Expression' in condition Not"];
  }
  if (condition.Type === "In")
    return (condition.QueryValue ?? condition.Value) === undefined || !(condition.Values ?? condition.In)
      ? ["Missing required keys 'QueryValue' and 'Values' in condition In"]
      : [];
  return condition.LeftValue === undefined || condition.RightValue === undefined
    ? [`Missing required keys 'LeftValue' and 'RightValue' in condition ${condition.Type}`]
    : [];
}

/** What can only be said once every step has its shape: references and order. */
function meaning(definition: Definition): string[] {
  const nodes = graph(definition);
  const parameters = new Set((definition.Parameters ?? []).map((parameter) => parameter.Name));
  const problems: string[] = [];
  for (const { step } of nodes.values()) {
    for (const name of step.DependsOn ?? [])
      if (!nodes.has(name))
        problems.push(`step '${step.Name}' depends on '${name}', which is not a step of the pipeline`);
    const own =
      step.Type === "Condition"
        ? conditionArguments(step).Conditions
        : [step.Arguments, step.FunctionArn, step.SqsQueueUrl];
    for (const reference of references(own)) {
      const problem = referenceProblem(reference, nodes, parameters);
      if (problem) problems.push(`step '${step.Name}': ${problem}`);
    }
    problems.push(...jobPrefixProblems(step));
    for (const file of step.PropertyFiles ?? []) {
      if (!outputNames(step).includes(file.OutputName))
        problems.push(
          `step '${step.Name}': property file '${file.PropertyFileName}' names output '${file.OutputName}', which the step does not have`,
        );
    }
  }
  const cycle = problems.length === 0 ? findCycle(nodes) : undefined;
  if (cycle) problems.push(`Cycle detected in pipeline definition: ${cycle.join(" -> ")}`);
  return problems;
}

function outputNames(step: Step): unknown[] {
  const outputs = (step.Arguments?.["ProcessingOutputConfig"] as { Outputs?: { OutputName?: unknown }[] } | undefined)
    ?.Outputs;
  return (outputs ?? []).map((output) => output.OutputName);
}

function referenceProblem(
  reference: string,
  nodes: ReturnType<typeof graph>,
  parameters: ReadonlySet<string>,
): string | undefined {
  const [kind, name] = reference.split(".");
  if (kind === "Parameters")
    return parameters.has(name ?? "") ? undefined : `reference '${reference}' names a parameter that is not defined`;
  if (kind === "Execution")
    return EXECUTION_PROPERTIES.includes(name ?? "")
      ? undefined
      : `reference '${reference}' is not a property of an execution`;
  const target = nodes.get(stepOf(reference) ?? "")?.step;
  if (!target) return `reference '${reference}' cannot be resolved`;
  const file = /^Steps\.[^.]+\.PropertyFiles\.(.+)$/.exec(reference)?.[1];
  if (file && !target.PropertyFiles?.some((known) => known.PropertyFileName === file))
    return `reference '${reference}' names a property file that step '${target.Name}' does not have`;
  return undefined;
}

function findCycle(nodes: ReturnType<typeof graph>): string[] | undefined {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (name: string): string[] | undefined => {
    if (done.has(name)) return undefined;
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
    path.push(name);
    for (const need of nodes.get(name)?.needs ?? []) {
      const cycle = visit(need);
      if (cycle) return cycle;
    }
    path.pop();
    done.add(name);
    return undefined;
  };
  for (const name of nodes.keys()) {
    const cycle = visit(name);
    if (cycle) return cycle;
  }
  return undefined;
}
