import { nistAi } from "../frameworks";
import { blocksOf, type Inputs, orUnknown } from "../inputs";
import { definitionOf } from "../pipeline";
import { byType, defineRule } from "../rule";
import { types } from "../types";

interface Config {
  /** Regular expressions; an image must match one from its beginning. */
  readonly registries: readonly string[];
}

export const trustedImages = defineRule<Config>({
  name: "trusted-images",
  description: "Containers come from ECR, by a fixed tag or a digest.",
  rationale: "An image from elsewhere can change or vanish overnight, and `latest` is a different program every week.",
  severity: "high",
  framework: nistAi("GOVERN 6.1", "Risks of third-party software are addressed"),
  remediationSteps: "Push the image to the project's repository and name its tag or digest.",
  url: "https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-containers-inference-private.html",
  configSchema: { properties: { registries: { type: "array", items: { type: "string" } } } },
  defaults: { registries: ["\\d{12}\\.dkr\\.ecr\\.[a-z0-9-]+\\.amazonaws\\.com(\\.cn)?/"] },
  ...byType<Config>({
    *[types.model](props, { registries }) {
      for (const container of [...blocksOf(props, "primaryContainer"), ...blocksOf(props, "containers")])
        yield* judged(container["image"], registries);
    },
    *[types.trainingJob](props, { registries }) {
      for (const algorithm of blocksOf(props, "algorithmSpecification"))
        yield* judged(algorithm["trainingImage"], registries);
    },
    *[types.pipeline](props, { registries }) {
      for (const { Name, Arguments } of definitionOf(props)?.steps ?? [])
        for (const image of imagesIn(Arguments))
          for (const problem of judged(image, registries)) yield `Step ${Name}: ${problem}`;
    },
  }),
});

function imagesIn(step: Inputs | undefined): unknown[] {
  const app = step?.["AppSpecification"] as Inputs | undefined;
  const algorithm = step?.["AlgorithmSpecification"] as Inputs | undefined;
  const containers =
    ((step?.["InferenceSpecification"] as Inputs | undefined)?.["Containers"] as Inputs[] | undefined) ?? [];
  return [app?.["ImageUri"], algorithm?.["TrainingImage"], ...containers.map((one) => one["Image"])].filter(
    (image) => typeof image === "string",
  );
}

function* judged(image: unknown, registries: readonly string[]): Iterable<string> {
  const uri = orUnknown(() => image as string | undefined);
  if (typeof uri !== "string") return;
  if (!registries.some((registry) => new RegExp(`^${registry}`).test(uri)))
    yield `The image ${uri} is not from a registry of ours.`;
  if (!/[:@][^/]+$/.test(uri) || /:latest$/.test(uri)) yield `The image ${uri} has no fixed tag.`;
}
