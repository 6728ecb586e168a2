import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import { type Summary, writePages } from "../../scripts/rehearsal/summary";
import { makeTemporaryFolder } from "../support/temporary-folder";

const summary: Summary = {
  ok: false,
  seconds: 12.3,
  setupSeconds: 1,
  steps: [
    { name: "First", ok: true, seconds: 2, facts: { resources: 3, page: "dashboard/index.html" } },
    { name: "Second", ok: false, seconds: 1, facts: {}, error: "a <b> | c" },
  ],
  requests: { sent: 10, failed: 1 },
  leftovers: 0,
  unimplemented: 0,
  models: [{ package: "arn:x", map50: 0.41 }],
};

describe("pages of a rehearsal", () => {
  const folder = makeTemporaryFolder("summary");
  after(() => rmSync(folder, { recursive: true }));
  const pages = writePages(folder, summary, [
    {
      name: "a.png",
      contentType: "image/png",
      body: Buffer.from("x"),
      width: 40,
      height: 30,
      detections: [{ name: "tree", confidence: 0.5, box: [1, 2, 11, 22] }],
    },
  ]);

  it("say plainly that it failed, and what", () => {
    const text = readFileSync(pages.markdown, "utf8");
    assert.match(text, /FAILED in 12\.3 s/);
    assert.match(text, /\| FAILED \| Second \| 1\.0 \| a <b> \\\| c \|/);
  });

  it("escape what a failure says, link to the pages beside them, and draw each detection at its place", () => {
    const html = readFileSync(pages.html, "utf8");
    assert.match(html, /a &lt;b&gt; \| c/);
    assert.match(html, /resources 3, page <a href="dashboard\/index\.html">dashboard\/index\.html<\/a>/);
    assert.match(html, /<rect x="1" y="2" width="10" height="20"/);
  });
});
