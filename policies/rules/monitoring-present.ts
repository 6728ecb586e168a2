import type { PolicyResource } from "@pulumi/policy";
import { wellArchitected } from "../frameworks";
import { blockOf, blocksOf, type Inputs, orUnknown } from "../inputs";
import { defineRule, stackOnly } from "../rule";
import { refersTo, types } from "../types";

const monitoringSchedule = "aws:sagemaker/monitoringSchedule:MonitoringSchedule";
const schedule = "aws:scheduler/schedule:Schedule";

export const monitoringPresent = defineRule({
  name: "monitoring-present",
  description: "Every endpoint is examined for drift by a schedule: of Model Monitor, or of a job of ours.",
  rationale: "Capture that nobody looks at finds no drift.",
  severity: "high",
  framework: wellArchitected("MLOPS13", "Monitor models for drift"),
  remediationSteps:
    "Add a MonitoringSchedule for the endpoint, or a scheduler Schedule whose job gets the endpoint's name.",
  url: "https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor.html",
  ...stackOnly,
  *checkStack(resources) {
    const schedules = resources.filter(({ type }) => type === monitoringSchedule || type === schedule);
    for (const endpoint of resources.filter(({ type }) => type === types.endpoint))
      if (!schedules.some((one) => examines(one, endpoint)))
        yield { message: "No schedule examines the endpoint.", urn: endpoint.urn };
  },
});

/** By dependency, or by the endpoint's name in a monitoring job's input or in what a schedule hands to its target. */
function examines(one: PolicyResource, endpoint: PolicyResource): boolean {
  if (["monitoringScheduleConfig", "target"].some((member) => refersTo(one, member, endpoint))) return true;
  const name = orUnknown(() => endpoint.props["name"] as string | undefined);
  if (name === undefined) return false;
  return (
    orUnknown(() =>
      one.type === schedule
        ? String(blockOf(one.props, "target")?.["input"]).includes(name)
        : inputsOf(one.props).includes(name),
    ) ?? true
  );
}

function inputsOf(props: Inputs): unknown[] {
  const job = blockOf(blockOf(props, "monitoringScheduleConfig"), "monitoringJobDefinition");
  return blocksOf(job, "monitoringInputs").map((input) => blockOf(input, "endpointInput")?.["endpointName"]);
}
