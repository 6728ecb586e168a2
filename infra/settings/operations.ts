import type { Reader } from "./reader";

export interface TrackingSettings {
  readonly mode: "app" | "tracking-server" | "external";
  readonly serverSize: "Small" | "Medium" | "Large";
  /** Tracking URI of an MLflow that somebody else runs; present exactly in mode `external`. */
  readonly uri: string | undefined;
}

export interface MonitoringSettings {
  /** `managed`: SageMaker Model Monitor, for its existing customers; `self-hosted`: a schedule of ours that starts a pipeline of ours. */
  readonly mode: "managed" | "self-hosted" | "off";
  /** Whether the schedule runs. */
  readonly enabled: boolean;
  readonly everyHours: number;
  readonly instanceType: string;
}

export interface DeployerSettings {
  /** `owner/name` on GitHub; undefined makes no roles for CI. */
  readonly repository: string | undefined;
  readonly branch: string;
  /** GitHub environment whose protection rules guard the deployer; undefined trusts the branch alone. */
  readonly environment: string | undefined;
  /** Identity provider that exists in the account already; undefined makes one. */
  readonly oidcProviderArn: string | undefined;
}

/** Services that AWS closed to new customers and that settings of ours can ask for. */
const closedServices = ["model-monitor"] as const;

const trackingModes = ["app", "tracking-server", "external"] as const;
const monitoringModes = ["managed", "self-hosted", "off"] as const;
const serverSizes = ["Small", "Medium", "Large"] as const;

export function readTracking(read: Reader): TrackingSettings {
  const mode = read.oneOf("peregrine:trackingMode", trackingModes, (text) => text as TrackingSettings["mode"]);
  const uri = read.optional("peregrine:trackingUri", /^https?:\/\/\S+$/, "the URL of an MLflow tracking server");
  if (mode === "external" && !uri)
    read.problem(
      "peregrine:trackingUri",
      "is missing; peregrine:trackingMode is external, so say where that MLflow is",
    );
  if (mode !== "external" && uri)
    read.problem(
      "peregrine:trackingUri",
      `is set, but peregrine:trackingMode is ${mode}, which makes an MLflow of its own; set the mode to external or leave the URI empty`,
    );
  return {
    mode,
    uri,
    serverSize: read.oneOf(
      "peregrine:trackingServerSize",
      serverSizes,
      (text) => text as TrackingSettings["serverSize"],
    ),
  };
}

/** @param processing instance types that processing jobs may run on. */
export function readMonitoring(read: Reader, processing: readonly string[]): MonitoringSettings {
  const customerOf = read.list(
    "peregrine:existingCustomerOf",
    new RegExp(`^(${closedServices.join("|")})$`),
    `a service of this list: ${closedServices.join(", ")}`,
  );
  const mode = read.oneOf("peregrine:monitoringMode", monitoringModes, (text) => text as MonitoringSettings["mode"]);
  if (mode === "managed" && !customerOf.includes("model-monitor"))
    read.problem(
      "peregrine:monitoringMode",
      "managed is SageMaker Model Monitor, closed to new customers since 2026-07-30; use self-hosted, or name model-monitor in peregrine:existingCustomerOf if this account used it before",
    );
  return {
    mode,
    enabled: read.boolean("peregrine:monitoringEnabled"),
    // Model Monitor runs hourly to daily.
    everyHours: read.oneOf("peregrine:monitoringEveryHours", ["1", "2", "3", "4", "6", "8", "12", "24"], Number),
    instanceType: read.oneOf(
      "peregrine:monitoringInstanceType",
      processing,
      String,
      "a SageMaker processing instance type such as ml.m5.xlarge",
    ),
  };
}

export function readDeployer(read: Reader): DeployerSettings {
  return {
    repository: read.optional(
      "peregrine:ciRepository",
      /^[A-Za-z0-9-]{1,39}\/[\w.-]{1,100}$/,
      "a GitHub repository such as owner/name",
    ),
    branch: read.text("peregrine:ciBranch", /^[A-Za-z0-9][\w./-]{0,254}$/, "a branch without wildcards"),
    environment: read.optional(
      "peregrine:ciEnvironment",
      /^[A-Za-z0-9][\w. -]{0,254}$/,
      "the name of a GitHub environment",
    ),
    oidcProviderArn: read.optional(
      "peregrine:ciOidcProviderArn",
      /^arn:aws[a-z-]*:iam::\d{12}:oidc-provider\/\S+$/,
      "the ARN of an IAM OIDC provider",
    ),
  };
}
