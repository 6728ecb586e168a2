import type { TopLevelSpec } from "vega-lite";
import { type Bucket, bucketsOf, type Series } from "../read-model/series";
import { config, drawChart } from "./draw";

/** A line of a chart. */
export interface ChartLine {
  readonly label: string;
  readonly series: Series;
  /** What values are multiplied with, such as 0.001 for microseconds in milliseconds. */
  readonly scale?: number;
}

export interface TimeChart {
  /** For who cannot see it. */
  readonly description: string;
  readonly unit: string;
  readonly lines: readonly ChartLine[];
  /** Drawn as a dashed line. */
  readonly objective?: { readonly value: number; readonly label: string };
  /** What happened meanwhile, such as releases. */
  readonly marks: readonly { readonly at: string; readonly label: string }[];
  /** Both in ISO 8601. */
  readonly from: string;
  readonly to: string;
  /** The axis begins at 0. */
  readonly zero?: boolean;
}

/** Slots of a chart: one for each two or three of its pixels. */
const slots = 200;
/** Colours of the style sheet, so that one picture serves light, dark and paper. */
const colours = ["var(--line-1)", "var(--line-2)", "var(--line-3)"];

/**
 * A chart as SVG, the same bytes for the same values; no script, no style, nothing from elsewhere.
 * @returns undefined where no line has a value.
 */
export async function drawTimeChart(chart: TimeChart): Promise<string | undefined> {
  if (chart.lines.every(({ series }) => series.values.length === 0)) return undefined;
  return drawChart(specOf(chart), chart.description);
}

function specOf({ unit, lines, objective, marks, from, to, zero = true }: TimeChart): TopLevelSpec {
  const x = {
    field: "at",
    type: "temporal",
    scale: { type: "utc", domain: [Date.parse(from), Date.parse(to)] },
    axis: { title: null, tickCount: 6, grid: false },
  } as const;
  const points = lines.flatMap(({ label, series, scale = 1 }) =>
    withGaps(bucketsOf(series, slots)).map((bucket) =>
      "gap" in bucket
        ? { at: bucket.at, label, mean: null, low: null, high: null }
        : { at: bucket.at, label, mean: bucket.mean * scale, low: bucket.low * scale, high: bucket.high * scale },
    ),
  );
  const color = {
    field: "label",
    type: "nominal",
    scale: { domain: lines.map(({ label }) => label), range: colours.slice(0, lines.length) },
    legend:
      lines.length > 1
        ? { title: null, orient: "top", symbolType: "square", symbolSize: 36, symbolOpacity: 1, offset: 14 }
        : null,
  } as const;
  const single = points.length < 60;
  const y = { type: "quantitative", scale: { zero }, axis: { title: unit, tickCount: 4 } } as const;
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    width: 540,
    height: 150,
    background: "transparent",
    padding: 2,
    autosize: { type: "fit", contains: "padding" },
    config,
    layer: [
      // From the lowest to the highest of a slot, where they differ.
      ...(points.some(({ low, high }) => low !== null && low < high)
        ? [
            {
              data: { values: points },
              mark: { type: "area" as const, opacity: 0.14 },
              encoding: { x, y: { ...y, field: "low" }, y2: { field: "high" }, color },
            },
          ]
        : []),
      {
        data: { values: points },
        mark: {
          type: "line",
          strokeWidth: 1.6,
          interpolate: "linear",
          point: single ? { size: 22, filled: true } : false,
        },
        encoding: { x, y: { ...y, field: "mean" }, color },
      },
      ...(objective
        ? [
            {
              data: { values: [{ y: objective.value, label: objective.label }] },
              mark: { type: "rule" as const, strokeDash: [4, 3], color: "var(--warn)" },
              encoding: { y: { ...y, field: "y" } },
            },
          ]
        : []),
      ...(marks.length > 0
        ? [
            {
              data: { values: marks.map(({ at, label }) => ({ at: Date.parse(at), label })) },
              mark: { type: "rule" as const, color: "var(--soft)", strokeWidth: 1, strokeDash: [1, 2] },
              encoding: { x },
            },
            {
              data: { values: marks.map(({ at, label }) => ({ at: Date.parse(at), label })) },
              mark: {
                type: "text" as const,
                align: "left" as const,
                baseline: "bottom" as const,
                dx: -2,
                dy: -2,
                fontSize: 10,
                color: "var(--soft)",
              },
              encoding: { x, y: { value: 0 }, text: { field: "label" } },
            },
          ]
        : []),
    ],
  } as TopLevelSpec;
}

/** So many times the usual distance between values is a time without any: no line is drawn through it. */
const gapFactor = 6;

function withGaps(buckets: readonly Bucket[]): (Bucket | { readonly at: number; readonly gap: true })[] {
  const distances = buckets.slice(1).map(({ at }, index) => at - buckets[index]!.at);
  const usual = distances.toSorted((one, other) => one - other)[Math.floor(distances.length / 2)] ?? 0;
  return buckets.flatMap((bucket, index) => {
    const before = buckets[index - 1];
    const gap = before && bucket.at - before.at > gapFactor * usual;
    return gap ? [{ at: (before.at + bucket.at) / 2, gap: true as const }, bucket] : [bucket];
  });
}

/** A series as a line without axes, for a tile. */
export function sparkline({ times, values, query }: Series): string | undefined {
  const buckets = bucketsOf({ times, values, query }, 60);
  if (buckets.length < 2) return undefined;
  const [first, last] = [buckets[0]!.at, buckets.at(-1)!.at];
  const means = buckets.map(({ mean }) => mean);
  const [low, high] = [Math.min(...means), Math.max(...means)];
  const points = buckets.map(
    ({ at, mean }) =>
      `${((120 * (at - first)) / (last - first)).toFixed(1)},${(22 - (20 * (mean - low)) / (high - low || 1)).toFixed(1)}`,
  );
  return `<svg class="spark" viewBox="0 0 120 24" preserveAspectRatio="none" aria-hidden="true"><polyline points="${points.join(" ")}" fill="none" stroke="var(--line-1)" stroke-width="1.5" vector-effect="non-scaling-stroke"/></svg>`;
}
