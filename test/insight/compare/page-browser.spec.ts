import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { source as axeSource } from "axe-core";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { type Comparison, comparisonOf } from "../../../insight/compare/comparison";
import { comparisonPage } from "../../../insight/compare/page";
import { makeTemporaryFolder } from "../../support/temporary-folder";
import { chromiumPath } from "../chromium";
import { run } from "../runs/some-runs";
import { outcomes, tile } from "./some-outcomes";

const hostile = `<script>window.hurt=1</script><img src=x onerror="window.hurt=1">"'><svg onload=window.hurt=1>`;
/** A JPEG of one grey pixel. */
const pixel = Buffer.from(
  "/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////////////////////////////////////wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAA//EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AN//Z",
  "base64",
);

describe("the page of a comparison in a browser", function () {
  this.timeout(180_000);
  let browser: Browser;
  const folder = makeTemporaryFolder("comparison");

  before(async function () {
    const executablePath = chromiumPath();
    if (!executablePath) return this.skip();
    browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  });
  after(() => browser?.close());

  /** Two runs that share twelve tiles, about most of which they disagree. */
  const two = (outside: (text: string) => string): Comparison => {
    const tiles = (good: boolean) =>
      outcomes(
        ...Array.from({ length: 12 }, (_, at) =>
          tile(
            outside(`images/test/${at}.jpg`),
            2,
            [
              [0.9, good || at % 4 === 0 ? 1 : 0],
              [0.7, 1],
            ],
            {
              flight: outside("oak"),
              light: outside("day"),
            },
          ),
        ),
      );
    const subject = (id: string, value: number) => ({
      asked: outside(id),
      name: outside(`model ${id}`),
      run: run(id, { params: { [outside("lr0")]: outside(String(value)) }, metrics: { map50: value } }),
      facts: { package: outside("arn") },
      cost: { instanceType: outside("ml.g4dn.xlarge"), instances: 1, billableSeconds: 60 },
      gaps: [outside("a gap")],
    });
    const classes = [outside("tree")];
    return comparisonOf(
      [subject("a", 1), subject("b", 2)],
      [
        { ...tiles(false), classes },
        { ...tiles(true), classes },
      ],
    );
  };

  /** Opens a comparison as a file. @returns the page, and what was asked from elsewhere or complained about. */
  async function open(
    comparison: Comparison,
    options: BrowserContextOptions = {},
  ): Promise<{ page: Page; complaints: string[] }> {
    const file = join(folder, "comparison.html");
    writeFileSync(
      file,
      comparisonPage(comparison, new Map([["images/test/1.jpg", { contentType: "image/jpeg", body: pixel }]])),
    );
    const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })).newPage();
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("request", (request) => {
      if (!/^(file|data):/.test(request.url())) complaints.push(request.url());
    });
    await page.goto(pathToFileURL(file).href);
    return { page, complaints };
  }

  for (const colorScheme of ["light", "dark"] as const)
    it(`hinders nobody, says axe, in ${colorScheme}`, async () => {
      const { page, complaints } = await open(two(String), { colorScheme, bypassCSP: true });
      await page.evaluate(axeSource);
      const violations = (await page.evaluate("axe.run().then(({violations})=>violations)")) as {
        id: string;
        impact: string;
        nodes: { html: string }[];
      }[];
      assert.deepEqual(
        violations
          .filter(({ impact }) => impact === "serious" || impact === "critical")
          .map(({ id, nodes }) => `${id}: ${nodes[0]!.html}`),
        [],
      );
      assert.deepEqual(complaints, []);
      await page.context().close();
    });

  it("runs nothing of what came from outside, and asks nothing from elsewhere", async () => {
    const { page, complaints } = await open(two((text) => `${text} ${hostile}`));
    assert.equal(await page.evaluate("window.hurt"), undefined);
    assert.equal(await page.locator("script, img, iframe, object, svg[onload]").count(), 0);
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  it("is read without JavaScript, and on a narrow screen its tables scroll by themselves", async () => {
    const { page } = await open(two(String), { javaScriptEnabled: false, viewport: { width: 400, height: 800 } });
    assert.match(await page.locator("h1").innerText(), /Comparison of 2/);
    assert.ok(await page.getByText("B against A").first().isVisible());
    assert.equal(await page.locator("section.tile").count(), 6);
    assert.equal(await page.locator("polyline").count(), 2);
    const box = await page.locator("main").boundingBox();
    assert.ok(box!.width <= 400, `${box!.width} pixels`);
    await page.context().close();
  });
});
