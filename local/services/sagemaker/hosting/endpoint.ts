import type { Members } from "../../../members";
import type { RolloutVariant, Stage } from "./rollouts/plan";
import type { Split } from "./rollouts/router";
import type { EndpointConfig } from "./configs";
import type { ServerlessConfig } from "./fleets/serverless";
import type { Models, ServingContainer } from "./models";

/** A production variant with everything needed to run it, so that it outlives its model and endpoint configuration. */
export interface Variant {
  readonly name: string;
  readonly container: ServingContainer;
  /** Absent where it is serverless, and then it has no instances. */
  readonly instanceType?: string;
  readonly serverless?: ServerlessConfig;
  readonly desiredServerless?: ServerlessConfig;
  /** Machine image of its hosts, where its configuration asks for one. */
  readonly ami?: string;
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
  /** Gets copies of the requests of the one production variant; nobody sees what it answers. */
  readonly shadow?: Variant;
  readonly capture?: Members;
}

/** A deployment under way. */
export interface Pending {
  readonly deployed: Deployed;
  readonly startMs: number;
  readonly deployment?: Members;
  readonly stage: Stage;
  readonly stageStartMs: number;
}

/**
 * `UpdateRollbackFailed`: a rolling update and its rollback failed, both configurations serve; another update cures it.
 */
export type EndpointStatus = "Creating" | "Updating" | "InService" | "Deleting" | "Failed" | "UpdateRollbackFailed";

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
 * @param retained the live deployment, when its counts and weights shall stay (`RetainAllVariantProperties`).
 * @param excluded properties that shall not.
 */
export function deploy(
  config: EndpointConfig,
  models: Models,
  retained?: Deployed,
  excluded: readonly string[] = [],
): Deployed {
  const deployedAs = (variant: Members, before: readonly Variant[]): Variant => {
    const old = before.find((candidate) => candidate.name === variant.VariantName);
    const serverless = variant.ServerlessConfig as ServerlessConfig | undefined;
    const initial = serverless ? 0 : Number(variant.InitialInstanceCount);
    // A variant that was serverless has no count to retain.
    const counted = old?.instanceType !== undefined && !serverless && !excluded.includes("DesiredInstanceCount");
    const count = counted ? old.desiredInstances : initial;
    const weight =
      old && !excluded.includes("DesiredWeight") ? old.desiredWeight : Number(variant.InitialVariantWeight);
    return {
      name: variant.VariantName,
      container: models.container(variant.ModelName),
      ...(serverless ? { serverless, desiredServerless: serverless } : { instanceType: variant.InstanceType }),
      ...(variant.InferenceAmiVersion ? { ami: variant.InferenceAmiVersion } : {}),
      weight,
      desiredWeight: weight,
      instances: count,
      desiredInstances: count,
      routing: variant.RoutingConfig?.RoutingStrategy ?? "RANDOM",
      healthCheckSeconds: variant.ContainerStartupHealthCheckTimeoutInSeconds,
    };
  };
  const { ProductionVariants: production, ShadowProductionVariants: shadows = [] } = config.input;
  const variants = (production as Members[]).map((variant) => deployedAs(variant, retained?.variants ?? []));
  const [shadow] = (shadows as Members[]).map((variant) =>
    deployedAs(variant, retained?.shadow ? [retained.shadow] : []),
  );
  const capture =
    retained?.capture && !excluded.includes("DataCaptureConfig") ? retained.capture : config.input.DataCaptureConfig;
  return { configName: config.name, variants, ...(shadow ? { shadow } : {}), ...(capture ? { capture } : {}) };
}

/** Everything that runs: the production variants, and the shadow variant if there is one. */
export function allVariants({ variants, shadow }: Deployed): Variant[] {
  return shadow ? [...variants, shadow] : [...variants];
}

/** The deployment with each of its variants changed. */
export function mapVariants(deployed: Deployed, change: (variant: Variant) => Variant): Deployed {
  const { shadow } = deployed;
  return {
    ...deployed,
    variants: deployed.variants.map(change),
    ...(shadow ? { shadow: change(shadow) } : {}),
  };
}

/** What is to come up, as a rollout counts it. */
export function instancesOf(variants: readonly Variant[]): RolloutVariant[] {
  return variants.map(({ name, desiredInstances }) => ({ name, instances: desiredInstances }));
}

