import type { PolicyResource } from "@pulumi/policy";
import { wellArchitected } from "../frameworks";
import { blockOf, blocksOf, isGiven, orUnknown } from "../inputs";
import { defineRule, stackOnly } from "../rule";
import { refersTo, types } from "../types";

export const rolloutGuarded = defineRule({
  name: "rollout-guarded",
  description:
    "The alarms that roll an update back exist and are not raised by a lack of traffic, and a canary has at least two instances.",
  rationale: "An alarm that is only named guards nothing, and half of one instance is none.",
  severity: "critical",
  framework: wellArchitected("MLOPS12", "Monitor deployed models and roll back by alarms"),
  remediationSteps:
    "Create the alarms in the same stack with treatMissingData notBreaching, and give canary and linear rollouts two instances or more.",
  url: "https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-blue-green-canary.html",
  ...stackOnly,
  *checkStack(resources) {
    for (const endpoint of resources.filter(({ type }) => type === types.endpoint)) {
      for (const message of [...alarmsOf(endpoint, resources), ...fleetOf(endpoint, resources)])
        yield { message, urn: endpoint.urn };
    }
  },
});

function* alarmsOf(endpoint: PolicyResource, resources: readonly PolicyResource[]): Iterable<string> {
  const named = orUnknown(() =>
    blocksOf(blockOf(blockOf(endpoint.props, "deploymentConfig"), "autoRollbackConfiguration"), "alarms"),
  );
  const alarms = resources.filter(({ type }) => type === types.alarm);
  for (const reference of named ?? []) {
    const name = orUnknown(() => reference["alarmName"]);
    // A name that is not known yet is an output of an alarm of this stack: a preview knows all that is written as text.
    const alarm = alarms.find((one) => orUnknown(() => one.props["name"]) === name);
    if (name !== undefined && !alarm) yield `The alarm ${String(name)} is not part of the stack.`;
  }
  for (const alarm of alarms.filter((one) => refersTo(endpoint, "deploymentConfig", one)))
    if (orUnknown(() => alarm.props["treatMissingData"] !== "notBreaching"))
      yield `The alarm ${alarm.name} goes off when nobody asks the endpoint (treatMissingData is not notBreaching).`;
}

function* fleetOf(endpoint: PolicyResource, resources: readonly PolicyResource[]): Iterable<string> {
  const routing = orUnknown(
    () =>
      blockOf(
        blockOf(blockOf(endpoint.props, "deploymentConfig"), "blueGreenUpdatePolicy"),
        "trafficRoutingConfiguration",
      )?.["type"],
  );
  if (routing !== "CANARY" && routing !== "LINEAR") return;
  const name = orUnknown(() => endpoint.props["endpointConfigName"]);
  const configuration = resources.find(
    (one) =>
      one.type === types.endpointConfiguration &&
      (refersTo(endpoint, "endpointConfigName", one) ||
        (name !== undefined && orUnknown(() => one.props["name"]) === name)),
  );
  for (const variant of orUnknown(() => blocksOf(configuration?.props, "productionVariants")) ?? []) {
    const count = orUnknown(() => Number(variant["initialInstanceCount"] ?? 1));
    if (count !== undefined && count < 2 && !isGiven(variant, "serverlessConfig"))
      yield `A ${routing} rollout of ${count} instance: there is no half of it to try.`;
  }
}
