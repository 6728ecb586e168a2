import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { source as axeSource } from "axe-core";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { exportDashboard, type Served, serveDashboard } from "../../scripts/dashboard/serve";
import { makeTemporaryFolder } from "../support/temporary-folder";
import { chromiumPath } from "./chromium";
import { platform } from "./platform";

/** What would run in a page that takes text for more than text. */
const hostile = `<script>window.hurt=1</script><img src=x onerror="window.hurt=1">"'><svg onload=window.hurt=1>javascript:window.hurt=1`;

/** What axe found that hinders people: serious or critical. */
interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string }[];
}

describe("the dashboard in a browser", function () {
  this.timeout(180_000);
  let browser: Browser;
  let served: Served;
  let readAt = 0;
  const folder = makeTemporaryFolder("dashboard");

  before(async function () {
    const executablePath = chromiumPath();
    if (!executablePath) return this.skip();
    browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
    served = await serveDashboard(
      () => {
        const facts = platform();
        return Promise.resolve({ ...facts, readAt: new Date(Date.parse(facts.readAt) + readAt).toISOString() });
      },
      0,
      100,
    );
    await exportDashboard(platform({ outside: (text) => `${text} ${hostile}` }), folder);
  });
  after(async () => {
    await browser?.close();
    await served?.close();
  });

  /** Opens a page, and gathers what the browser complains about. */
  async function open(url: string, options: BrowserContextOptions = {}): Promise<{ page: Page; complaints: string[] }> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(url);
    return { page, complaints };
  }

  const pages = async (): Promise<string[]> => {
    const { page } = await open(`${served.url}index.html`);
    const links = await page
      .locator("nav a, main a")
      .evaluateAll((all) => all.map((link) => (link as unknown as { href: string }).href));
    await page.context().close();
    return [...new Set(links.map((link) => link.replace(/#.*/, "")))].filter((link) => link.endsWith(".html"));
  };

  for (const colorScheme of ["light", "dark"] as const)
    it(`hinders nobody, says axe, in ${colorScheme}; and no page breaks its own rules`, async () => {
      const found = await pages();
      assert.ok(found.length >= 9, found.join(" "));
      for (const url of found) {
        const { page, complaints } = await open(url, { colorScheme, bypassCSP: true });
        await page.evaluate(axeSource);
        const violations = (await page.evaluate("axe.run().then(({violations})=>violations)")) as Violation[];
        const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
        assert.deepEqual(
          serious.map(({ id, nodes }) => `${id}: ${nodes[0]!.html}`),
          [],
          url,
        );
        assert.deepEqual(complaints, [], url);
        await page.context().close();
      }
    });

  it("runs nothing of what came from outside, in any page and file", async () => {
    for (const name of [
      "index",
      "model-prod",
      "model-staging",
      "rollout-staging",
      "business-prod",
      "cost",
      "incidents",
      "governance",
      "audit-prod",
    ]) {
      const { page, complaints } = await open(pathToFileURL(join(folder, `${name}.html`)).href);
      assert.equal(await page.evaluate("window.hurt"), undefined, name);
      assert.equal(await page.locator("img, iframe, object, main script, main svg[onload]").count(), 0, name);
      assert.deepEqual(complaints, [], name);
      await page.context().close();
    }
  });

  it("is read without JavaScript: everything but the buttons is there", async () => {
    const { page } = await open(`${served.url}index.html`, { javaScriptEnabled: false });
    assert.match(await page.locator("h1").innerText(), /v4 serves prod/);
    assert.equal(await page.locator(".attention li").count(), 7);
    assert.ok(await page.getByText("npx peregrine alert ack 0a1b2c3d --stack prod").first().isVisible());
    assert.equal(await page.locator("button:visible, input:visible").count(), 0);
    await page.getByRole("link", { name: "Serving in prod" }).click();
    assert.ok(await page.locator("figure svg").first().isVisible());
    await page.context().close();
  });

  it("is walked by the keyboard: first to the content, then every page; what is focused is seen", async () => {
    const { page } = await open(`${served.url}index.html`);
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate("document.activeElement.textContent.trim()"), "To the content");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate("document.activeElement.id"), "content");
    const reached = new Set<string>();
    for (let step = 0; step < 120; step++) {
      await page.keyboard.press("Tab");
      reached.add(
        String(await page.evaluate("document.activeElement.tagName+' '+document.activeElement.textContent.trim()")),
      );
    }
    for (const wanted of ["BUTTON Acknowledge", "A CSV", "A Serving in prod", "A Governance", "A Audit"])
      assert.ok(reached.has(wanted), wanted);
    await page.context().close();
  });

  it("copies a command by its button", async () => {
    const { page } = await open(`${served.url}index.html`, { permissions: ["clipboard-read", "clipboard-write"] });
    await page.getByRole("button", { name: "Acknowledge" }).click();
    assert.equal(
      await page.evaluate("navigator.clipboard.readText()"),
      "npx peregrine alert ack 0a1b2c3d --stack prod",
    );
    await page.context().close();
  });

  it("filters a table, and keeps the filter in its link", async () => {
    const { page } = await open(`${served.url}governance.html`);
    const before = await page.locator("#roles tbody tr:visible").count();
    await page.getByLabel("Filter the matrix of roles").fill("CreatePipeline own");
    const after = await page.locator("#roles tbody tr:visible").count();
    assert.ok(after > 0 && after < before / 10, `${after} of ${before}`);
    const { page: again } = await open(page.url());
    assert.equal(await again.locator("#roles tbody tr:visible").count(), after);
    await page.context().close();
    await again.context().close();
  });

  it("shows what is new by itself", async () => {
    const { page } = await open(`${served.url}index.html`);
    await page.getByText("Live, read 2026-11-30 12:00 UTC").waitFor();
    readAt = 60_000;
    await page.getByText("Live, read 2026-11-30 12:01 UTC").waitFor({ timeout: 40_000 });
    await page.context().close();
  });

  it("fits a narrow screen and paper", async () => {
    const { page } = await open(`${served.url}index.html`, { viewport: { width: 380, height: 800 } });
    assert.ok(Number(await page.evaluate("document.documentElement.scrollWidth")) <= 380);
    await page.emulateMedia({ media: "print" });
    assert.equal(await page.locator("nav:visible, button:visible").count(), 0);
    await page.context().close();
  });
});
