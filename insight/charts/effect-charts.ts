import type { TopLevelSpec } from "vega-lite";
import type { CounterfactualDay } from "../../lifecycle/effect/result";
import type { TornadoBar } from "../../lifecycle/effect/roi";
import { config, drawChart } from "./draw";

const size = { width: 540, height: 150 } as const;
const common = {
  $schema: "https://vega.github.io/schema/vega-lite/v6.json",
  background: "transparent",
  padding: 2,
  autosize: { type: "fit", contains: "padding" },
  config,
} as const;

/** What a KPI was, and the band of what it would have been expected to be without the change. */
export function drawCounterfactual(
  course: readonly CounterfactualDay[],
  { unit, change, description }: { readonly unit: string; readonly change: string; readonly description: string },
): Promise<string> {
  const values = course.map(({ day, ...rest }) => ({ at: Date.parse(day), ...rest }));
  const x = { field: "at", type: "temporal", scale: { type: "utc" }, axis: { title: null, tickCount: 6, grid: false } };
  const y = { type: "quantitative", scale: { zero: false }, axis: { title: unit, tickCount: 4 } };
  const after = values.filter(({ at }) => at > Date.parse(change));
  const line = (field: string, color: string, more: object = {}) => ({
    data: { values },
    mark: { type: "line", strokeWidth: 1.6, color, ...more },
    encoding: { x, y: { ...y, field } },
  });
  return drawChart(
    {
      ...common,
      ...size,
      layer: [
        {
          data: { values: after },
          mark: { type: "area", opacity: 0.18, color: "var(--line-2)" },
          encoding: { x, y: { ...y, field: "low" }, y2: { field: "high" } },
        },
        line("expected", "var(--line-2)", { strokeDash: [4, 3] }),
        line("value", "var(--line-1)"),
        {
          data: { values: [{ at: Date.parse(change) }] },
          mark: { type: "rule", color: "var(--soft)", strokeDash: [1, 2] },
          encoding: { x },
        },
      ],
    } as unknown as TopLevelSpec,
    description,
  );
}

/** Bars of how much each input moves the net, the widest first. */
export function drawTornado(bars: readonly TornadoBar[], description: string): Promise<string> {
  const colours = { measured: 1, billed: 2, estimated: 2, assumed: 3 } as const;
  const kinds = [...new Set(bars.map(({ known }) => known))];
  const order = bars.map(({ input }) => input);
  return drawChart(
    {
      ...common,
      width: size.width,
      height: 24 + 22 * bars.length,
      data: { values: [...bars] },
      layer: [
        {
          mark: { type: "bar", height: 14 },
          encoding: {
            y: { field: "input", type: "nominal", sort: order, axis: { title: null, labelLimit: 220 } },
            x: { field: "low", type: "quantitative", axis: { title: "net, USD", tickCount: 5 } },
            x2: { field: "high" },
            color: {
              field: "known",
              type: "nominal",
              scale: { domain: kinds, range: kinds.map((kind) => `var(--line-${colours[kind]})`) },
              legend: { title: null, orient: "top", symbolType: "square" },
            },
          },
        },
        { mark: { type: "rule", color: "var(--soft)" }, encoding: { x: { datum: 0 } } },
      ],
    } as unknown as TopLevelSpec,
    description,
  );
}
