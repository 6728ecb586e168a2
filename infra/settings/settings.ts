import * as pulumi from "@pulumi/pulumi";
import { environments, type EnvironmentName } from "../../contract/environments";
import { jobVolumes } from "../../contract/hosts/disks";
import { hostFor, jobObstacles } from "../../contract/hosts/inference";
import { type AccountsSettings, readAccounts } from "./accounts";
import { type AuditSettings, readAudit } from "./audit";
import { type CostSettings, readCost } from "./cost";
import { type NetworkSettings, readNetwork } from "./network";
import { type Problem, Reader } from "./reader";
import instanceTypes from "../../contract/hosts/instance-types.json";
import { type AlertRoute, readAlertRoutes } from "./alerts";
import {
  type DeployerSettings,
  type MonitoringSettings,
  readDeployer,
  readMonitoring,
  readTracking,
  type TrackingSettings,
} from "./operations";
import { type PeopleSettings, readPeople } from "./people";
import { readStudio, type StudioSettings } from "./studio";

/** An environment's settings, checked. The meaning of each is in `Pulumi.yaml`, the source of `docs/configuration.md`. */
export interface Settings {
  readonly environment: EnvironmentName;
  readonly region: string;
  /** AWS profile; undefined lets the SDK's default chain decide (CodeBuild, CI). */
  readonly profile: string | undefined;
  readonly allowedAccountIds: readonly string[];
  readonly owner: string;
  readonly costCenter: string;
  /** `goldenPrefix`: images that nobody trains on, to test releases with; undefined where the dataset's own test split is taken. */
  readonly dataset: { readonly bucket: string; readonly prefix: string; readonly goldenPrefix: string | undefined };
  readonly image: { readonly tag: string; readonly ownsRepository: boolean; readonly builds: boolean };
  readonly retention: {
    readonly captureDays: number;
    readonly runDays: number;
    readonly logDays: number;
    readonly keyDeletionDays: number;
    readonly eventDays: number;
  };
  readonly deleteWithContents: boolean;
  readonly training: TrainingSettings;
  readonly serving: ServingSettings;
  readonly delivery: DeliverySettings;
  /** Under which licence the served models are used; undefined where nobody decided yet. */
  readonly modelLicence: string | undefined;
  readonly accounts: AccountsSettings;
  readonly network: NetworkSettings;
  readonly audit: AuditSettings;
  readonly cost: CostSettings;
  /** ARNs of those who alone may delete or disable keys; none leaves it to the account's IAM policies. */
  readonly keyAdministrators: readonly string[];
  readonly people: PeopleSettings;
  readonly studio: StudioSettings;
  readonly tracking: TrackingSettings;
  readonly monitoring: MonitoringSettings;
  readonly alertRoutes: readonly AlertRoute[];
  readonly deployer: DeployerSettings;
}

export interface TrainingSettings {
  readonly instanceType: string;
  readonly processingInstanceType: string;
  readonly spot: boolean;
  readonly maxHours: number;
  readonly modelVariant: (typeof modelVariants)[number];
  readonly epochs: number;
  readonly imageSize: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly freezeLayers: number;
  readonly seed: number;
  readonly minMap50: number;
  readonly minGain: number;
}

export interface ServingSettings {
  readonly instanceType: string;
  readonly minInstances: number;
  readonly maxInstances: number;
  readonly invocationsPerInstance: number;
  readonly capturePercent: number;
  readonly rollout: {
    readonly kind: (typeof rollouts)[number];
    readonly stepPercent: number;
    readonly waitSeconds: number;
    readonly bakeSeconds: number;
  };
  readonly latencyP90Ms: number;
  readonly errorPercent: number;
}

export interface DeliverySettings {
  /** Environments that approved packages are released to by themselves, in order; none leaves it to people. */
  readonly targets: readonly EnvironmentName[];
  /** Pulumi backend of release builds; undefined when their image knows it. */
  readonly backendUrl: string | undefined;
}

export const modelVariants = ["yolo11n", "yolo11s", "yolo11m", "yolo11l", "yolo11x"] as const;
const rollouts = ["all-at-once", "canary", "linear"] as const;
/** The periods that CloudWatch Logs offers (PutRetentionPolicy). */
const logPeriods = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** Settings that cannot work: all of them at once. Printed by the engine without a stack. */
export class InvalidSettings extends pulumi.RunError {
  constructor(
    readonly stackName: string,
    readonly problems: readonly Problem[],
  ) {
    const lines = problems.map(({ propertyPath, reason }) => `  - ${propertyPath}: ${reason}`);
    super(
      `${problems.length} problem${problems.length === 1 ? "" : "s"} in the settings of stack ${stackName}:\n${lines.join("\n")}\n` +
        `Correct them in Pulumi.${stackName}.yaml or by: pulumi config set KEY VALUE --stack ${stackName}`,
    );
  }
}

