import { escapeHtml } from "../../contract/html";
import type { QualityComparison } from "./quality";

/** Okabe and Ito's colours, which people with any kind of colour vision tell apart; lines differ by their dashes, too. */
const looks = [
  { colour: "#0072b2", dash: "" },
  { colour: "#d55e00", dash: "7 3" },
  { colour: "#009e73", dash: "2 3" },
  { colour: "#cc79a7", dash: "9 3 2 3" },
  { colour: "#e69f00", dash: "5 5" },
  { colour: "#56b4e9", dash: "1 4" },
] as const;

const size = 320;
const margin = { left: 44, right: 10, top: 10, bottom: 38 } as const;
const x = (recall: number) => margin.left + recall * (size - margin.left - margin.right);
const y = (precision: number) => size - margin.bottom - precision * (size - margin.top - margin.bottom);
const ticks = [0, 0.25, 0.5, 0.75, 1];

/**
 * Precision by recall of each model for one class, with the place of its own threshold.
 * @param names of the models, in the order of their curves.
 */
export function curveSvg(
  { classes, curves, operating }: QualityComparison,
  label: number,
  names: readonly string[],
): string {
  const lines = curves.map((own, model) => {
    const points = own[label];
    if (!points) return "";
    const { colour, dash } = looks[model % looks.length]!;
    const path = points.map(({ recall, precision }) => `${x(recall).toFixed(1)},${y(precision).toFixed(1)}`).join(" ");
    // The last recall whose answers are all at or above the threshold.
    const at = points.findLast(({ score }) => score !== undefined && score >= operating[model]!.confidence);
    const mark = at
      ? `<circle cx="${x(at.recall).toFixed(1)}" cy="${y(at.precision).toFixed(1)}" r="5" fill="${colour}"><title>${escapeHtml(`${names[model]!}: threshold ${operating[model]!.confidence}, recall ${at.recall.toFixed(2)}, precision ${at.precision.toFixed(2)}`)}</title></circle>`
      : "";
    return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2" stroke-dasharray="${dash}"/>${mark}`;
  });
  const grid = ticks.map(
    (tick) =>
      `<line x1="${x(tick)}" y1="${y(0)}" x2="${x(tick)}" y2="${y(1)}" class="grid"/><line x1="${x(0)}" y1="${y(tick)}" x2="${x(1)}" y2="${y(tick)}" class="grid"/>` +
      `<text x="${x(tick)}" y="${y(0) + 15}" text-anchor="middle">${tick}</text><text x="${x(0) - 6}" y="${y(tick) + 4}" text-anchor="end">${tick}</text>`,
  );
  const what = `Precision by recall for ${classes[label]!}`;
  return (
    `<figure><svg viewBox="0 0 ${size} ${size}" role="img" aria-label="${escapeHtml(`${what}; the dot is a model's own threshold`)}">` +
    `${grid.join("")}<text x="${x(0.5)}" y="${size - 6}" text-anchor="middle">recall</text>` +
    `<text x="12" y="${y(0.5)}" text-anchor="middle" transform="rotate(-90 12 ${y(0.5)})">precision</text>${lines.join("")}</svg>` +
    `<figcaption>${escapeHtml(what)}; the dot is a model's own threshold.</figcaption></figure>`
  );
}

/** Which line is whose. */
export function legendHtml(names: readonly string[]): string {
  const items = names.map((name, model) => {
    const { colour, dash } = looks[model % looks.length]!;
    return `<li><svg class="key" viewBox="0 0 40 10" aria-hidden="true"><line x1="0" y1="5" x2="40" y2="5" stroke="${colour}" stroke-width="3" stroke-dasharray="${dash}"/></svg> ${escapeHtml(name)}</li>`;
  });
  return `<ul class="legend">${items.join("")}</ul>`;
}
