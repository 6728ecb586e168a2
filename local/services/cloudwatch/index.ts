import type { Cloud } from "../../cloud";
import type { Handler } from "../../operation";
import type { Service } from "../../service";
import { AlarmEngine } from "./alarms/engine";
import { AwsError } from "../../errors";
import { askAs } from "../../iam/asking";
import type { Principal } from "../../iam/principal";
import { alarmOperations } from "./alarms/operations";
import { dashboardOperations, type Dashboard } from "./dashboards";
import { metricOperations } from "./metric-operations";
import { MetricStore } from "./metric-store";
import { cloudWatchPermissions } from "./permissions";

/** CloudWatch: metrics, alarms that evaluate in cloud time, dashboards. Sets `cloud.internals.measure`. */
export function createCloudWatch(cloud: Cloud): Service {
  const store = new MetricStore(cloud.clock, cloud.stateDir);
  const engine = new AlarmEngine(cloud, store);
  const dashboards = cloud.journal.table<Dashboard>("cloudwatch/dashboards");
  const tags = cloud.journal.table<Record<string, string>>("cloudwatch/tags");
  const exists = (arn: string): boolean =>
    [...engine.alarms.values()].some((alarm) => alarm.arn === arn) ||
    [...dashboards.values()].some((one) => one.arn === arn);
  const tagsOf = (arn: string): Record<string, string> | undefined => (exists(arn) ? (tags.get(arn) ?? {}) : undefined);

  /** Whether a role may publish in a namespace. */
  const mayPublish = (role: Principal, Namespace: string): boolean => {
    try {
      askAs(cloud, role, ["cloudwatch", "PutMetricData"], { Namespace }, role.invokedBy ?? "monitoring.amazonaws.com");
      return true;
    } catch (error) {
      if (error instanceof AwsError) return false;
      throw error;
    }
  };
  cloud.internals.measure = (samples, role) => {
    const now = cloud.clock.nowMs();
    const refused = new Set(
      role &&
        [...new Set(samples.map(({ namespace }) => namespace))].filter((namespace) => !mayPublish(role, namespace)),
    );
    for (const { namespace, name, dimensions, value, unit } of samples)
      if (!refused.has(namespace)) store.add({ namespace, name, dimensions }, now, value, 1, unit);
  };

  return {
    id: "cloudwatch",
    operations: {
      ...metricOperations(cloud, store),
      ...alarmOperations(cloud, engine, tags),
      ...dashboardOperations(cloud, dashboards),
      ...tagOperations(tags, tagsOf),
    },
    permissions: cloudWatchPermissions(cloud),
    tagsOf,
    inventory: () => [
      ...[...engine.alarms.values()].map((alarm) => ({
        arn: alarm.arn,
        type: alarm.kind === "MetricAlarm" ? "AWS::CloudWatch::Alarm" : "AWS::CloudWatch::CompositeAlarm",
      })),
      ...[...dashboards.values()].map(({ arn }) => ({ arn, type: "AWS::CloudWatch::Dashboard" })),
    ],
    start: () => {
      store.start();
      engine.start();
    },
    stop: () => {
      engine.stop();
      store.stop();
    },
  };
}

function tagOperations(
  tags: { put(key: string, value: Record<string, string>): void },
  tagsOf: (arn: string) => Record<string, string> | undefined,
): Record<string, Handler> {
  const known = (arn: string): Record<string, string> => {
    const found = tagsOf(arn);
    if (!found) throw new AwsError("ResourceNotFoundException", `Unknown resource ${arn}`, 404);
    return found;
  };
  return {
    TagResource(input) {
      const added = (input["Tags"] as { Key: string; Value: string }[]).map(({ Key, Value }) => [Key, Value] as const);
      tags.put(input["ResourceARN"], { ...known(input["ResourceARN"]), ...Object.fromEntries(added) });
    },
    UntagResource(input) {
      const keys = input["TagKeys"] as string[];
      tags.put(
        input["ResourceARN"],
        Object.fromEntries(Object.entries(known(input["ResourceARN"])).filter(([key]) => !keys.includes(key))),
      );
    },
    ListTagsForResource: (input) => ({
      Tags: Object.entries(known(input["ResourceARN"])).map(([Key, Value]) => ({ Key, Value })),
    }),
  };
}
