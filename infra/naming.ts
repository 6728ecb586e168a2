import { createHash } from "node:crypto";
import { namePrefix } from "../contract/names";

/**
 * Longest name of a resource type, with its source. A type that is not here cannot be named: look its limit up first.
 */
export const nameLimits = {
  // S3 user guide, bucket naming rules.
  bucket: 63,
  // IAM API: RoleName 64, PolicyName 128.
  role: 64,
  policy: 128,
  // SageMaker API reference: EndpointName, EndpointConfigName, ModelName, ModelPackageGroupName 63; PipelineName 256.
  endpoint: 63,
  endpointConfiguration: 63,
  model: 63,
  modelPackageGroup: 63,
  pipeline: 256,
  mlflowApp: 256,
  // KMS API: AliasName 256, "alias/" included.
  keyAlias: 250,
  // Lambda API: FunctionName 64 without ARN.
  function: 64,
  // SNS 256, SQS 80, EventBridge rule 64.
  topic: 256,
  queue: 80,
  eventRule: 64,
  // CloudTrail API: trail names 3 to 128. Budgets API: BudgetName 100. Cost Explorer: MonitorName, SubscriptionName
  // 1024. EventBridge Scheduler: 64.
  trail: 128,
  budget: 100,
  anomalyMonitor: 1024,
  schedule: 64,
  // SageMaker developer guide, "Pipelines step permissions", custom prefixes: 38 characters for training and processing
  // jobs.
  jobPrefix: 38,
  // CodeBuild user guide, "Quotas": 2 to 150 characters.
  buildProject: 150,
  // CloudWatch: AlarmName 255, DashboardName 255; Application Auto Scaling PolicyName 256, ScheduledActionName 1600.
  alarm: 255,
  dashboard: 255,
  scalingPolicy: 256,
  // SageMaker API reference: DomainName, UserProfileName, SpaceName, StudioLifecycleConfigName, MonitoringScheduleName
  // 63; TrackingServerName 256.
  studioDomain: 63,
  userProfile: 63,
  space: 63,
  studioLifecycleConfig: 63,
  monitoringSchedule: 63,
  trackingServer: 256,
  // EventBridge API reference: EventBusName 256, ArchiveName 48. EventBridge Scheduler: group and schedule 64.
  eventBus: 256,
  eventArchive: 48,
  scheduleGroup: 64,
  // Chat configurations (AWS Chatbot API): 128.
  chatConfiguration: 128,
  scheduledAction: 1600,
} as const;

export type NamedType = keyof typeof nameLimits;

/**
 * Characters that Pulumi adds to the logical name where a name must be free for replacement: a hyphen and 7 hex digits.
 */
const autonameSuffix = 8;

/** Physical names of one environment: `peregrine-<environment>-<parts>`. */
export class Names {
  constructor(readonly environment: string) {}

  get prefix(): string {
    return namePrefix(this.environment);
  }

  /**
   * The name, cut and closed by a digest of the whole where the type's limit is shorter.
   * @throws Error for a type without a known limit.
   */
  of(type: NamedType, ...parts: readonly string[]): string {
    return shorten([this.prefix, ...parts].join("-"), limitOf(type));
  }

  /**
   * A logical name that leaves room for Pulumi's random suffix, with a digest of what the resource will contain. For
   * immutable resources of which an old and a new one must exist at the same time: the digest makes a change a new
   * resource, the suffix lets content return whose earlier resource was kept.
   */
  ofContent(type: NamedType, content: unknown, ...parts: readonly string[]): string {
    const digest = contentDigest(content);
    return `${shorten([this.prefix, ...parts].join("-"), limitOf(type) - autonameSuffix - digest.length - 1)}-${digest}`;
  }
}

function limitOf(type: NamedType): number {
  const limit = nameLimits[type];
  if (limit === undefined)
    throw new Error(`no name limit is known for ${String(type)}; add it to infra/naming.ts with its source`);
  return limit;
}

function shorten(name: string, limit: number): string {
  if (name.length <= limit) return name;
  const digest = createHash("sha256").update(name).digest("hex").slice(0, 8);
  return `${name.slice(0, limit - digest.length - 1)}-${digest}`;
}

/** 12 hexadecimal digits of the SHA-256 of a value; the order of object keys does not matter. */
export function contentDigest(content: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify(sorted(content)))
    .digest("hex")
    .slice(0, 12);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}
