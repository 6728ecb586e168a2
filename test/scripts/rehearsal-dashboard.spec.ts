import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { RehearsalDashboard } from "../../scripts/rehearsal/dashboard";
import { makeTemporaryFolder } from "../support/temporary-folder";

describe("the dashboard of the rehearsal", () => {
  it("is there before the local cloud is, says so, and can be exported all the same", async () => {
    const dashboard = await RehearsalDashboard.serve();
    try {
      const answer = await fetch(`${dashboard.url}index.html`);
      assert.equal(answer.status, 200);
      assert.match(
        await answer.text(),
        /Nothing is up yet: dev, staging, prod\..*the local cloud has not started yet/s,
      );
      const folder = makeTemporaryFolder();
      const { page } = await dashboard.export(folder);
      assert.match(readFileSync(join(folder, String(page)), "utf8"), /Nothing is up yet/);
    } finally {
      await dashboard.close();
    }
  });
});
