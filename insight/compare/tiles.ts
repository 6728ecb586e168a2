import { escapeHtml } from "../../contract/html";
import type { Picture } from "./comparison";
import type { TileOutcome } from "./outcomes";
import type { Disagreement } from "./quality";

/** A tile once for each model, side by side, with what each one answered to it. */
export function disagreementHtml(
  { tile, of }: Disagreement,
  names: readonly string[],
  classes: readonly string[],
  picture: Picture | undefined,
): string {
  const what = `${tile.flight}, ${tile.light}, altitude ${tile.altitude}${tile.derived ? " (derived)" : ""}`;
  const figures = of.map((outcome, model) => {
    const { right, wrong, missed } = counts(outcome);
    const said = `${right} right, ${wrong} wrong, ${missed} missed`;
    return `<figure><svg viewBox="0 0 ${tile.width} ${tile.height}" role="img" aria-label="${escapeHtml(`${names[model]!} on ${tile.file}: ${said}`)}">${
      picture
        ? `<image href="data:${escapeHtml(picture.contentType)};base64,${picture.body.toString("base64")}" width="${tile.width}" height="${tile.height}"/>`
        : `<rect width="${tile.width}" height="${tile.height}" fill="#555"/>`
    }${boxesSvg(outcome, classes)}</svg><figcaption>${escapeHtml(names[model]!)}: ${said}</figcaption></figure>`;
  });
  return `<section class="tile"><h3>${escapeHtml(tile.file)}</h3><p>${escapeHtml(what)}${picture ? "" : "; the picture could not be read"}</p><div class="pair">${figures.join("")}</div></section>`;
}

function counts({ true: boxes, shown }: TileOutcome): { right: number; wrong: number; missed: number } {
  const right = shown.filter((answer) => answer[6] === 1).length;
  return { right, wrong: shown.length - right, missed: boxes.filter((box) => box[5] === 0).length };
}

/** Right answers are whole lines, wrong ones dashed, missed objects dotted: kinds that colour alone need not tell. */
function boxesSvg({ true: boxes, shown, width }: TileOutcome, classes: readonly string[]): string {
  const stroke = Math.max(1, width / 160).toFixed(1);
  const rectangle = (corners: readonly number[], kind: string, title: string) =>
    `<rect x="${corners[0]!}" y="${corners[1]!}" width="${Math.max(0, corners[2]! - corners[0]!).toFixed(1)}" height="${Math.max(0, corners[3]! - corners[1]!).toFixed(1)}" class="${kind}"><title>${escapeHtml(title)}</title></rect>`;
  const name = (label: number) => classes[label] ?? String(label);
  return `<g fill="none" stroke-width="${stroke}">${boxes
    .filter((box) => box[5] === 0)
    .map((box) => rectangle(box, "missed", `missed ${name(box[4])}`))
    .join("")}${shown
    .map((answer) =>
      rectangle(
        answer,
        answer[6] === 1 ? "right" : "wrong",
        `${answer[6] === 1 ? "right" : "wrong"}: ${name(answer[4])} ${(100 * answer[5]).toFixed(0)} %`,
      ),
    )
    .join("")}</g>`;
}
