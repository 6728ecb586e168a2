import { type EnvironmentName, environments } from "../../contract/environments";
import { tagValue } from "./ownership";
import type { Demand } from "./problems";
import { optional, split, type Values } from "./setting";

export const deliverySettings = {
  releaseTargets: optional(/./, `some of ${environments.join(", ")}, each once, comma-separated`, {
    meaning:
      "Environments that an approved model package is released to by itself, in order, comma-separated (staging,prod). With staging among them the training pipeline also tries each candidate there before anybody decides about it. Empty leaves releases to people. Set it in the registry's environment only.",
    example: "staging,prod",
  }),
  releaseBackendUrl: optional(
    /^[a-z][a-z0-9+.-]*:\/\/\S+$/,
    "the URL of a Pulumi backend, such as s3://your-state-bucket?region=eu-central-1&awssdk=v2&profile=ab",
    {
      meaning:
        "Pulumi backend that release builds use, for example s3://your-state-bucket?region=eu-central-1&awssdk=v2&profile=ab. Empty when the build image says it (PULUMI_BACKEND_URL), which goes first.",
      example: "s3://your-state-bucket?region=eu-central-1&awssdk=v2&profile=ab",
    },
  ),
  modelLicence: optional(tagValue, "a tag value such as AGPL-3.0", {
    meaning:
      "Licence under which served models are used, AGPL-3.0 or Ultralytics-Enterprise; tag `model-licence` on every model. The policy pack refuses to serve in prod without it, since YOLO11 is AGPL-3.0 unless an enterprise licence was bought.",
    example: "AGPL-3.0",
  }),
};
type DeliveryValues = Values<typeof deliverySettings>;

export const deliveryDemands: readonly Demand<DeliveryValues>[] = [
  {
    of: ["releaseTargets"],
    *clashes({ releaseTargets }, stack) {
      const targets = split(releaseTargets ?? "");
      const allowed: readonly string[] = environments.filter((name) => name !== stack);
      const wrong = targets.filter((name, index) => !allowed.includes(name) || targets.indexOf(name) < index);
      if (wrong.length > 0)
        yield {
          name: "releaseTargets",
          reason: `names ${wrong.join(", ")}; expected each of ${allowed.join(", ")} at most once, and never the registry's own environment`,
        };
    },
  },
];

export interface DeliverySettings {
  /** Environments that approved packages are released to by themselves, in order; none leaves it to people. */
  readonly targets: readonly EnvironmentName[];
  /** Pulumi backend of release builds; undefined when their image knows it. */
  readonly backendUrl: string | undefined;
}

export function deliveryOf(values: DeliveryValues): DeliverySettings {
  return {
    targets: split(values.releaseTargets ?? "") as EnvironmentName[],
    backendUrl: values.releaseBackendUrl,
  };
}
