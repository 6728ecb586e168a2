import assert from "node:assert/strict";
import { planted } from "../support/by-hand";
import { HealedStaging } from "./healed-staging";
import { Runbook } from "./runbook";

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
    const { byHand } = staging;
    const seconds: Record<string, number> = {};
    for (const { violation, resource, plant } of planted) {
      const name = await resource(byHand);
      await plant(byHand, name);
      seconds[violation] = await byHand.healed(violation, name);
    }
    const all = Object.values(seconds).sort((one, other) => one - other);
    assert.ok(all.length >= 15, JSON.stringify(seconds));
    assert.ok(all[Math.floor(all.length / 2)]! < medianSeconds, JSON.stringify(seconds));
  });

  it("leaves nothing behind that an update would change", async () => {
    const preview = await staging.project.pulumi("preview", "--stack", "staging", "--expect-no-changes", "--refresh");
    assert.equal(preview.code, 0, preview.output);
    assert.equal((await staging.byHand.live()).EndpointStatus, "InService");
  });

  it("is told and shown: each command of the runbooks", async () => {
    const values = { ENVIRONMENT: "staging" };
    const healed = new Runbook(staging.project, "docs/runbooks/violation-healed.md");
    const seen = await healed.run("npx peregrine remediation", values);
    assert.match(seen.stdout, /verify {2}bucket-public of peregrine-staging-artifacts-\d+: healed/);
    await healed.run("npx peregrine remediation --stack ENVIRONMENT\nnpx peregrine doctor", values);
    const escalated = new Runbook(staging.project, "docs/runbooks/violation-escalated.md");
    await escalated.run("npx peregrine remediation", values);
    await escalated.run("pulumi up", values);
    await escalated.run("npx peregrine remediation --stack ENVIRONMENT\nnpx peregrine doctor", values);
    assert.deepEqual([...healed.left, ...escalated.left], []);
  });
});
