import assert from "node:assert/strict";
import { endpoint } from "./staging";
import { HealedStaging, planted } from "./planted-violations";

/** Cloud seconds that a violation may take from the call that made it until it is put right, in the middle. */
const medianSeconds = 60;

describe("what is changed after its deployment", function () {
  this.slow(600_000);
  let staging: HealedStaging;

  before(async () => {
    staging = await HealedStaging.up();
  });
  after(() => staging?.remove());

  it("is put right by the function itself, each violation that can be", async () => {
    const seconds: Record<string, number> = {};
    for (const { violation, resource, plant } of planted) {
      const name = await resource(staging);
      await plant(staging, name);
      seconds[violation] = await staging.healed(violation, name);
    }
    const all = Object.values(seconds).sort((one, other) => one - other);
    assert.ok(Object.keys(seconds).length >= 15, JSON.stringify(seconds));
    assert.ok(all[Math.floor(all.length / 2)]! < medianSeconds, JSON.stringify(seconds));
  });

  it("leaves nothing behind that an update would change", async () => {
    const preview = await staging.project.pulumi("preview", "--stack", "staging", "--expect-no-changes", "--refresh");
    assert.equal(preview.code, 0, preview.output);
    const status = await staging.live();
    assert.equal(status.EndpointName, endpoint);
    assert.equal(status.EndpointStatus, "InService");
  });
});