/**
 * How requests are shared: among the production variants by weight, and copied to the shadow variant in the ratio of
 * its weight to the production variant's. That a weight above that copies every request once is believed.
 */
export function splitOf({ variants, shadow }: Deployed): Split {
  const weights = new Map(variants.map((variant) => [variant.name, variant.weight]));
  const weight = variants[0]?.weight ?? 0;
  return {
    weights,
    ...(shadow ? { shadow: { variant: shadow.name, share: Math.min(1, shadow.weight / weight) } } : {}),
  };
}

/** `DescribeEndpoint`, also the detail of its events. */
export function describeEndpoint(endpoint: Endpoint): Members {
  const { live, pending } = endpoint;
  const shown = live ?? pending?.deployed;
  const at = (ms: number): Date => new Date(ms);
  const deploying = pending && (endpoint.status === "Creating" || endpoint.status === "Updating") ? pending : undefined;
  const summary = (variant: Variant): Members => ({
    VariantName: variant.name,
    DeployedImages: [
      {
        SpecifiedImage: variant.container.image,
        ResolvedImage: variant.container.image,
        ResolutionTime: at(endpoint.createdMs),
      },
    ],
    CurrentWeight: variant.weight,
    DesiredWeight: variant.desiredWeight,
    CurrentInstanceCount: deploying?.stage.old?.[variant.name] ?? variant.instances,
    ...desiredCapacity(variant),
    VariantStatus: liveStatus(endpoint, variant, deploying),
  });
  return {
    EndpointName: endpoint.name,
    EndpointArn: endpoint.arn,
    EndpointConfigName: shown?.configName,
    ProductionVariants: live?.variants.map(summary),
    ShadowProductionVariants: live?.shadow && [summary(live.shadow)],
    DataCaptureConfig: captureSummary(live?.capture),
    EndpointStatus: endpoint.status,
    FailureReason: endpoint.failureReason,
    CreationTime: at(endpoint.createdMs),
    LastModifiedTime: at(endpoint.modifiedMs),
    LastDeploymentConfig: endpoint.lastDeployment,
    PendingDeploymentSummary: deploying && pendingSummary(deploying),
  };
}

/** A serverless variant is told by its limits; that it shows 0 instances is believed. */
function desiredCapacity({ serverless, desiredServerless, desiredInstances }: Variant): Members {
  return serverless
    ? { CurrentServerlessConfig: serverless, DesiredServerlessConfig: desiredServerless }
    : { DesiredInstanceCount: desiredInstances };
}

/** What the variants of the live configuration tell: the old fleet on its way out, or a change of capacity. */
function liveStatus(endpoint: Endpoint, variant: Variant, deploying: Pending | undefined): Members[] | undefined {
  if (deploying) return deploying.stage.status === "Deleting" ? variantStatus(deploying, variant.name) : undefined;
  if (endpoint.status !== "Updating" || variant.desiredInstances === variant.instances) return undefined;
  const direction = variant.desiredInstances > variant.instances ? "out" : "in";
  return [
    {
      Status: "Updating",
      StatusMessage: `Scaling ${direction} desired instance count to ${variant.desiredInstances}.`,
      StartTime: new Date(endpoint.modifiedMs),
    },
  ];
}

function variantStatus({ stage, stageStartMs }: Pending, variant: string): Members[] | undefined {
  const told = stage.variants[variant];
  return told && [{ Status: stage.status, StatusMessage: told.message, StartTime: new Date(stageStartMs) }];
}

function pendingSummary(pending: Pending): Members {
  const { deployed, startMs, stage } = pending;
  // While the old fleet goes, the new one is complete.
  const complete = stage.status === "Deleting";
  const summary = (variant: Variant): Members => ({
    VariantName: variant.name,
    DeployedImages: [{ SpecifiedImage: variant.container.image }],
    CurrentWeight: variant.weight,
    DesiredWeight: variant.desiredWeight,
    CurrentInstanceCount: complete ? variant.instances : (stage.variants[variant.name]?.instances ?? 0),
    ...desiredCapacity(variant),
    InstanceType: variant.instanceType,
    VariantStatus: complete ? undefined : variantStatus(pending, variant.name),
  });
  return {
    EndpointConfigName: deployed.configName,
    StartTime: new Date(startMs),
    ProductionVariants: deployed.variants.map(summary),
    ShadowProductionVariants: deployed.shadow && [summary(deployed.shadow)],
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
