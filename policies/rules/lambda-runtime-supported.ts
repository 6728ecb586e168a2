import { securityHub } from "../frameworks";
import { byType, defineRule } from "../rule";
import { types } from "../types";

interface Config {
  readonly runtimes: readonly string[];
}

export const lambdaRuntimeSupported = defineRule<Config>({
  name: "lambda-runtime-supported",
  description: "Functions run on a runtime that AWS still updates.",
  rationale:
    "After its end of support a runtime gets no security updates, and soon functions on it cannot even be changed.",
  severity: "medium",
  framework: securityHub("Lambda.2", "Functions use supported runtimes"),
  remediationSteps: "Choose one of the allowed runtimes.",
  url: "https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html",
  configSchema: { properties: { runtimes: { type: "array", items: { type: "string" } } } },
  // Node.js 20 reached its end on 2026-04-30.
  defaults: { runtimes: ["nodejs22.x", "nodejs24.x", "python3.12", "python3.13", "python3.14", "provided.al2023"] },
  ...byType<Config>({
    *[types.function](props, { runtimes }) {
      if (props["packageType"] === "Image") return;
      if (!runtimes.includes(String(props["runtime"])))
        yield `The runtime is ${String(props["runtime"])} (allowed: ${runtimes.join(", ")}).`;
    },
  }),
});
