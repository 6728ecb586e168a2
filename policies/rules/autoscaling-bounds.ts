import type { PolicyResource } from "@pulumi/policy";
import { isFallback } from "../../contract/front-door";
import { wellArchitected } from "../frameworks";
import { blocksOf, orUnknown } from "../inputs";
import { byType, defineRule } from "../rule";
import { refersTo, types } from "../types";

interface Config {
  /** Fewest instances that an endpoint may be scaled in to. */
  readonly minInstances: number;
  /** Most instances that an endpoint may be scaled out to. */
  readonly maxInstances: number;
}

const target = "aws:appautoscaling/target:Target";

export const autoscalingBounds = defineRule<Config>({
  name: "autoscaling-bounds",
  description:
    "Endpoints scale, between bounds that the environment grants; one with a single instance need not scale where one is enough. The front door's fallbacks may keep a size of their own, of one instance to the most that an endpoint may have.",
  rationale: "Without a floor one lost instance is an outage; without a ceiling a loop in a client is a bill.",
  severity: "high",
  framework: wellArchitected("MLREL12", "Scale model endpoints automatically"),
  remediationSteps:
    "Set servingMinInstances and servingMaxInstances within the bounds of policies/config/<environment>.json.",
  url: "https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling.html",
  configSchema: { properties: { minInstances: { type: "integer" }, maxInstances: { type: "integer" } } },
  needs: ["minInstances", "maxInstances"],
  ...byType<Config>({
    *[target](props, { minInstances, maxInstances }) {
      if (props["serviceNamespace"] !== "sagemaker") return;
      const [least, most] = [Number(props["minCapacity"]), Number(props["maxCapacity"])];
      if (least < minInstances) yield `The endpoint may shrink to ${least}, fewer than ${minInstances}.`;
      if (most > maxInstances) yield `The endpoint may grow to ${most}, more than ${maxInstances}.`;
      if (least > most) yield `It shrinks to no fewer than ${least} but grows to no more than ${most}.`;
    },
  }),
  *checkStack(resources, { minInstances, maxInstances }) {
    const targets = resources.filter(({ type }) => type === target);
    for (const endpoint of resources.filter(({ type }) => type === types.endpoint)) {
      const name = orUnknown(() => endpoint.props["name"] as string | undefined);
      const scales = targets.some(
        (one) =>
          refersTo(one, "resourceId", endpoint) ||
          (orUnknown(() => String(one.props["resourceId"]).startsWith(`endpoint/${name}/`)) ?? false),
      );
      if (scales) continue;
      const counts = startedBy(endpoint, resources);
      if (isFallback(name)) {
        // It stands by, and a lost instance is no outage: the door goes on to the next server, in the end to its queue.
        if (counts === undefined || counts.some((count) => !(count >= 1 && count <= maxInstances)))
          yield {
            message: `The front door's fallback starts ${counts?.join(" and ") ?? "an unknown number of"} instances; 1 to ${maxInstances} are granted.`,
            urn: endpoint.urn,
          };
      } else if (!(minInstances <= 1 && counts?.every((count) => count === 1)))
        yield { message: "Nothing scales the endpoint.", urn: endpoint.urn };
    }
  },
});

/** Instances that the endpoint's configuration starts, by variant; undefined where nobody knows. */
function startedBy(endpoint: PolicyResource, resources: readonly PolicyResource[]): number[] | undefined {
  const name = orUnknown(() => endpoint.props["endpointConfigName"]);
  const configuration = resources.find(
    (one) =>
      one.type === types.endpointConfiguration &&
      (refersTo(endpoint, "endpointConfigName", one) ||
        (name !== undefined && orUnknown(() => one.props["name"]) === name)),
  );
  const counts = orUnknown(() =>
    blocksOf(configuration?.props, "productionVariants").map((variant) => Number(variant["initialInstanceCount"] ?? 1)),
  );
  return counts?.length === 0 ? undefined : counts;
}
