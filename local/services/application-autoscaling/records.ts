import type { Cloud } from "../../cloud";
import type { Members } from "../../members";
import { AwsError } from "../../errors";
import type { Table } from "../../journal";

export interface ScalableTarget {
  readonly arn: string;
  readonly namespace: string;
  readonly resourceId: string;
  readonly dimension: string;
  readonly min: number;
  readonly max: number;
  readonly roleArn: string;
  readonly suspended: Members;
  readonly createdMs: number;
}

export interface ScalingPolicy {
  readonly arn: string;
  readonly name: string;
  readonly namespace: string;
  readonly resourceId: string;
  readonly dimension: string;
  readonly type: string;
  readonly input: Members;
  readonly createdMs: number;
  readonly lastScaledMs?: number;
}

export interface ScheduledAction {
  readonly arn: string;
  readonly name: string;
  readonly namespace: string;
  readonly resourceId: string;
  readonly dimension: string;
  readonly input: Members;
  readonly createdMs: number;
}

export interface ScalingActivity {
  readonly id: string;
  readonly namespace: string;
  readonly resourceId: string;
  readonly dimension: string;
  readonly description: string;
  readonly cause: string;
  readonly status: "Successful" | "Failed";
  readonly message: string;
  readonly startMs: number;
}

/** The one namespace and dimension that are scaled here. */
export const NAMESPACE = "sagemaker";
export const DIMENSION = "sagemaker:variant:DesiredInstanceCount";

/** What Application Auto Scaling keeps: targets, and what hangs on them. */
export class ScalingRecords {
  readonly targets: Table<ScalableTarget>;
  readonly policies: Table<ScalingPolicy>;
  readonly actions: Table<ScheduledAction>;
  readonly activities: Table<ScalingActivity>;
  readonly tags: Table<Record<string, string>>;

  constructor(cloud: Cloud) {
    this.targets = cloud.journal.table("application-autoscaling/targets");
    this.policies = cloud.journal.table("application-autoscaling/policies");
    this.actions = cloud.journal.table("application-autoscaling/actions");
    this.activities = cloud.journal.table("application-autoscaling/activities");
    this.tags = cloud.journal.table("application-autoscaling/tags");
  }
}

/** Variants of an endpoint that are scalable targets. */
export function scaledVariants(cloud: Cloud, endpoint: string): string[] {
  const own = [...new ScalingRecords(cloud).targets.values()].filter(
    ({ namespace, dimension }) => namespace === NAMESPACE && dimension === DIMENSION,
  );
  return own
    .map(({ resourceId }) => variantOf(resourceId))
    .flatMap((one) => (one.endpoint === endpoint ? [one.variant] : []));
}

/** Endpoint and variant of `endpoint/<name>/variant/<name>`. */
export function variantOf(resourceId: string): { endpoint: string; variant: string } {
  const [, endpoint = "", variant = ""] = /^endpoint\/([^/]+)\/variant\/([^/]+)$/.exec(resourceId) ?? [];
  return { endpoint, variant };
}

export function keyOfRow(row: { namespace: string; resourceId: string; dimension: string }): string {
  return [row.namespace, row.resourceId, row.dimension].join("|");
}

export function keyOf(input: Members): string {
  return [input.ServiceNamespace, input.ResourceId, input.ScalableDimension].join("|");
}

export function matches(input: Members) {
  return (row: { namespace: string; resourceId: string; dimension: string }): boolean =>
    row.namespace === input.ServiceNamespace &&
    (!input.ResourceId || row.resourceId === input.ResourceId) &&
    (!input.ScalableDimension || row.dimension === input.ScalableDimension);
}

export function about(input: Members): string {
  return `service namespace: ${input.ServiceNamespace}, resource ID: ${input.ResourceId}, scalable dimension: ${input.ScalableDimension}`;
}

export function notFound(message: string): AwsError {
  return new AwsError("ObjectNotFoundException", message);
}
