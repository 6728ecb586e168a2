import type * as aws from "@pulumi/aws";
import { championVariant } from "../../contract/variants";
import { hasGpu, hostFor } from "../../contract/hosts/inference";
import { contentDigest } from "../naming";
import type { ReleasedModel } from "../../contract/desired-release";
import type { Scope } from "../scope";

/** What an endpoint configuration holds, before anything of it exists. */
export interface ConfigurationDescription {
  readonly release: ReleasedModel;
  readonly variant: Readonly<
    Pick<
      aws.types.input.sagemaker.EndpointConfigurationProductionVariant,
      "variantName" | "instanceType" | "inferenceAmiVersion" | "initialInstanceCount" | "initialVariantWeight"
    >
  >;
  readonly capture: Readonly<
    Omit<aws.types.input.sagemaker.EndpointConfigurationDataCaptureConfig, "destinationS3Uri">
  >;
  /** Logical name. */
  readonly name: string;
  readonly digest: string;
}

/** What the endpoint configuration of a release holds, and its name with the digest of that. */
export function describeConfiguration(release: ReleasedModel, scope: Scope): ConfigurationDescription {
  const { serving } = scope.settings;
  const instanceType = instanceTypeOf(release, scope);
  const host = hostFor(instanceType);
  const variant = {
    variantName: championVariant,
    instanceType,
    ...(host.verdict === "ami" ? { inferenceAmiVersion: host.version } : {}),
    initialInstanceCount: Math.min(serving.maxInstances, Math.max(serving.minInstances, release.instances ?? 0)),
    initialVariantWeight: 1,
  };
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
    variant,
    capture,
  };
  return {
    release,
    variant,
    capture,
    name: scope.names.ofContent("endpointConfiguration", content, "detector"),
    digest: contentDigest(content),
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
