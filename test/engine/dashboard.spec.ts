import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { InvokeEndpointCommand } from "@aws-sdk/client-sagemaker-runtime";
import { eventually } from "../support/eventually";
import { endpoint, Staging } from "./staging";

describe("the dashboard of environments that are up", function () {
  this.slow(60_000);
  let staging: Staging;

  before(async () => {
    staging = await Staging.up();
  });
  after(() => staging?.project.remove());

  /** Exports the pages. @returns reads one of them, or one of their tables. */
  async function exported(name: string, ...options: string[]): Promise<(file: string) => string> {
    const folder = join(staging.project.folder, name);
    const { code, output } = await staging.project.peregrine("dashboard", "--export", folder, ...options);
    assert.equal(code, 0, output);
    return (file) => readFileSync(join(folder, file), "utf8");
  }

  it("shows what serves, by the ledger and by SageMaker, what it costs, and that the log holds", async () => {
    const page = await exported("pages");
    const home = page("index.html");
    assert.match(home, /<h1>v1 serves staging/);
    assert.match(home, /prod: nothing is deployed/);
    assert.doesNotMatch(home, /Could not be read/);
    const [dev, up] = JSON.parse(page("data/index.environments.json")) as { environment: string; state: string }[];
    assert.deepEqual([dev!.environment, dev!.state], ["dev", "nothing wanted"]);
    assert.deepEqual([up!.environment, up!.state], ["staging", "as wanted"]);
    assert.match(page("audit-staging.html"), /<h1>The log holds/);
    const costs = JSON.parse(page("data/cost.environments.json")) as { monthly_usd: number }[];
    assert.ok(
      costs.every(({ monthly_usd }) => monthly_usd > 1),
      JSON.stringify(costs),
    );
    const versions = JSON.parse(page("data/model-staging.versions.json")) as { arn: string; staging: string | null }[];
    assert.deepEqual(
      versions.map(({ arn, staging: stand }) => [arn, stand]).sort(),
      [
        [staging.packages.first, "live"],
        [staging.packages.second, null],
        [staging.packages.blind, null],
      ].sort(),
    );
  });

  it("shows the requests that came", async () => {
    const image = readFileSync(staging.images[0]!);
    for (let sent = 0; sent < 5; sent++)
      await staging.registry.runtime.send(
        new InvokeEndpointCommand({ EndpointName: endpoint, ContentType: "image/jpeg", Body: image }),
      );
    await eventually(async () => {
      const page = await exported("pages");
      const rows = JSON.parse(page("data/index.environments.json")) as { environment: string; requests: number }[];
      assert.ok(rows.find(({ environment }) => environment === "staging")!.requests >= 5, JSON.stringify(rows));
      assert.match(page("model-staging.html"), /<figure class="card">/);
    });
  });

  it("shows an auditor what auditors may read, and says what they may not", async () => {
    const page = await exported("audited", "--profile", "dev=auditor,staging=auditor-staging");
    assert.match(page("index.html"), /<h1>v1 serves staging/);
    assert.match(page("audit-staging.html"), /<h1>The log holds/);
    const items = JSON.parse(page("data/index.attention.json")) as { environment: string; what: string }[];
    const { what } = items.find((item) => item.environment === "staging" && item.what.startsWith("Could not be read"))!;
    const unread = [...what.matchAll(/(\w+) \(([^)]*)\)/g)].map(([, name, why]) => [name, why] as const);
    assert.ok(unread.length > 0, what);
    for (const [name, why] of unread) {
      assert.equal(why, "your role may not", what);
      assert.ok(!["serving", "packages", "releases", "experiments", "alarms", "price", "log"].includes(name!), what);
    }
  });
});
