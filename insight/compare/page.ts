import { escapeHtml } from "../../contract/html";
import { htmlPage } from "../../records/page";
import type { Comparison, Picture } from "./comparison";
import { curveSvg, legendHtml } from "./curves";
import type { FactRow } from "./facts";
import type { QualityComparison, QualityRow } from "./quality";
import { costCells, estimateText, factText, gainText, letter, subjectText } from "./text";
import { disagreementHtml } from "./tiles";

const style = `
body { max-width: 90rem; }
.scroll { overflow-x: auto; } th[scope=row] { font-weight: normal; } .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.best { font-weight: bold; } .best::after { content: " \\2605"; }
.curves, .pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); gap: 1rem; } figure { margin: 0; } figure svg { width: 100%; max-width: 32rem; height: auto; } svg text { fill: currentColor; font-size: 11px; } .grid { stroke: currentColor; stroke-opacity: .2; }
.legend { list-style: none; padding: 0; } .key { width: 2.5rem; height: .6rem; vertical-align: middle; }
.right { stroke: #00b894; } .wrong { stroke: #ff4d4f; stroke-dasharray: 6 3; } .missed { stroke: #ffd000; stroke-dasharray: 2 3; }
@media print { body { max-width: none; margin: 0; } section, figure, tr { break-inside: avoid; } .scroll { overflow: visible; } }`;

/** Facts of more are told one line each. */
const maxColumns = 8;
/** Tiles that are shown; the page says how many there are. */
export const shownTiles = 6;

/**
 * A comparison as a page of its own, which needs no script.
 * @param pictures of tiles, by their file.
 */
export function comparisonPage(comparison: Comparison, pictures: ReadonlyMap<string, Picture>): string {
  const { subjects, rows, alike, quality, compared } = comparison;
  const title = `Comparison of ${subjects.length}`;
  const names = compared.map((index) => `${letter(index)} ${subjects[index]!.name}`);
  const gaps = subjects.flatMap(({ gaps }, index) =>
    gaps.map((gap) => `<li>${letter(index)}: ${escapeHtml(gap)}</li>`),
  );
  const costs = subjects.flatMap(({ cost }, index) => (cost ? [[letter(index), ...costCells(cost)]] : []));
  return htmlPage(
    title,
    [
      `<main><h1>${title}</h1>`,
      `<ol type="A">${subjects.map((subject) => `<li>${escapeHtml(subjectText(subject))}</li>`).join("")}</ol>`,
      typeof quality === "string"
        ? `<p>No comparison by tile: ${escapeHtml(quality)}.</p>`
        : qualityHtml(quality, compared.map(letter), names, pictures),
      `<section><h2>What differs</h2>${rows.length > 0 ? factsHtml(rows, subjects.length) : "<p>Nothing.</p>"}<p>${alike} facts are the same in all.</p></section>`,
      ...(costs.length > 0
        ? [
            `<section><h2>What the training cost</h2>${tableHtml(["", "instance", "billed", "USD, on demand"], costs)}</section>`,
          ]
        : []),
      ...(gaps.length > 0 ? [`<section><h2>What could not be read</h2><ul>${gaps.join("")}</ul></section>`] : []),
      "</main>",
    ].join("\n"),
    { style, pictures: true },
  );
}

function qualityHtml(
  quality: QualityComparison,
  letters: readonly string[],
  names: readonly string[],
  pictures: ReadonlyMap<string, Picture>,
): string {
  const alone = quality.tilesOf.map((tiles, index) => `${letters[index]!} was evaluated with ${tiles}`).join(", ");
  const operating = quality.operating.map((one, index) => [
    letters[index]!,
    ...[one.confidence, one.right, one.wrong, one.missed].map(String),
    ...[one.precision, one.recall, one.f1].map((share) => share.toFixed(3)),
  ]);
  const tiles = quality.disagreements
    .slice(0, shownTiles)
    .map((one) => disagreementHtml(one, names, quality.classes, pictures.get(one.tile.file)));
  return [
    `<section><h2>Quality</h2><p>On the ${quality.tiles} real tiles that all of them answered (${escapeHtml(alone)}). Intervals hold 95 % of 1,000 draws of tiles with repetition, of slices 200; gains are paired by tile. Tiles of one flight are alike, so the intervals are rather too narrow.</p>`,
    `${qualityTable("", quality.rows, letters)}<h3>AP50 by class</h3>${qualityTable("class", quality.perClass, letters)}<h3>mAP50 by slice</h3>${qualityTable("slice", quality.slices, letters)}</section>`,
    `<section><h2>Precision and recall</h2>${legendHtml(names)}<div class="curves">${quality.classes.map((_, label) => curveSvg(quality, label, names)).join("")}</div>`,
    `<h3>At each one's own threshold</h3>${tableHtml(["", "confidence", "right", "wrong", "missed", "precision", "recall", "F1"], operating)}</section>`,
    `<section><h2>Tiles that they disagree about</h2><p>${quality.disagreements.length} of them; ${tiles.length} are shown, those with most differences first. Whole lines are right answers, dashed ones wrong, dotted ones objects that were missed.</p></section>${tiles.join("")}`,
  ].join("\n");
}

function qualityTable(head: string, rows: readonly QualityRow[], letters: readonly string[]): string {
  return tableHtml(
    [head, "tiles", "boxes", ...letters, ...letters.slice(1).map((one) => `${one} against ${letters[0]!}`)],
    rows.map(({ name, tiles, boxes, values, gains }) => [
      name,
      String(tiles),
      String(boxes),
      ...values.map(estimateText),
      ...gains.slice(1).map(gainText),
    ]),
  );
}

function factsHtml(rows: readonly FactRow[], subjects: number): string {
  const cell = (row: FactRow, index: number) => {
    const value = row.values[index];
    const classes = [...(typeof value === "number" ? ["number"] : []), ...(row.best === index ? ["best"] : [])];
    return `<td${classes.length > 0 ? ` class="${classes.join(" ")}"` : ""}>${escapeHtml(factText(value))}</td>`;
  };
  const every = Array.from({ length: subjects }, (_, index) => index);
  const heads = rows.map(({ kind, name }) => escapeHtml(`${kind}.${name}`));
  const body =
    subjects <= maxColumns
      ? {
          heads: every.map(letter),
          lines: rows.map(
            (row, at) => `<th scope="row">${heads[at]!}</th>${every.map((index) => cell(row, index)).join("")}`,
          ),
        }
      : {
          heads,
          lines: every.map(
            (index) => `<th scope="row">${letter(index)}</th>${rows.map((row) => cell(row, index)).join("")}`,
          ),
        };
  return `<div class="scroll" tabindex="0" role="region" aria-label="Facts that differ"><table><thead><tr><td></td>${body.heads.map((head) => `<th scope="col">${head}</th>`).join("")}</tr></thead><tbody>${body.lines.map((line) => `<tr>${line}</tr>`).join("\n")}</tbody></table></div>`;
}

function tableHtml(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const head = heads.map((text) => (text === "" ? "<td></td>" : `<th scope="col">${escapeHtml(text)}</th>`)).join("");
  const body = rows.map(
    ([first, ...rest]) =>
      `<tr><th scope="row">${escapeHtml(first!)}</th>${rest.map((text) => `<td>${escapeHtml(text)}</td>`).join("")}</tr>`,
  );
  return `<div class="scroll" tabindex="0" role="region" aria-label="${escapeHtml(heads.filter((text) => text !== "").join(", "))}"><table><thead><tr>${head}</tr></thead><tbody>${body.join("\n")}</tbody></table></div>`;
}
