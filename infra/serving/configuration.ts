import type * as aws from "@pulumi/aws";
import { challengerVariant, championVariant } from "../../contract/variants";
import { hasGpu, hostFor } from "../../contract/hosts/inference";
import { contentDigest } from "../naming";
import type { ReleasedModel, RunningExperiment } from "../../contract/desired-release";
import type { Scope } from "../scope";

/** A variant of an endpoint configuration, and the model that it serves. */
export interface VariantDescription {
  readonly release: ReleasedModel;
  readonly settings: Readonly<
    Pick<
      aws.types.input.sagemaker.EndpointConfigurationProductionVariant,
      "variantName" | "instanceType" | "inferenceAmiVersion" | "initialInstanceCount" | "initialVariantWeight"
    >
  >;
}

/** What an endpoint configuration holds, before anything of it exists. */
export interface ConfigurationDescription {
  /** The champion first. */
  readonly variants: readonly VariantDescription[];
  /** Gets copies of the champion's requests. */
  readonly shadow: VariantDescription | undefined;
  readonly capture: Readonly<
    Omit<aws.types.input.sagemaker.EndpointConfigurationDataCaptureConfig, "destinationS3Uri">
  >;
  /** Logical name. */
  readonly name: string;
  readonly digest: string;
}

/**
 * What the endpoint configuration of a release holds, and its name with the digest of that.
 * @param experiment whose challenger runs beside it.
 */
export function describeConfiguration(
  release: ReleasedModel,
  scope: Scope,
  experiment?: RunningExperiment,
): ConfigurationDescription {
  const { serving } = scope.settings;
  const instances = experiment?.championInstances ?? release.instances;
  const champion = describeVariant(championVariant, { ...release, instances }, 1, scope);
  const shadowed = experiment?.mode === "shadow";
  // A live challenger has no traffic yet. The share of a shadow is that of its weight in the champion's, which is 1.
  const challenger =
    experiment &&
    describeVariant(
      challengerVariant,
      experiment.challenger,
      shadowed ? (experiment.samplePercent ?? 100) / 100 : 0,
      scope,
    );
  const capture = {
    enableCapture: true,
    initialSamplingPercentage: serving.capturePercent,
    captureOptions: [{ captureMode: "Input" }, { captureMode: "Output" }],
    // Without this list even JSON answers would be captured as base64; images always are.
    captureContentTypeHeader: { jsonContentTypes: ["application/json"] },
  };
  const content = {
    release: release.modelSha256,
    image: release.imageUri,
    package: release.modelPackageArn,
    variant: champion.settings,
    capture,
    ...(experiment && challenger
      ? { experiment: experiment.id, mode: experiment.mode, challenger: challenger.settings }
      : {}),
  };
  return {
    variants: [champion, ...(challenger && !shadowed ? [challenger] : [])],
    shadow: shadowed ? challenger : undefined,
    capture,
    name: scope.names.ofContent("endpointConfiguration", content, "detector"),
    digest: contentDigest(content),
  };
}

function describeVariant(
  variantName: string,
  release: ReleasedModel,
  initialVariantWeight: number,
  scope: Scope,
): VariantDescription {
  const { serving } = scope.settings;
  const instanceType = instanceTypeOf(release, scope);
  const host = hostFor(instanceType);
  return {
    release,
    settings: {
      variantName,
      instanceType,
      ...(host.verdict === "ami" ? { inferenceAmiVersion: host.version } : {}),
      initialInstanceCount: Math.min(serving.maxInstances, Math.max(serving.minInstances, release.instances ?? 0)),
      initialVariantWeight,
    },
  };
}

/** A release that went out, came back and went out again has one configuration. */
export function distinct(descriptions: readonly ConfigurationDescription[]): ConfigurationDescription[] {
  return [...new Map(descriptions.map((description) => [description.name, description])).values()];
}

/** Logical name of a release's model: by what the model holds. */
export function modelName(release: ReleasedModel, scope: Scope): string {
  const { imageUri: image, modelDataUrl } = release;
  const environment = containerEnvironment(release, scope);
  return scope.names.ofContent(
    "model",
    { image, modelDataUrl, environment, role: scope.roleArn("endpoint-execution") },
    "detector",
  );
}

/**
 * On hosts with a GPU the container is told to need one: ONNX Runtime falls back to the CPU in silence, slow and
 * healthy to look at.
 */
export function containerEnvironment(release: ReleasedModel, scope: Scope): Record<string, string> {
  return {
    MODEL_SHA256: release.modelSha256,
    MODEL_PACKAGE_ARN: release.modelPackageArn,
    ...(hasGpu(instanceTypeOf(release, scope)) ? { PEREGRINE_REQUIRE_GPU: "1" } : {}),
  };
}

/** Instance type that a release is served on: its own, or the setting's where it names none. */
export function instanceTypeOf({ instanceType }: ReleasedModel, { settings }: Scope): string {
  return instanceType ?? settings.serving.instanceType;
}