/** The stack's settings. The only place that reads Pulumi's configuration. @throws InvalidSettings with every problem found. */
export function loadSettings(): Settings {
  const stack = pulumi.getStack();
  const { settings, problems } = validate(stack, pulumi.runtime.allConfig());
  if (!settings) throw new InvalidSettings(stack, problems);
  return settings;
}

/** Settings from raw configuration (`namespace:key` to text), or every problem in it. Pure. */
export function validate(
  stack: string,
  config: Readonly<Record<string, string>>,
): { settings?: Settings; problems: readonly Problem[] } {
  const read = new Reader(config);
  const serving = readServing(read);
  const people = readPeople(read);
  const settings: Settings = {
    environment: read.stackName(stack, environments),
    region: read.text("aws:region", /^[a-z]{2}(-[a-z]+)+-\d$/, "an AWS region such as eu-central-1"),
    profile: read.optional("aws:profile"),
    allowedAccountIds: read.list("peregrine:allowedAccountIds", /^\d{12}$/, "12-digit account ids"),
    // Tag values: 256 characters of this alphabet (Resource Groups Tagging API).
    owner: read.text("peregrine:owner", /^[\w .:/=+@-]{1,256}$/, "a tag value"),
    costCenter: read.text("peregrine:costCenter", /^[\w .:/=+@-]{1,256}$/, "a tag value"),
    dataset: {
      bucket: read.text("peregrine:datasetBucket", /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "a bucket name"),
      prefix: read.text("peregrine:datasetPrefix", /^([^/]+\/)+$/, "a prefix that ends with a slash, such as flights/"),
      goldenPrefix: read.optional(
        "peregrine:goldenPrefix",
        /^([^/]+\/)+$/,
        "a prefix that ends with a slash, such as golden/",
      ),
    },
    image: {
      tag: read.text("peregrine:imageTag", /^\w[\w.-]{0,127}$/, "an image tag"),
      ownsRepository: read.boolean("peregrine:ownsImageRepository"),
      builds: read.boolean("peregrine:imageBuilds"),
    },
    retention: {
      captureDays: read.integer("peregrine:captureRetentionDays", 1, 3650),
      runDays: read.integer("peregrine:runRetentionDays", 1, 3650),
      logDays: read.oneOf("peregrine:logRetentionDays", logPeriods.map(String), Number),
      keyDeletionDays: read.integer("peregrine:keyDeletionDays", 7, 30),
      eventDays: read.integer("peregrine:eventRetentionDays", 1, 3650),
    },
    deleteWithContents: read.boolean("peregrine:deleteWithContents"),
    training: readTraining(read),
    serving,
    delivery: readDelivery(read, stack),
    modelLicence: read.optional("peregrine:modelLicence", /^[\w .:/=+@-]{1,256}$/, "a tag value such as AGPL-3.0"),
    accounts: readAccounts(read),
    network: readNetwork(read),
    audit: readAudit(read),
    cost: readCost(read, serving),
    keyAdministrators: read.list(
      "peregrine:keyAdministrators",
      /^arn:aws[a-z-]*:iam::\d{12}:(user|role)\/[^*?]+$/,
      "ARNs of IAM users or roles, without wildcards",
    ),
    people,
    studio: readStudio(read, people.members),
    tracking: readTracking(read),
    monitoring: readMonitoring(read, instanceTypes.processing),
    alertRoutes: readAlertRoutes(read),
    deployer: readDeployer(read),
  };
  const { prefix, goldenPrefix } = settings.dataset;
  if (goldenPrefix && (goldenPrefix.startsWith(prefix) || prefix.startsWith(goldenPrefix)))
    read.problem(
      "peregrine:goldenPrefix",
      `is ${goldenPrefix}, and training takes all of ${prefix}: images to test with lie beside the dataset`,
    );
  // Builds push to the repository, so they belong where it is made.
  if (settings.image.builds && !settings.image.ownsRepository)
    read.problem(
      "peregrine:imageBuilds",
      "is true, but peregrine:ownsImageRepository is not: images are built where the repository is made",
    );
  // Jobs would find no way to it, and training would fail at its first metric, after it was paid for.
  if (settings.tracking.mode === "external" && settings.network.mode === "private")
    read.problem(
      "peregrine:trackingMode",
      "is external, but peregrine:networkMode is private, which leads to AWS's services only; choose networkMode nat, or trackingMode app",
    );
  read.rejectUnknown("peregrine:");
  return read.problems.length === 0 ? { settings, problems: [] } : { problems: read.problems };
}

