import type { AlertArea } from "../../contract/alerts";
import type { Limit } from "./limit";

/** What an environment's limits are, from its settings. */
export interface ForecastLimits {
  /** mAP50 that live answers have to reach, 0 to 1. */
  readonly map50: number;
  /** Of the model, per request, in milliseconds. */
  readonly latencyMs: number;
  /** Of the instances' disks, per cent. */
  readonly diskPercent: number;
  /** Instances that autoscaling never goes above. */
  readonly maxInstances: number;
  /** Requests a minute that one instance is to answer. */
  readonly invocationsPerInstance: number;
  /** Budget of a month, USD. */
  readonly monthlyUsd: number;
}

/** The series that are forecast. */
export const watchedSeries = ["quality", "estimated-quality", "latency", "disk", "instances", "spend"] as const;
export type WatchedSeries = (typeof watchedSeries)[number];

/** What a series is, for people and for forecasts. */
export interface Watched {
  /** At the beginning of a sentence. */
  readonly title: string;
  readonly unit: string;
  /** Which team is told. */
  readonly area: AlertArea;
  readonly limit: Limit;
  /** Whether its level may differ from one release to the next. */
  readonly ofRelease: boolean;
  /** Whether it adds up from the first of the month on; its horizon is the end of the month. */
  readonly monthly: boolean;
  /** Whether training again may help. */
  readonly trainable: boolean;
  /** What to type next, as it stands. */
  readonly command: string;
}

/** How far ahead is looked, in days: time enough to label, train, approve and release. */
export const horizonDays = 28;

/** @param environment whose series it is: commands name it. */
export function watchedOf(series: WatchedSeries, limits: ForecastLimits, environment: string): Watched {
  const level = { monthly: false, trainable: false, ofRelease: false } as const;
  const above = (value: number): Limit => ({ value, breach: "above" });
  const quality: Omit<Watched, "title"> = {
    ...{ unit: "", area: "model", limit: { value: limits.map50, breach: "below" } },
    ...{ ofRelease: true, monthly: false, trainable: true },
    command: `npx peregrine label export to-label --stack ${environment}`,
  };
  switch (series) {
    case "quality":
      return { ...quality, title: "mAP50 on what people labelled" };
    case "estimated-quality":
      return { ...quality, title: "mAP50 as it is estimated without labels" };
    case "latency":
      return {
        ...{ ...level, title: "Model latency (95th percentile)", unit: "ms", area: "serving" },
        ...{ limit: above(limits.latencyMs), ofRelease: true, command: "npx peregrine status" },
      };
    case "disk":
      return {
        ...{ ...level, title: "Disk use of the endpoint's instances", unit: "%", area: "serving" },
        ...{ limit: above(limits.diskPercent), command: "npx peregrine status" },
      };
    case "instances":
      return {
        ...{ ...level, title: "Instances needed in the busiest hour", unit: "instances", area: "serving" },
        limit: above(limits.maxInstances),
        command: `pulumi config set peregrine:servingMaxInstances ${limits.maxInstances + 1} --stack ${environment}`,
      };
    case "spend":
      return {
        ...{ ...level, title: "Spend of the month", unit: "USD", area: "platform" },
        ...{ limit: above(limits.monthlyUsd), monthly: true },
        command: `npx peregrine cost plan --stack ${environment} --state`,
      };
  }
}
