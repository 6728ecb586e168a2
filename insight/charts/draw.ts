import type { TopLevelSpec } from "vega-lite";
import { loadVega } from "./vega.cjs";

/** A chart as SVG, the same bytes for the same values; no script, no style, nothing from elsewhere. */
export async function drawChart(spec: TopLevelSpec, description: string): Promise<string> {
  const { vega, vegaLite } = await loadVega();
  const view = new vega.View(vega.parse(vegaLite.compile(spec).spec), { renderer: "none" });
  try {
    return named(await view.toSVG(), description);
  } finally {
    view.finalize();
  }
}

const font = "system-ui, sans-serif";
/** Colours of the style sheet, and its font. */
export const config = {
  font,
  view: { stroke: null },
  axis: {
    labelColor: "var(--soft)",
    titleColor: "var(--soft)",
    titleFontWeight: "normal",
    titleFontSize: 11,
    labelFontSize: 11,
    gridColor: "var(--line)",
    domainColor: "var(--line)",
    tickColor: "var(--line)",
    labelFont: font,
    titleFont: font,
  },
  legend: { labelColor: "var(--soft)", labelFontSize: 11, labelFont: font, labelLimit: 0 },
} as const;

/** One picture with one name, instead of a tree of its parts; as wide as its place. */
function named(svg: string, description: string): string {
  const text = description.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
  return svg
    .replace(/ (aria-(?!label=)[\w-]+|role)="[^"]*"/g, "")
    .replace(/ aria-label="[^"]*"/g, "")
    .replace(/^<svg ([^>]*?)width="\d+" height="\d+"/, `<svg role="img" aria-label="${text}" $1`);
}