function readTraining(read: Reader): TrainingSettings {
  const training: TrainingSettings = {
    instanceType: read.oneOf(
      "peregrine:trainingInstanceType",
      instanceTypes.training,
      String,
      "a SageMaker training instance type such as ml.g4dn.xlarge",
    ),
    processingInstanceType: read.oneOf(
      "peregrine:processingInstanceType",
      instanceTypes.processing,
      String,
      "a SageMaker processing instance type such as ml.m5.xlarge",
    ),
    spot: read.boolean("peregrine:trainingSpot"),
    maxHours: read.integer("peregrine:trainingMaxHours", 1, 120),
    modelVariant: read.oneOf(
      "peregrine:modelVariant",
      modelVariants,
      (text) => text as TrainingSettings["modelVariant"],
    ),
    epochs: read.integer("peregrine:epochs", 1, 5000),
    imageSize: read.integer("peregrine:imageSize", 32, 4096),
    batchSize: read.integer("peregrine:batchSize", 1, 1024),
    learningRate: read.number("peregrine:learningRate", 1e-6, 1),
    freezeLayers: read.integer("peregrine:freezeLayers", 0, 24),
    seed: read.integer("peregrine:seed", 0, 2 ** 31 - 1),
    minMap50: read.number("peregrine:minMap50", 0, 1),
    minGain: read.number("peregrine:minGain", -1, 1),
  };
  if (training.imageSize % 32 !== 0)
    read.problem(
      "peregrine:imageSize",
      `is ${training.imageSize}; it must be a multiple of 32, the largest stride of YOLO11`,
    );
  for (const [key, type, gigabytes] of [
    ["trainingInstanceType", training.instanceType, jobVolumes.training],
    ["processingInstanceType", training.processingInstanceType, jobVolumes.processing],
  ] as const)
    for (const obstacle of jobObstacles(type, { gigabytes }))
      read.problem(`peregrine:${key}`, `is ${type}, which ${obstacle}`);
  // Evaluation is a processing job on the training instance type.
  if (
    instanceTypes.training.includes(training.instanceType) &&
    !instanceTypes.processing.includes(training.instanceType)
  )
    read.problem(
      "peregrine:trainingInstanceType",
      `${training.instanceType} trains but cannot run the evaluation, which is a processing job`,
    );
  return training;
}

function readServing(read: Reader): ServingSettings {
  const serving: ServingSettings = {
    instanceType: read.oneOf(
      "peregrine:servingInstanceType",
      instanceTypes.hosting,
      String,
      "a SageMaker hosting instance type such as ml.g5.xlarge",
    ),
    minInstances: read.integer("peregrine:servingMinInstances", 1, 100),
    maxInstances: read.integer("peregrine:servingMaxInstances", 1, 100),
    invocationsPerInstance: read.integer("peregrine:invocationsPerInstance", 1, 1_000_000),
    capturePercent: read.integer("peregrine:capturePercent", 1, 100),
    rollout: {
      kind: read.oneOf("peregrine:rollout", rollouts, (text) => text as ServingSettings["rollout"]["kind"]),
      stepPercent: read.integer("peregrine:rolloutStepPercent", 10, 50),
      waitSeconds: read.integer("peregrine:rolloutWaitSeconds", 0, 3600),
      bakeSeconds: read.integer("peregrine:bakeSeconds", 0, 3600),
    },
    latencyP90Ms: read.integer("peregrine:latencyP90Ms", 1, 60_000),
    errorPercent: read.integer("peregrine:errorPercent", 1, 100),
  };
  const host = hostFor(serving.instanceType);
  if (host.verdict === "unfit")
    read.problem("peregrine:servingInstanceType", `is ${serving.instanceType}, which ${host.reason}`);
  if (serving.maxInstances < serving.minInstances)
    read.problem(
      "peregrine:servingMaxInstances",
      `is ${serving.maxInstances}, below peregrine:servingMinInstances (${serving.minInstances})`,
    );
  // A canary takes at most half of the fleet (CapacitySize): of one instance there is no half.
  if (serving.rollout.kind !== "all-at-once" && serving.minInstances < 2)
    read.problem(
      "peregrine:rollout",
      `${serving.rollout.kind} needs peregrine:servingMinInstances of at least 2, not ${serving.minInstances}`,
    );
  return serving;
}

function readDelivery(read: Reader, stack: string): DeliverySettings {
  const key = "peregrine:releaseTargets";
  const targets = (read.optional(key) ?? "")
    .split(",")
    .map((name) => name.trim())
    .filter(Boolean);
  const allowed = environments.filter((name) => name !== stack);
  const wrong = targets.filter(
    (name, index) => !(allowed as readonly string[]).includes(name) || targets.indexOf(name) < index,
  );
  if (wrong.length > 0)
    read.problem(
      key,
      `names ${wrong.join(", ")}; expected each of ${allowed.join(", ")} at most once, and never the registry's own environment`,
    );
  return {
    targets: targets as EnvironmentName[],
    backendUrl: read.optional(
      "peregrine:releaseBackendUrl",
      /^[a-z][a-z0-9+.-]*:\/\/\S+$/,
      "the URL of a Pulumi backend, such as s3://your-state-bucket?region=eu-central-1&awssdk=v2&profile=ab",
    ),
  };
}
