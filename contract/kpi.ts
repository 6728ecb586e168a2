import { z } from "zod";
import { prefixes } from "./places";

/**
 * What the parts agree on about business metrics (KPIs): what one is, where its values come from, and how they are kept.
 * The catalogue is the setting `kpis`; see `docs/business.md`.
 */

/** What labels say about a labelled image, as a KPI counts it. */
export const feedbackMeasures = ["right", "wrong", "missed"] as const;
export type FeedbackMeasure = (typeof feedbackMeasures)[number];

/** Where values of a KPI come from. */
const kpiSource = z.discriminatedUnion("kind", [
  /** Labels of answers: detections that are right, that are wrong, and objects that were missed, of an image. */
  z.strictObject({ kind: z.literal("feedback"), measure: z.enum(feedbackMeasures) }),
  /** `kpiTableKey`, which the business delivers. */
  z.strictObject({ kind: z.literal("csv") }),
  /** A metric that somebody publishes to CloudWatch. */
  z.strictObject({
    kind: z.literal("metric"),
    statistic: z.enum(["Average", "Sum", "Minimum", "Maximum"]),
    namespace: z.string().min(1),
    metric: z.string().min(1),
    dimensions: z.record(z.string(), z.string()),
  }),
]);
export type KpiSource = Readonly<z.infer<typeof kpiSource>>;

export const kpiDefinition = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/),
  /** What is counted, such as `calls`. */
  unit: z.string().min(1),
  /** What a value is of: one image, or one day. Multiplied with so many of them, an effect becomes an amount. */
  per: z.enum(["image", "day"]),
  better: z.enum(["higher", "lower"]),
  /** What one unit more or less is worth, USD, from and to; absent where nobody put a price on it. */
  usd: z.tuple([z.number().nonnegative(), z.number().nonnegative()]).optional(),
  target: z.number().optional(),
  /** Effects smaller than this, either way, matter to nobody; absent where nobody said. */
  relevant: z.number().positive().optional(),
  owner: z.string().min(1),
  source: kpiSource,
});
export type KpiDefinition = Readonly<z.infer<typeof kpiDefinition>>;
export const kpiCatalogue = z.array(kpiDefinition);

/** `calls/image` */
export function kpiUnit({ unit, per }: Pick<KpiDefinition, "unit" | "per">): string {
  return `${unit}/${per}`;
}

/** Namespace of the KPIs that the platform publishes; the metric is the KPI's name, the dimension `EndpointName`. */
export function kpiNamespace(environment: string): string {
  return `Peregrine/${environment}/business`;
}

/** A table that the business delivers: a head line, and a line for each value. */
export function kpiTableKey(name: string): string {
  return `${prefixes.business}${name}.csv`;
}

/** Values of KPIs that labels gave, kept for longer than the monitoring keeps labels. */
export const kpiRowsPrefix = `${prefixes.watch}kpis/`;
export function kpiRowsKey(name: string): string {
  return `${kpiRowsPrefix}${name}.json`;
}

/** One value of a KPI. */
export const kpiRow = z.strictObject({
  /** ISO 8601 date in UTC. */
  day: z.iso.date(),
  value: z.number(),
  /** Images behind the value; 1 where nothing is said. */
  weight: z.number().positive().optional(),
  /** What was randomised, or goes its own way: a flight, a site. */
  unit: z.string().min(1).max(256).optional(),
  /** Whose answers it is about: a variant of an experiment, or a release. */
  arm: z.string().min(1).max(256).optional(),
  /** When the first and the last of its images were answered, where that is known: experiments begin within days. */
  from: z.iso.datetime({ offset: true }).optional(),
  until: z.iso.datetime({ offset: true }).optional(),
});
export type KpiRow = Readonly<z.infer<typeof kpiRow>>;

/** What is kept of a KPI (`kpiRowsKey`). */
export const kpiRowsDocument = z.strictObject({
  version: z.literal(1),
  definition: kpiDefinition,
  /** First day on which it was defined like this: an effect of what came later was asked about before it was seen. */
  since: z.iso.date(),
  /** Last day whose values were published. */
  published: z.iso.date().optional(),
  rows: z.array(kpiRow),
});
export type KpiRowsDocument = Readonly<z.infer<typeof kpiRowsDocument>>;
