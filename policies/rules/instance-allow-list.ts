import { wellArchitected } from "../frameworks";
import { defineRule } from "../rule";

interface Config {
  /** Instance types that endpoints may run on. */
  readonly serving: readonly string[];
  /** Instance types that training and processing jobs may run on. */
  readonly jobs: readonly string[];
}

interface Variant {
  readonly instanceType?: string;
}

export const instanceAllowList = defineRule<Config>({
  name: "instance-allow-list",
  description: "Endpoints, jobs and pipelines use only the instance types that the environment allows.",
  rationale: "One wrong letter in an instance type can cost a month's budget in a day.",
  severity: "high",
  framework: wellArchitected("MLCOST10", "Right-size training and hosting instances"),
  remediationSteps:
    "Choose an allowed type, or ask whoever answers for the costs to extend policies/config/<environment>.json.",
  url: "https://docs.aws.amazon.com/sagemaker/latest/dg/notebooks-available-instance-types.html",
  configSchema: {
    properties: {
      serving: { type: "array", items: { type: "string" } },
      jobs: { type: "array", items: { type: "string" } },
    },
  },
  needs: ["serving", "jobs"],
  appliesTo: (type) => type in checks,
  *check({ type, props }, config) {
    yield* checks[type]!(props, config);
  },
});

type Check = (props: Record<string, unknown>, config: Config) => Iterable<string>;

const checks: Readonly<Record<string, Check>> = {
  "aws:sagemaker/endpointConfiguration:EndpointConfiguration": function* (props, { serving }) {
    for (const list of ["productionVariants", "shadowProductionVariants"])
      for (const variant of (props[list] as Variant[] | undefined) ?? [])
        if (variant.instanceType) yield* verdict(variant.instanceType, serving, "endpoints");
  },
  "aws:sagemaker/trainingJob:TrainingJob": function* (props, { jobs }) {
    const type = (props["resourceConfig"] as { instanceType?: string } | undefined)?.instanceType;
    if (type) yield* verdict(type, jobs, "jobs");
  },
  "aws:sagemaker/notebookInstance:NotebookInstance": function* (props, { jobs }) {
    yield* verdict(String(props["instanceType"]), jobs, "notebooks");
  },
  "aws:sagemaker/pipeline:Pipeline": function* (props, { jobs }) {
    const text = props["pipelineDefinition"];
    if (typeof text === "string")
      for (const type of new Set(instanceTypes(JSON.parse(text)))) yield* verdict(type, jobs, "jobs");
  },
};

function* verdict(type: string, allowed: readonly string[], what: string): Iterable<string> {
  if (!allowed.includes(type)) yield `${type} is not allowed for ${what} here (allowed: ${allowed.join(", ")}).`;
}

/** Instance types in a pipeline definition: literal ones, and the defaults of parameters that name one. */
function instanceTypes(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(instanceTypes);
  if (value === null || typeof value !== "object")
    return typeof value === "string" && /^ml\.[a-z0-9-]+\.[a-z0-9]+$/.test(value) ? [value] : [];
  // A registered model's list of possible hosts starts nothing.
  return Object.entries(value).flatMap(([key, inner]) =>
    /^Supported\w+InstanceTypes$/.test(key) ? [] : instanceTypes(inner),
  );
}
