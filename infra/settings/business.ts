import { type FeedbackMeasure, feedbackMeasures, type KpiDefinition, type KpiSource } from "../../contract/kpi";
import type { Demand } from "./problems";
import { list, type Values } from "./setting";

const number = "-?\\d+(?:\\.\\d+)?";
const statistics = ["Average", "Sum", "Minimum", "Maximum"] as const;

const form =
  'a KPI of the form "<name> <unit>/<image or day> <higher or lower> <owner> <source>" and, where they are known, usd=<from>..<to>, target=<number>, relevant=<number>, in this order, such as "false-calls calls/image lower inspection feedback:wrong usd=2..6 target=0.2"; sources: feedback:right, feedback:wrong, feedback:missed, csv, metric:<statistic>:<namespace>:<name> and :<dimension>=<value> for each dimension';
const kpi = new RegExp(
  `^([a-z][a-z0-9-]{0,31}) ([a-z][a-z-]{0,31})/(image|day) (higher|lower) ([a-z][a-z0-9-]{0,31}) (\\S{1,300})(?: usd=(${number})\\.\\.(${number}))?(?: target=(${number}))?(?: relevant=(${number}))?$`,
);

/** A function's environment variables have 4 kB together ("Lambda quotas"). */
const maxCatalogue = 3000;

export const businessSettings = {
  kpis: list(kpi, form, {
    meaning:
      "Business metrics that releases are judged by, each `name unit/per better owner source`, then `usd=`, `target=` and `relevant=`: what a unit is worth from and to, what is wanted, and what is too little to matter. Sources: labels (`feedback:right`, `feedback:wrong`, `feedback:missed`, all per image), a table that the business delivers (`csv`), a CloudWatch metric. See docs/business.md.",
    default: [
      "false-calls calls/image lower inspection feedback:wrong",
      "missed-objects objects/image lower inspection feedback:missed",
    ],
    example: "false-calls calls/image lower inspection feedback:wrong usd=2..6 target=0.2",
  }),
};
type BusinessValues = Values<typeof businessSettings>;

export const businessDemands: readonly Demand<BusinessValues>[] = [
  {
    of: ["kpis"],
    *clashes({ kpis }) {
      const known = new Set<string>();
      for (const [index, text] of kpis.entries()) {
        const read = kpiOf(text);
        if (!read) {
          // What the form lets pass and is no source is blamed here; the form itself has its own sentence.
          if (kpi.test(text))
            yield { name: "kpis", index, reason: `${JSON.stringify(text)} has no source; expected ${form}` };
          continue;
        }
        if (known.has(read.name)) yield { name: "kpis", index, reason: `two KPIs are called ${read.name}` };
        known.add(read.name);
        if (read.source.kind === "feedback" && read.per !== "image")
          yield {
            name: "kpis",
            index,
            reason: `${read.name} comes from labels, which are of images: its unit ends with /image`,
          };
        if (read.usd && read.usd[0] > read.usd[1])
          yield { name: "kpis", index, reason: `usd of ${read.name} goes from the lower to the higher value` };
        if (read.usd && read.usd[0] < 0)
          yield { name: "kpis", index, reason: `usd of ${read.name} is what better is worth, 0 or more` };
        if (read.relevant !== undefined && read.relevant <= 0)
          yield { name: "kpis", index, reason: `relevant of ${read.name} is a size, above 0` };
      }
    },
  },
  {
    of: ["kpis"],
    *clashes({ kpis }) {
      const length = JSON.stringify(kpisOf(kpis)).length;
      if (length > maxCatalogue)
        yield { name: "kpis", reason: `is ${length} characters as the function gets it; ${maxCatalogue} is the most` };
    },
  },
];

/** The catalogue: those of the texts that are KPIs. */
export function kpisOf(texts: readonly string[]): KpiDefinition[] {
  return texts.flatMap((text) => kpiOf(text) ?? []);
}

function kpiOf(text: string): KpiDefinition | undefined {
  const [, name, unit, per, better, owner, from, low, high, target, relevant] = kpi.exec(text) ?? [];
  const source = from === undefined ? undefined : sourceOf(from);
  if (name === undefined || source === undefined) return undefined;
  return {
    name,
    unit: unit!,
    per: per as KpiDefinition["per"],
    better: better as KpiDefinition["better"],
    ...(low === undefined ? {} : { usd: [Number(low), Number(high)] as [number, number] }),
    ...(target === undefined ? {} : { target: Number(target) }),
    ...(relevant === undefined ? {} : { relevant: Number(relevant) }),
    owner: owner!,
    source,
  };
}

function sourceOf(text: string): KpiSource | undefined {
  if (text === "csv") return { kind: "csv" };
  const measure = /^feedback:(.+)$/.exec(text)?.[1];
  if (measure !== undefined)
    return feedbackMeasures.includes(measure as FeedbackMeasure)
      ? { kind: "feedback", measure: measure as FeedbackMeasure }
      : undefined;
  const [kind, statistic, namespace, metric, ...dimensions] = text.split(":");
  const pairs = dimensions.map((one) => /^([^=]+)=(.+)$/.exec(one)?.slice(1));
  if (kind !== "metric" || !namespace || !metric || pairs.includes(undefined)) return undefined;
  if (!statistics.includes(statistic as (typeof statistics)[number])) return undefined;
  return {
    kind: "metric",
    statistic: statistic as (typeof statistics)[number],
    namespace,
    metric,
    dimensions: Object.fromEntries(pairs as [string, string][]),
  };
}
