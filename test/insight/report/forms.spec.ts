import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { projectDir } from "../../../automation/project-dir";
import { makeReport, reportFormats } from "../../../insight/report/files";
import type { Report } from "../../../insight/report/report";
import { platform } from "../platform";
import { reportFacts } from "./facts";

/** Digests of all forms, for this process and for another one. */
export async function digests(): Promise<string[]> {
  const { files } = await makeReport({ ...reportFacts(), platform: platform() }, reportFormats);
  return [...files].map(([name, body]) => `${name} ${createHash("sha256").update(body).digest("hex")}`);
}

describe("the forms of a report", () => {
  it("are the same bytes twice, in another process and in another time zone, and take less than ten seconds", async () => {
    const started = performance.now();
    const here = await digests();
    assert.ok(performance.now() - started < 10_000);
    const there = execFileSync(process.execPath, ["-r", "./scripts/register.cjs", "-e", script], {
      cwd: projectDir,
      encoding: "utf8",
      env: { ...process.env, TZ: "Pacific/Auckland", LANG: "de_DE.UTF-8" },
    });
    assert.deepEqual(there.trim().split("\n"), here);
    assert.deepEqual(await digests(), here);
  }).timeout(60_000);

  it("say the same: every missed target with owner and next action, every recommendation, every unknown", async () => {
    const { report, files } = await makeReport({ ...reportFacts(), platform: platform() }, ["html", "md", "json"]);
    const html = unescaped(String(files.get("report.html")));
    const markdown = String(files.get("report.md")).replace(/\\(.)/g, "$1").replaceAll("&amp;", "&");
    const told = JSON.parse(String(files.get("report.json"))) as Report;
    assert.deepEqual(
      told.missed.map(({ id }) => id),
      report.missed.map(({ id }) => id),
    );
    for (const text of [html, markdown])
      for (const wanted of [
        report.verdict.sentence,
        ...report.answers.map(({ answer }) => answer),
        ...report.missed.flatMap(({ owner, action, command }) => [owner, action, command]),
        ...report.recommendations.map(({ action }) => action),
        ...report.unknowns,
      ])
        assert.ok(text.includes(wanted), wanted);
  });

  it("have two pages of paper and an appendix, the first with missed targets and recommendations", async () => {
    const { files } = await makeReport({ ...reportFacts(), platform: platform() }, ["pdf"]);
    const pages = (files.get("report.pdf") as Buffer).toString("latin1").match(/\/Type \/Page\b/g)!.length;
    assert.equal(pages, 3);
  });

  it("let no text from outside be markup, and load nothing", async () => {
    const outside = (text: string) => `${text}<img src=x onerror=alert(1)>`;
    const { files } = await makeReport({ ...reportFacts(), platform: platform({ outside }) }, ["html"]);
    const html = String(files.get("report.html"));
    assert.ok(html.includes("&lt;img"));
    assert.deepEqual(html.match(/.{80}<(img|script)/), null);
    assert.ok(/default-src (&#39;|')none(&#39;|'); style-src (&#39;|')sha256-/.test(html));
  });
});

const unescaped = (html: string): string =>
  html
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&gt;", ">")
    .replaceAll("&lt;", "<")
    .replaceAll("&amp;", "&");

const script = `globalThis.describe = () => {};
require(${JSON.stringify(join(projectDir, "test/insight/report/forms.spec.ts"))})
  .digests()
  .then((all) => console.log(all.join("\\n")));`;
