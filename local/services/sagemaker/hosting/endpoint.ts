import type { Members } from "../../../cloud";
import type { EndpointConfig } from "./configs";
import type { Models, ServingContainer } from "./models";

/** A production variant with everything needed to run it, so that it outlives its model and endpoint configuration. */
export interface Variant {
  readonly name: string;
  readonly container: ServingContainer;
  readonly instanceType: string;
  readonly weight: number;
  readonly desiredWeight: number;
  readonly instances: number;
  readonly desiredInstances: number;
  readonly routing: "RANDOM" | "LEAST_OUTSTANDING_REQUESTS";
  readonly healthCheckSeconds?: number;
  /** The unpacked model in the cache. */
  readonly modelDigest?: string;
}

/** An endpoint configuration as it is deployed. */
export interface Deployed {
  readonly configName: string;
  readonly variants: readonly Variant[];
  readonly capture?: Members;
}

/** A deployment under way. */
export interface Pending {
  readonly deployed: Deployed;
  readonly startMs: number;
  readonly deployment?: Members;
  readonly step: { readonly status: string; readonly message?: string; readonly startMs: number };
}

export type EndpointStatus = "Creating" | "Updating" | "InService" | "Deleting" | "Failed";

export interface Endpoint {
  readonly name: string;
  readonly arn: string;
  readonly status: EndpointStatus;
  readonly createdMs: number;
  readonly modifiedMs: number;
  readonly failureReason?: string;
  readonly live?: Deployed;
  readonly pending?: Pending;
  readonly lastDeployment?: Members;
}

/**
 * What an endpoint configuration becomes when it is deployed.
 * @param retained the live deployment, when its counts and weights shall stay (`RetainAllVariantProperties`). @param excluded properties that shall not.
 */
export function deploy(config: EndpointConfig, models: Models, retained?: Deployed, excluded: readonly string[] = []): Deployed {
  const variants = (config.input.ProductionVariants as Members[]).map((variant): Variant => {
    const old = retained?.variants.find((candidate) => candidate.name === variant.VariantName);
    const count = old && !excluded.includes("DesiredInstanceCount") ? old.desiredInstances : Number(variant.InitialInstanceCount);
    const weight = old && !excluded.includes("DesiredWeight") ? old.desiredWeight : Number(variant.InitialVariantWeight);
    return {
      name: variant.VariantName,
      container: models.container(variant.ModelName),
      instanceType: variant.InstanceType,
      weight,
      desiredWeight: weight,
      instances: count,
      desiredInstances: count,
      routing: variant.RoutingConfig?.RoutingStrategy ?? "RANDOM",
      healthCheckSeconds: variant.ContainerStartupHealthCheckTimeoutInSeconds,
    };
  });
  const capture = retained?.capture && !excluded.includes("DataCaptureConfig") ? retained.capture : config.input.DataCaptureConfig;
  return { configName: config.name, variants, ...(capture ? { capture } : {}) };
}

export function weightsOf(deployed: Deployed): Map<string, number> {
  return new Map(deployed.variants.map((variant) => [variant.name, variant.weight]));
}

/** `DescribeEndpoint`, also the detail of its events. */
export function describeEndpoint(endpoint: Endpoint): Members {
  const { live, pending } = endpoint;
  const shown = live ?? pending?.deployed;
  const at = (ms: number): Date => new Date(ms);
  return {
    EndpointName: endpoint.name,
    EndpointArn: endpoint.arn,
    EndpointConfigName: shown?.configName,
    ProductionVariants: live?.variants.map((variant) => ({
      VariantName: variant.name,
      DeployedImages: [{ SpecifiedImage: variant.container.image, ResolvedImage: variant.container.image, ResolutionTime: at(endpoint.createdMs) }],
      CurrentWeight: variant.weight,
      DesiredWeight: variant.desiredWeight,
      CurrentInstanceCount: variant.instances,
      DesiredInstanceCount: variant.desiredInstances,
    })),
    DataCaptureConfig: captureSummary(live?.capture),
    EndpointStatus: endpoint.status,
    FailureReason: endpoint.failureReason,
    CreationTime: at(endpoint.createdMs),
    LastModifiedTime: at(endpoint.modifiedMs),
    LastDeploymentConfig: endpoint.lastDeployment,
    PendingDeploymentSummary: pending && (endpoint.status === "Creating" || endpoint.status === "Updating") ? pendingSummary(pending) : undefined,
  };
}

function pendingSummary({ deployed, startMs, step }: Pending): Members {
  return {
    EndpointConfigName: deployed.configName,
    StartTime: new Date(startMs),
    ProductionVariants: deployed.variants.map((variant) => ({
      VariantName: variant.name,
      DeployedImages: [{ SpecifiedImage: variant.container.image }],
      CurrentWeight: variant.weight,
      DesiredWeight: variant.desiredWeight,
      CurrentInstanceCount: variant.instances,
      DesiredInstanceCount: variant.desiredInstances,
      InstanceType: variant.instanceType,
      VariantStatus: [{ Status: step.status, StatusMessage: step.message, StartTime: new Date(step.startMs) }],
    })),
  };
}

function captureSummary(capture: Members | undefined): Members | undefined {
  if (!capture) return undefined;
  const enabled = capture.EnableCapture !== false;
  return {
    EnableCapture: enabled,
    CaptureStatus: enabled ? "Started" : "Stopped",
    CurrentSamplingPercentage: capture.InitialSamplingPercentage,
    DestinationS3Uri: capture.DestinationS3Uri,
    KmsKeyId: capture.KmsKeyId ?? "",
  };
}
