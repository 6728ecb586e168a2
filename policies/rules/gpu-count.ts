import { acceleratorsOf } from "../../contract/hosts/accelerators";
import { blockOf, blocksOf } from "../inputs";
import { definitionOf, instancesOf } from "../pipeline";
import { wellArchitected } from "../frameworks";
import { byType, defineRule } from "../rule";
import { types } from "../types";

interface Config {
  /** Accelerators that one endpoint configuration may start with. */
  readonly perEndpoint: number;
  /** Accelerators that one job may take. */
  readonly perJob: number;
}

export const gpuCount = defineRule<Config>({
  name: "gpu-count",
  description: "Endpoints and jobs take no more GPUs and accelerators than the environment grants.",
  rationale: "An allowed instance type times a wrong count is as expensive as a wrong type.",
  severity: "high",
  framework: wellArchitected("MLCOST10", "Right-size training and hosting instances"),
  remediationSteps: "Take fewer or smaller instances, or ask whoever answers for the costs to raise the ceiling.",
  url: "https://docs.aws.amazon.com/sagemaker/latest/dg/instance-types-az.html",
  configSchema: { properties: { perEndpoint: { type: "integer" }, perJob: { type: "integer" } } },
  needs: ["perEndpoint", "perJob"],
  ...byType<Config>({
    *[types.endpointConfiguration](props, { perEndpoint }) {
      const variants = [...blocksOf(props, "productionVariants"), ...blocksOf(props, "shadowProductionVariants")];
      yield* verdict(
        variants.map((variant) => ({ type: variant["instanceType"], count: variant["initialInstanceCount"] ?? 1 })),
        perEndpoint,
        "endpoint",
      );
    },
    *[types.trainingJob](props, { perJob }) {
      const { instanceType: type, instanceCount: count = 1 } = blockOf(props, "resourceConfig") ?? {};
      yield* verdict([{ type, count }], perJob, "job");
    },
    *[types.pipeline](props, { perJob }) {
      const definition = definitionOf(props);
      for (const step of definition?.steps ?? []) {
        const taken = instancesOf(step);
        if (taken)
          for (const text of verdict(
            [{ type: definition!.resolve(taken.type), count: definition!.resolve(taken.count) }],
            perJob,
            "job",
          ))
            yield `Step ${step.Name}: ${text}`;
      }
    },
  }),
});

function* verdict(
  fleet: readonly { readonly type: unknown; readonly count: unknown }[],
  ceiling: number,
  what: string,
): Iterable<string> {
  let total = 0;
  for (const { type, count } of fleet) {
    // Serverless variants have no instances.
    if (typeof type !== "string") continue;
    const each = acceleratorsOf(type);
    if (each === undefined) yield `It is not known how many accelerators ${type} has.`;
    total += (each ?? 0) * Number(count);
  }
  if (total > ceiling) yield `${total} accelerators for one ${what}, at most ${ceiling} are granted.`;
}
