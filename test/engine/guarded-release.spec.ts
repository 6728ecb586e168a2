import assert from "node:assert/strict";
import type { ProjectCopy } from "./project-copy";
import { Runbook } from "./runbook";
import { promote, Staging } from "./staging";

const ENVIRONMENT = "staging";

describe("a release by canary whose traffic proves nothing", function () {
  this.slow(60_000);
  let staging: Staging;
  let project: ProjectCopy;
  let runbook: Runbook;

  const set = async (settings: Record<string, string>): Promise<void> => {
    for (const [name, value] of Object.entries(settings))
      await project.succeed("pulumi", "config", "set", `peregrine:${name}`, value, "--stack", ENVIRONMENT);
    await project.commit("Settings of rollouts");
  };

  before(async () => {
    staging = await Staging.up();
    project = staging.project;
    runbook = new Runbook(project, "docs/runbooks/release-unproven.md");
    await set({
      rollout: "canary",
      servingMinInstances: "2",
      servingMaxInstances: "2",
      rolloutWaitSeconds: "120",
      bakeSeconds: "60",
    });
  });
  after(() => project?.remove());

  it("stays live, and people are told what is not known, and what to do", async () => {
    const released = await project.peregrine(...promote(staging.packages.second), "--with-infrastructure");
    assert.equal(released.code, 0, released.output);
    assert.match(released.output, /the release is live, and nothing is proven of it: /);
    assert.match(released.stdout, /; rollout: inconclusive, /);
    const [record] = await staging.releases();
    assert.deepEqual([record!.outcome, record!.rollout?.verdict], ["live", "inconclusive"]);
    await staging.settled(staging.packages.second);

    const RELEASE = record!.releaseId;
    const seen = await runbook.run("npx peregrine release list", { ENVIRONMENT, RELEASE });
    assert.match(seen.stdout, /LIVE NOW .* rollout inconclusive$/m);
    assert.match(seen.stdout, /"rollout": \{\s+"verdict": "inconclusive",\s+"reasons": \[/);
    await runbook.run("npx peregrine doctor", { ENVIRONMENT });
    // Whoever goes back is not compared with what is left.
    await runbook.run("npx peregrine rollback", { ENVIRONMENT });
    await staging.settled(staging.packages.first);
    const [back] = await staging.releases();
    assert.deepEqual([back!.kind, back!.outcome, back!.rollout], ["rollback", "live", undefined]);
  });

  it("is taken back where the settings say so, and its package is not to blame", async () => {
    for (const block of ["pulumi config set peregrine:rolloutStep", "pulumi config set peregrine:rolloutUnproven"])
      await runbook.run(block, { ENVIRONMENT });
    assert.deepEqual(runbook.left, []);
    await set({ rolloutWaitSeconds: "120" });
    const refused = await project.peregrine(...promote(staging.packages.second), "--with-infrastructure");
    assert.equal(refused.code, 1, refused.output);
    assert.match(refused.output, /The rollout proved nothing, and staging keeps no such release/);
    const [record] = await staging.releases();
    assert.deepEqual([record!.outcome, record!.rollout?.verdict], ["rolled-back", "inconclusive"]);
    await staging.settled(staging.packages.first);
  });
});
