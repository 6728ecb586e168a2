import assert from "node:assert/strict";
import { lockKey } from "../../contract/places";
import type { RecordedRelease } from "../../records/release";
import { eventually } from "../support/eventually";
import type { ProjectCopy } from "./project-copy";
import { artifacts, endpoint, promote, Staging } from "./staging";

describe("releases, as a user makes them", function () {
  this.slow(60_000);
  let staging: Staging;
  let project: ProjectCopy;
  let first: string;
  let second: string;
  let blind: string;

  before(async () => {
    staging = await Staging.up();
    project = staging.project;
    ({ first, second, blind } = staging.packages);
  });
  after(() => project?.remove());

  it("go live one after the other, and back, to the very configuration that was live before", async () => {
    // The first was made live when the environment came up.
    const released = await project.peregrine(...promote(second));
    assert.equal(released.code, 0, released.output);
    await staging.settled(second);
    assert.equal((await staging.status()).desired?.kept.length, 1);
    const records = await staging.releases();
    assert.deepEqual(
      records.map(({ modelPackageArn, kind, outcome }) => [modelPackageArn, kind, outcome]),
      [
        [second, "promote", "live"],
        [first, "promote", "live"],
      ],
    );
    assert.equal(records[0]!.previousReleaseId, records[1]!.releaseId);
    assert.match(records[0]!.gitCommit!, /^[0-9a-f]{40}$/);

    const back = await project.peregrine("rollback", "--stack", "staging");
    assert.equal(back.code, 0, back.output);
    assert.equal(await staging.settled(first), records[1]!.endpointConfigName, "nothing new was made");
    assert.equal((await staging.releases())[0]!.kind, "rollback");
    const again = await project.peregrine("rollback", "--stack", "staging");
    assert.equal(again.code, 1);
    assert.match(
      again.output,
      /has no release before r-[0-9a-f]{12} to go back to: .*Nothing was changed\.\nGo forward again to one of them: npx peregrine rollback --stack staging --to r-[0-9a-f]{12}$/m,
    );
    const shown = JSON.parse(
      (
        await project.succeed(
          process.execPath,
          "scripts/peregrine.cjs",
          "release",
          "show",
          records[0]!.releaseId.slice(0, 8),
          "--stack",
          "staging",
        )
      ).stdout,
    ) as RecordedRelease;
    assert.equal(shown.modelPackageArn, second);
  });

  it("are one at a time: the second command says who is at work, and changes nothing", async () => {
    const running = project.peregrine(...promote(second));
    await eventually(async () => assert.ok(await staging.registry.has(artifacts, lockKey), "the release has begun"));
    const others = await Promise.all([
      project.peregrine("rollback", "--stack", "staging", "--to", first),
      project.peregrine("teardown", "--stack", "staging", "--yes"),
    ]);
    for (const { code, output } of others) {
      assert.equal(code, 1, output);
      assert.match(
        output,
        /Environment staging is being changed by arn:aws:iam::\d+:user\/ab \(process \d+ on .+\): promote of peregrine-dev-detector\/2, since /,
      );
    }
    const done = await running;
    assert.equal(done.code, 0, done.output);
    await staging.settled(second);
  });

  it("are taken back when the model answers wrongly, told, recorded, and the configuration of the wrong one is gone", async () => {
    const before = await staging.status();
    const refused = await project.peregrine(...promote(blind));
    assert.equal(refused.code, 1, refused.output);
    // By the alarm on golden images while the update is under way, or by the tests after it: staging's bake is short.
    assert.match(
      refused.output,
      /(fails its tests|took the update back by alarm):[\s\S]*nothing found where \d+ objects are expected/,
    );
    assert.equal(await staging.settled(second), before.endpoint?.configName);
    const [record] = await staging.releases();
    assert.deepEqual([record!.modelPackageArn, record!.outcome], [blind, "rolled-back"]);
    assert.match(record!.reasons[0]!, /nothing found where/);
    assert.deepEqual(record!.policyPack.result, "passed");
    const configs = (await staging.registry.json("sagemaker", "list-endpoint-configs", "--name-contains", endpoint))
      .EndpointConfigs as object[];
    assert.equal(configs.length, 2, "those of the live release and of the one kept behind it");
  });

  it("are not begun while the program holds changes that nobody has deployed, unless a person says so", async () => {
    await project.succeed("pulumi", "config", "set", "peregrine:logRetentionDays", "60", "--stack", "staging");
    const refused = await project.peregrine(...promote(first));
    assert.equal(refused.code, 1, refused.output);
    assert.match(
      refused.output,
      /This commit or its settings change more in staging than the release; nothing was changed yet:\n( {2}- update aws:cloudwatch\/logGroup:LogGroup \S+\n)+Have somebody .*: pulumi up --stack staging --policy-pack policies/,
    );
    assert.equal((await staging.status()).desired?.modelPackageArn, second);
    await project.commit("Keep logs for 60 days");
    const both = await project.peregrine(...promote(second), "--with-infrastructure");
    // The next test's preview shows that it was deployed.
    assert.equal(both.code, 0, both.output);
  });
});
