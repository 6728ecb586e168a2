import type { PolicyResource } from "@pulumi/policy";
import { isFallback } from "../../contract/front-door";
import { wellArchitected } from "../frameworks";
import { blockOf, blocksOf, type Inputs, orUnknown } from "../inputs";
import { definitionOf } from "../pipeline";
import { defineRule, stackOnly } from "../rule";
import { refersTo, types } from "../types";

const monitoringSchedule = "aws:sagemaker/monitoringSchedule:MonitoringSchedule";
const jobDefinition = "aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition";
const schedule = "aws:scheduler/schedule:Schedule";

export const monitoringPresent = defineRule({
  name: "monitoring-present",
  description:
    "Every endpoint but the front door's fallbacks is examined for drift by a schedule that runs: of Model Monitor, or of jobs of ours.",
  rationale: "Capture that nobody looks at finds no drift.",
  severity: "high",
  framework: wellArchitected("MLOPS13", "Monitor models for drift"),
  remediationSteps:
    "Add a MonitoringSchedule for the endpoint, or a scheduler Schedule, enabled, whose pipeline or input names the endpoint.",
  url: "https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor.html",
  ...stackOnly,
  *checkStack(resources) {
    for (const endpoint of resources.filter(({ type }) => type === types.endpoint)) {
      // It answers while the champion cannot, and its windows would be empty for the rest of the year.
      if (isFallback(orUnknown(() => endpoint.props["name"]))) continue;
      const examines = resources.some(
        (one) =>
          (one.type === monitoringSchedule && monitors(one, endpoint, resources)) ||
          (one.type === schedule && starts(one, endpoint, resources)),
      );
      if (!examines) yield { message: "No schedule examines the endpoint.", urn: endpoint.urn };
    }
  },
});

/** Whether a schedule of Model Monitor is for the endpoint, by its own job or by a job definition. */
function monitors(one: PolicyResource, endpoint: PolicyResource, resources: readonly PolicyResource[]): boolean {
  if (refersTo(one, "monitoringScheduleConfig", endpoint)) return true;
  const config = orUnknown(() => blockOf(one.props, "monitoringScheduleConfig"));
  if (config && names(endpoint, () => inputsOf(blockOf(config, "monitoringJobDefinition"), "monitoringInputs")))
    return true;
  return resources
    .filter(({ type }) => type === jobDefinition)
    .filter((definition) =>
      isCalled(one, "monitoringScheduleConfig", definition, config?.["monitoringJobDefinitionName"]),
    )
    .some(
      (definition) =>
        refersTo(definition, "dataQualityJobInput", endpoint) ||
        names(endpoint, () => inputsOf(definition.props, "dataQualityJobInput")),
    );
}

/** Whether a schedule that runs hands the endpoint's name to its target, or starts a pipeline whose jobs have it. */
function starts(one: PolicyResource, endpoint: PolicyResource, resources: readonly PolicyResource[]): boolean {
  if (orUnknown(() => one.props["state"]) === "DISABLED") return false;
  if (refersTo(one, "target", endpoint)) return true;
  const target = orUnknown(() => blockOf(one.props, "target"));
  if (
    target &&
    names(
      endpoint,
      () => [String(target["input"] ?? "")],
      (text, name) => text.includes(name),
    )
  )
    return true;
  return resources
    .filter(({ type }) => type === types.pipeline)
    .filter((pipeline) => isCalled(one, "target", pipeline, target && orUnknown(() => target["arn"])))
    .some(
      (pipeline) =>
        refersTo(pipeline, "pipelineDefinition", endpoint) || names(endpoint, () => variablesOf(pipeline.props)),
    );
}

/** Whether an input means another resource: by dependency, or by a name or an ARN that is written as text. */
function isCalled(one: PolicyResource, member: string, other: PolicyResource, written: unknown): boolean {
  if (refersTo(one, member, other)) return true;
  if (typeof written !== "string") return false;
  const name = orUnknown(() => (other.props["pipelineName"] ?? other.props["name"]) as string | undefined);
  const arn = orUnknown(() => other.props["arn"] as string | undefined);
  return written === arn || (name !== undefined && (written === name || written.endsWith(`/${name}`)));
}

/** Whether texts name the endpoint; those that a preview does not know yet may. */
function names(
  endpoint: PolicyResource,
  read: () => readonly string[],
  match = (text: string, name: string): boolean => text === name,
): boolean {
  const name = orUnknown(() => endpoint.props["name"] as string | undefined);
  if (name === undefined) return false;
  return orUnknown(() => read().some((text) => match(text, name))) ?? true;
}

function inputsOf(props: Inputs | undefined, member: string): string[] {
  return blocksOf(props, member).flatMap((input) => {
    const name = blockOf(input, "endpointInput")?.["endpointName"];
    return typeof name === "string" ? [name] : [];
  });
}

/** Values of the variables that a pipeline's processing jobs get. */
function variablesOf(props: Inputs): string[] {
  return (definitionOf(props)?.steps ?? [])
    .filter(({ Type }) => Type === "Processing")
    .flatMap(({ Arguments }) => Object.values((Arguments?.["Environment"] as object | undefined) ?? {}))
    .filter((value): value is string => typeof value === "string");
}
