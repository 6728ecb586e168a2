import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Report } from "../../insight/report/report";
import { Staging } from "./staging";

describe("the executive report of environments that are up", function () {
  this.slow(60_000);
  let staging: Staging;

  before(async () => {
    staging = await Staging.up();
  });
  after(() => staging?.project.remove());

  /** Makes a report. @returns it, and where its files are. */
  async function reported(name: string, ...options: string[]): Promise<{ report: Report; folder: string }> {
    const folder = join(staging.project.folder, name);
    const { code, output } = await staging.project.peregrine("report", "--out", folder, ...options);
    assert.equal(code, 0, output);
    return { report: JSON.parse(readFileSync(join(folder, "report.json"), "utf8")) as Report, folder };
  }

  it("puts a planted missed target first, with its owner, and later says that what it recommended was done", async () => {
    const planted = (text: string) => text.replace(/monthlyBudgetUsd: \d+/, "monthlyBudgetUsd: 1");
    const { report: before, folder } = await staging.project.with("Pulumi.staging.yaml", planted, () =>
      reported("first", "--keep"),
    );
    const [first] = before.missed;
    assert.deepEqual([first!.id, first!.owner, first!.wanted], ["budget:staging", "vision-platform", "at most $1.00"]);
    assert.equal(first!.command, "npx peregrine cost plan --stack staging --state");
    assert.ok("usd" in first!.atStake && first!.atStake.usd > 1);
    assert.equal(before.recommendations[0]!.rule, "price-above-budget");
    assert.equal(before.serving["staging"], "v1");
    for (const file of ["report.html", "report.pdf", "report.md", "SHA256SUMS"])
      assert.ok(existsSync(join(folder, file)), file);
    const { report: after } = await reported("second", "--format", "json,md");
    assert.deepEqual(
      after.fates.map(({ id, fate }) => `${id} ${fate}`).filter((text) => text.startsWith("price-above-budget")),
      ["price-above-budget:staging:budget done"],
    );
    assert.ok(!after.missed.some(({ id }) => id === "budget:staging"));
  });

  it("is made by an auditor, too, with what auditors may not read named as unknown", async () => {
    const { report } = await reported(
      "audited",
      "--profile",
      "dev=auditor,staging=auditor-staging",
      "--format",
      "json",
    );
    assert.match(report.unknowns.join("\n"), /Not read: .+ of staging: the reader's role may not/);
    assert.ok(report.unknowns.includes("The report before this one was not read: your role may not."));
    assert.equal(report.targets.find(({ id }) => id === "log:staging")!.state, "met");
  });
});
