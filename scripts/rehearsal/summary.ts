import { mkdirSync, writeFileSync } from "node:fs";
import { escapeHtml } from "../../contract/html";
import { join } from "node:path";
import { elapsed } from "../terminal";

export type Facts = Readonly<Record<string, string | number | boolean>>;

/** One step of the rehearsal, as it went. */
export interface StepRecord {
  readonly name: string;
  readonly ok: boolean;
  readonly seconds: number;
  readonly facts: Facts;
  /** The error, where the step failed. */
  readonly error?: string;
}

/** What a rehearsal proved; written by `--summary FILE` and the source of the pages. */
export interface Summary {
  ok: boolean;
  seconds: number;
  setupSeconds: number;
  steps: StepRecord[];
  requests: { sent: number; failed: number };
  leftovers: number;
  unimplemented: number;
  models: { package: string; map50: number }[];
}

/** A real image with what the production endpoint found on it. */
export interface Sample {
  readonly name: string;
  readonly contentType: string;
  readonly body: Buffer;
  readonly width: number;
  readonly height: number;
  readonly detections: readonly {
    readonly name: string;
    readonly confidence: number;
    readonly box: readonly [number, number, number, number];
  }[];
}

/** Writes `summary.md` and `summary.html` into a folder. @returns their paths. */
export function writePages(
  folder: string,
  summary: Summary,
  samples: readonly Sample[],
  profilePage?: string,
): { markdown: string; html: string } {
  mkdirSync(folder, { recursive: true });
  const markdown = join(folder, "summary.md");
  const html = join(folder, "summary.html");
  writeFileSync(markdown, markdownOf(summary));
  writeFileSync(html, htmlOf(summary, samples, profilePage));
  return { markdown, html };
}

const headline = (summary: Summary) =>
  `${summary.ok ? "Passed" : "FAILED"} in ${elapsed(summary.seconds * 1000)} (and ${elapsed(summary.setupSeconds * 1000)} of set-up): ` +
  `${summary.requests.sent} requests, ${summary.requests.failed} failed; ${summary.leftovers} leftovers; ${summary.unimplemented} unimplemented operations`;

const factsText = (facts: Facts) =>
  Object.entries(facts)
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");

function markdownOf(summary: Summary): string {
  const rows = summary.steps.map(
    (step) =>
      `| ${step.ok ? "ok" : "FAILED"} | ${step.name} | ${step.seconds.toFixed(1)} | ${(step.error ?? factsText(step.facts)).replaceAll("\n", " ").replaceAll("|", "\\|")} |`,
  );
  const models = summary.models.map((model) => `- ${model.package}: mAP50 ${model.map50.toFixed(3)}`);
  return [
    "# Rehearsal",
    "",
    headline(summary),
    "",
    "| | step | seconds | result |",
    "|---|---|---|---|",
    ...rows,
    "",
    "## Models",
    "",
    ...models,
    "",
  ].join("\n");
}

/** The same with links: what is called a page lies beside this one. */
const factsHtml = (facts: Facts) =>
  Object.entries(facts)
    .map(([name, value]) => {
      const text = escapeHtml(String(value));
      return name === "page" ? `page <a href="${text}">${text}</a>` : `${escapeHtml(name)} ${text}`;
    })
    .join(", ");

/** An image with its detections as an overlay; everything inline, so the page can be mailed. */
function figure(sample: Sample): string {
  const stroke = Math.max(1, sample.width / 200);
  const boxes = sample.detections.map(({ name, confidence, box: [x1, y1, x2, y2] }) => {
    const label = `${name} ${(confidence * 100).toFixed(0)} %`;
    return `<rect x="${x1}" y="${y1}" width="${x2 - x1}" height="${y2 - y1}" stroke-opacity="${(0.35 + 0.65 * confidence).toFixed(2)}"><title>${escapeHtml(label)}</title></rect>`;
  });
  return `<figure><svg viewBox="0 0 ${sample.width} ${sample.height}" role="img" aria-label="${escapeHtml(sample.name)} with ${sample.detections.length} detections">
<image href="data:${sample.contentType};base64,${sample.body.toString("base64")}" width="${sample.width}" height="${sample.height}"/>
<g fill="none" stroke="#ffb000" stroke-width="${stroke.toFixed(1)}">${boxes.join("")}</g></svg>
<figcaption>${escapeHtml(sample.name)}: ${sample.detections.length} detections</figcaption></figure>`;
}

