import { securityHub } from "../frameworks";
import { blockOf, type Inputs, isGiven } from "../inputs";
import { definitionOf } from "../pipeline";
import { byType, defineRule } from "../rule";
import { types } from "../types";

interface Config {
  /** What must lie in a VPC: `jobs`, `models`, `functions`. */
  readonly workloads: readonly string[];
}

export const workloadsInVpc = defineRule<Config>({
  name: "workloads-in-vpc",
  description: "Jobs, models and functions run in our own subnets and security groups.",
  rationale: "Outside of a VPC they can reach the internet, and no flow log records it.",
  severity: "high",
  framework: securityHub("SageMaker.2", "SageMaker workloads run in a custom VPC"),
  remediationSteps: "Give each its subnets and security groups.",
  url: "https://docs.aws.amazon.com/sagemaker/latest/dg/infrastructure-give-access.html",
  configSchema: { properties: { workloads: { type: "array", items: { type: "string" } } } },
  defaults: { workloads: ["jobs", "models"] },
  ...byType<Config>({
    *[types.model](props, { workloads }) {
      if (workloads.includes("models") && !placed(blockOf(props, "vpcConfig"), "subnets"))
        yield "The model's containers run outside of a VPC.";
    },
    *[types.trainingJob](props, { workloads }) {
      if (workloads.includes("jobs") && !placed(blockOf(props, "vpcConfig"), "subnets"))
        yield "The job runs outside of a VPC.";
    },
    *[types.function](props, { workloads }) {
      if (workloads.includes("functions") && !placed(blockOf(props, "vpcConfig"), "subnetIds"))
        yield "The function runs outside of a VPC.";
    },
    *[types.pipeline](props, { workloads }) {
      if (!workloads.includes("jobs")) return;
      for (const { Name, Type, Arguments } of definitionOf(props)?.steps ?? []) {
        const vpc =
          Type === "Training"
            ? Arguments?.["VpcConfig"]
            : Type === "Processing"
              ? (Arguments?.["NetworkConfig"] as Inputs | undefined)?.["VpcConfig"]
              : "none needed";
        if (!vpc) yield `Step ${Name} runs outside of a VPC.`;
      }
    },
  }),
});

function placed(vpc: Inputs | undefined, subnets: string): boolean {
  return isGiven(vpc, subnets);
}
