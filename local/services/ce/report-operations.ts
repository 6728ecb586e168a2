import type {
  GetCostAndUsageCommandInput,
  GetCostAndUsageCommandOutput,
  GetTagsCommandInput,
  GetTagsCommandOutput,
  Group,
  MetricValue,
  ResultByTime,
} from "@aws-sdk/client-cost-explorer";
import { costChecks } from "../../checks/costs";
import type { Cloud } from "../../cloud";
import { type Fidelity, operation } from "../../operation";
import { page } from "../pages";
import type { Bill, Line } from "./bill";
import { keysBy, testOf } from "./filter";
import { interval, isEstimated, type Period, reportPeriod, steps } from "./periods";
import { anywhere } from "./requirements";

/** Groups on a page; AWS gives no number, so it is believed. */
const PAGE_GROUPS = 500;

const billed: Fidelity = {
  level: "simulated",
  note: "The bill is usage times the price list that the local cloud was given, by the hour. Used and billed are: instances of endpoints from their launch to their end, both fleets of an update included; training and processing jobs by `BillableTimeInSeconds`, with the volumes of instances that bring none; apps of Studio; builds; functions' calls and GB-seconds; KMS keys and requests; alarms; requests to S3, SNS, SQS and Cost Explorer; custom events. Not billed: what is recorded alone (networks, budgets), stored bytes, log lines, metrics, dashboards, trails, data in and out of endpoints, serverless variants, spot prices below on demand, free tiers and tax. Usage comes to the bill at once, or so many hours after its own began as `local start --bill-after` says, cloud time; AWS: within 24 hours",
};

/** All metrics of costs are the same here: one account, no reservations, no credits. */
const costs = new Set(["UnblendedCost", "BlendedCost", "AmortizedCost", "NetUnblendedCost", "NetAmortizedCost"]);

export const reportOperations = (cloud: Cloud, bill: Bill) => ({
  GetCostAndUsage: operation<GetCostAndUsageCommandInput, GetCostAndUsageCommandOutput>({
    requires: anywhere,
    fidelity: billed,
    handle: ({ TimePeriod, Granularity, Filter, Metrics, GroupBy: groupBy = [], NextPageToken }) => {
      if (Granularity === "HOURLY") throw costChecks.hourly();
      const nowMs = cloud.clock.nowMs();
      const period = reportPeriod(TimePeriod, nowMs);
      const wrong = Metrics.find((metric) => !costs.has(metric) && metric !== "UsageQuantity");
      if (wrong !== undefined) throw costChecks.metrics(wrong);
      const test = testOf(Filter);
      const keysOf = keysBy(groupBy);
      const lines = bill.lines().filter(test);
      const rows = steps(period, Granularity).flatMap((step) => {
        const own = within(lines, step);
        const groups = groupBy.length > 0 ? groupsOf(own, keysOf, Metrics) : [undefined];
        return groups.length > 0 ? groups.map((group) => ({ step, own, group })) : [{ step, own, group: undefined }];
      });
      const { items, next } = page(rows, NextPageToken, PAGE_GROUPS);
      const results = new Map<number, ResultByTime & { Groups: Group[] }>();
      for (const { step, own, group } of items) {
        const result = results.get(step.startMs) ?? {
          TimePeriod: interval(step),
          Total: groupBy.length > 0 ? {} : metricsOf(own, Metrics),
          Groups: [],
          Estimated: isEstimated(step, nowMs),
        };
        if (group) result.Groups.push(group);
        results.set(step.startMs, result);
      }
      return {
        ...(groupBy.length > 0 ? { GroupDefinitions: groupBy } : {}),
        ResultsByTime: [...results.values()],
        DimensionValueAttributes: [],
        ...(next ? { NextPageToken: next } : {}),
      };
    },
  }),

  GetTags: operation<GetTagsCommandInput, GetTagsCommandOutput>({
    requires: anywhere,
    fidelity: billed,
    handle: ({ TimePeriod, TagKey, SearchString = "", Filter, MaxResults = 1000, NextPageToken }) => {
      const period = reportPeriod(TimePeriod, cloud.clock.nowMs());
      const lines = within(bill.lines(), period).filter(testOf(Filter));
      const found = lines.flatMap(({ tags }) => (TagKey === undefined ? Object.keys(tags) : [tags[TagKey] ?? ""]));
      const all = [...new Set(found)].filter((tag) => tag.includes(SearchString)).sort();
      const { items, next } = page(all, NextPageToken, MaxResults);
      return {
        Tags: items,
        ReturnSize: items.length,
        TotalSize: all.length,
        ...(next ? { NextPageToken: next } : {}),
      };
    },
  }),
});

function within(lines: readonly Line[], { startMs, endMs }: Period): Line[] {
  return lines.filter(({ hourMs }) => hourMs >= startMs && hourMs < endMs);
}

function groupsOf(lines: readonly Line[], keysOf: (line: Line) => string[], metrics: readonly string[]): Group[] {
  const groups = new Map<string, { keys: string[]; lines: Line[] }>();
  for (const line of lines) {
    const keys = keysOf(line);
    const id = JSON.stringify(keys);
    const group = groups.get(id) ?? { keys, lines: [] };
    group.lines.push(line);
    groups.set(id, group);
  }
  return [...groups.entries()]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([, { keys, lines: own }]) => ({ Keys: keys, Metrics: metricsOf(own, metrics) }));
}

function metricsOf(lines: readonly Line[], metrics: readonly string[]): Record<string, MetricValue> {
  const sum = (of: (line: Line) => number): string => String(lines.reduce((total, line) => total + of(line), 0));
  const units = new Set(lines.map(({ unit }) => unit));
  return Object.fromEntries(
    metrics.map((metric) => [
      metric,
      costs.has(metric)
        ? { Amount: sum(({ usd }) => usd), Unit: "USD" }
        : { Amount: sum(({ quantity }) => quantity), Unit: units.size === 1 ? [...units][0]! : "N/A" },
    ]),
  );
}