function htmlOf(summary: Summary, samples: readonly Sample[], profilePage?: string): string {
  const longest = Math.max(...summary.steps.map((step) => step.seconds), 0.1);
  const rows = summary.steps.map(
    (step) => `<tr class="${step.ok ? "ok" : "failed"}"><td>${step.ok ? "✓" : "✗"}</td><td>${escapeHtml(step.name)}</td>
<td class="number">${step.seconds.toFixed(1)} s<span class="bar" style="width:${((60 * step.seconds) / longest).toFixed(1)}px"></span></td>
<td>${step.error === undefined ? factsHtml(step.facts) : escapeHtml(step.error)}</td></tr>`,
  );
  const tiles = [
    [elapsed(summary.seconds * 1000), "whole rehearsal"],
    [String(summary.requests.sent), "requests sent"],
    [String(summary.requests.failed), "requests failed"],
    [
      summary.models.map(({ map50 }) => map50.toFixed(3)).join(" → ") || "–",
      "mAP50 of the models, in the order of training",
    ],
    [String(summary.leftovers), "resources left"],
  ].map(([value, label]) => `<div class="tile"><b>${escapeHtml(value!)}</b>${escapeHtml(label!)}</div>`);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>Peregrine rehearsal</title>
<style>
:root{color-scheme:light dark;--ink:#1b2733;--soft:#5b6b7b;--line:#dfe5ea;--page:#fff;--ok:#18794e;--bad:#c62a2f}
@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9aa7b4;--line:#2d3742;--page:#11161c;--ok:#4cc38a;--bad:#ff6369}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--page);max-width:1080px;margin:2rem auto;padding:0 1.25rem}
h1{font-size:1.6rem;margin:0}h2{font-size:1.1rem;margin:2.2rem 0 .6rem}p.verdict{color:${summary.ok ? "var(--ok)" : "var(--bad)"};margin:.3rem 0 1.2rem}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:.8rem}.tile{border:1px solid var(--line);border-radius:8px;padding:.8rem;color:var(--soft)}
.tile b{display:block;font-size:1.4rem;color:var(--ink);font-variant-numeric:tabular-nums}
table{border-collapse:collapse;width:100%}td{border-top:1px solid var(--line);padding:.45rem .6rem;vertical-align:top}td:first-child{color:var(--ok)}tr.failed td:first-child,tr.failed td:last-child{color:var(--bad);white-space:pre-wrap}
.number{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}.bar{display:block;height:3px;background:#ffb000;margin-left:auto;border-radius:2px}
.samples{display:grid;grid-template-columns:repeat(auto-fill,minmax(300px,1fr));gap:1rem}figure{margin:0}svg{width:100%;height:auto;border-radius:6px}figcaption{color:var(--soft);font-size:.85rem}
</style></head><body>
<h1>Peregrine rehearsal</h1><p class="verdict">${escapeHtml(headline(summary))}</p>
<div class="tiles">${tiles.join("")}</div>
<h2>Steps</h2><table>${rows.join("\n")}</table>
${profilePage ? `<p>The profile of the training data: <a href="${escapeHtml(profilePage)}">${escapeHtml(profilePage)}</a></p>` : ""}
${samples.length > 0 ? `<h2>What the production endpoint sees</h2><div class="samples">${samples.map(figure).join("\n")}</div>` : ""}
</body></html>
`;
}
