import { strict as assert } from "node:assert";
import { DescribeEndpointCommand } from "@aws-sdk/client-sagemaker";
import type { ServerFile } from "../../local/main";
import type { RecordedRelease } from "../../records/release";
import { ProjectCopy } from "./project-copy";
import { Registry } from "./registry";

const endpoint = "peregrine-staging-detector";

interface Status {
  readonly desired?: { readonly modelPackageArn: string; readonly kept: readonly object[] };
  readonly endpoint?: { readonly status: string; readonly configName: string };
  readonly converged: boolean;
}

describe("releases, as a user makes them", function () {
  this.timeout(300_000);
  this.slow(60_000);
  let project: ProjectCopy;
  let server: ServerFile;
  let registry: Registry;
  let first: string;
  let second: string;
  let blind: string;

  const promote = (arn: string) => ["promote", arn, "--to", "staging", "--golden-images", "2"];
  const json = async <Answer>(...args: string[]): Promise<Answer> =>
    JSON.parse((await project.succeed(process.execPath, "scripts/peregrine.cjs", ...args, "--json")).stdout) as Answer;
  const status = async (): Promise<Status> => (await json<Status[]>("status", "--stack", "staging"))[0]!;
  const releases = (): Promise<RecordedRelease[]> => json<RecordedRelease[]>("release", "list", "--stack", "staging");

  /** What must hold after every command, whatever happened to it. @returns the live EndpointConfig. */
  async function settled(live: string): Promise<string> {
    const [preview, doctor] = await Promise.all([
      project.pulumi("preview", "--stack", "staging", "--expect-no-changes"),
      project.peregrine("doctor", "--stack", "staging"),
    ]);
    assert.equal(preview.code, 0, preview.output);
    for (const look of ["scaling", "lock", "ledger"])
      assert.match(doctor.stdout, new RegExp(`^ok +${look}:`, "m"), doctor.output);
    assert.match(doctor.stdout, new RegExp(`^ok +desired release: ${live}$`, "m"), doctor.output);
    const [, config] =
      new RegExp(`^ok +endpoint: ${endpoint} is InService on (\\S+)$`, "m").exec(doctor.stdout) ??
      assert.fail(doctor.output);
    return config!;
  }

  before(async () => {
    project = await ProjectCopy.make();
    server = await project.startCloud("--speed", "60", "--lags", "on");
    registry = new Registry(project, server);
    const [archives] = await Promise.all([
      registry.archives({ first: undefined, second: 0.3, blind: 0.999 }),
      project.bringUp("dev", "staging"),
      registry.seedDataset(2),
    ]);
    [first, second, blind] = [
      await registry.register("first", archives.first),
      await registry.register("second", archives.second),
      await registry.register("blind", archives.blind),
    ];
  });
  after(async () => {
    await project?.remove();
  });

  it("go live one after the other, and back, to the very configuration that was live before", async () => {
    for (const arn of [first, second]) {
      const released = await project.peregrine(...promote(arn));
      assert.equal(released.code, 0, released.output);
    }
    await settled(second);
    assert.equal((await status()).desired?.kept.length, 1);
    const records = await releases();
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
    assert.equal(await settled(first), records[1]!.endpointConfigName, "nothing new was made");
    assert.equal((await releases())[0]!.kind, "rollback");
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
    while ((await project.peregrine("doctor", "--stack", "staging")).stdout.match(/^ok +lock:/m))
      await new Promise((resolve) => setTimeout(resolve, 100));
    const refused = await project.peregrine("rollback", "--stack", "staging", "--to", first);
    assert.equal(refused.code, 1, refused.output);
    const torn = await project.peregrine("teardown", "--stack", "staging", "--yes");
    assert.equal(torn.code, 1, torn.output);
    for (const { output } of [refused, torn])
      assert.match(
        output,
        /Environment staging is being changed by arn:aws:iam::\d+:user\/ab \(process \d+ on .+\): promote of peregrine-dev-detector\/2, since /,
      );
    const done = await running;
    assert.equal(done.code, 0, done.output);
    await settled(second);
  });

  it("are taken back when the model answers wrongly, told, recorded, and the configuration of the wrong one is gone", async () => {
    const before = await status();
    const refused = await project.peregrine(...promote(blind));
    assert.equal(refused.code, 1, refused.output);
    // By the alarm on golden images while the update is under way, or by the tests after it: staging's bake is short.
    assert.match(
      refused.output,
      /(fails its tests|took the update back by alarm):[\s\S]*nothing found where \d+ objects are expected/,
    );
    assert.equal(await settled(second), before.endpoint?.configName);
    const [record] = await releases();
    assert.deepEqual([record!.modelPackageArn, record!.outcome], [blind, "rolled-back"]);
    assert.match(record!.reasons[0]!, /nothing found where/);
    assert.deepEqual(record!.policyPack.result, "passed");
    const configs = (await registry.json("sagemaker", "list-endpoint-configs", "--name-contains", endpoint))
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
    assert.equal((await status()).desired?.modelPackageArn, second);
    await project.commit("Keep logs for 60 days");
    const both = await project.peregrine(...promote(second), "--with-infrastructure");
    // The next test's preview shows that it was deployed.
    assert.equal(both.code, 0, both.output);
  });

  const rollback = (arn: string) => ["rollback", "--stack", "staging", "--golden-images", "2", "--to", arn];
  // The crash points, in turn from one release to the other: each step is announced before it begins. A rollback has no package to check.
  const crashes = [
    [promote, /checking the model package/, "whole"],
    [promote, /copying the model archive/, "whole"],
    [promote, /updating the environment/, "whole"],
    [promote, /updating the environment/, "alone"],
    [promote, /testing the endpoint/, "whole"],
    [promote, /removing what no release needs/, "whole"],
    [rollback, /copying the model archive/, "whole"],
    [rollback, /updating the environment/, "whole"],
    [rollback, /testing the endpoint/, "whole"],
    [rollback, /removing what no release needs/, "whole"],
  ] as const;
  for (const [index, [command, line, how]] of crashes.entries())
    it(`go on after kill -9 of a ${command === promote ? "promotion" : "rollback"} at "${line.source}"${how === "whole" ? "" : ", while the engine goes on by itself"}: the same command finishes the job`, async () => {
      const arn = index % 2 === 0 ? first : second;
      await project.killAt(line, how === "whole", ...command(arn));
      const finished = await project.peregrine(...command(arn));
      assert.equal(finished.code, 0, finished.output);
      await settled(arn);
    });

  it("go on after kill -9 of the command and its engine while SageMaker updates the endpoint", async () => {
    const { sagemaker } = registry;
    const updating = async () =>
      (await sagemaker.send(new DescribeEndpointCommand({ EndpointName: endpoint }))).EndpointStatus === "Updating";
    await project.killWhen(updating, ...promote(first));
    const finished = await project.peregrine(...promote(first));
    assert.equal(finished.code, 0, finished.output);
    await settled(first);
  });

  it("go on putting back after kill -9 while a failed release is being put back", async () => {
    await project.killAt(/putting the previous release back/, true, ...promote(blind));
    const finished = await project.peregrine(...promote(blind));
    assert.equal(finished.code, 1, finished.output);
    assert.match(finished.output, /had failed before the command was killed: .*nothing found where/s);
    await settled(first);
  });

  it("are finished by another command as well: a rollback follows a promotion that was killed", async () => {
    await project.killAt(/testing the endpoint/, true, ...promote(second));
    const back = await project.peregrine(...rollback(first));
    assert.equal(back.code, 0, back.output);
    await settled(first);
    const [now, killed] = await releases();
    assert.deepEqual(
      [now!.kind, now!.outcome, killed!.outcome, killed!.reasons],
      ["rollback", "live", "failed", ["the command was killed, and another one followed"]],
    );
  });

  it("leave nothing when a teardown was killed and run again", async () => {
    for (const line of [/deleting model packages/, /destroying the stack/, /deleting kept models/])
      await project.killAt(line, true, "teardown", "--stack", "staging", "--yes");
    const torn = await project.peregrine("teardown", "--stack", "staging,dev", "--yes");
    assert.equal(torn.code, 0, torn.output);
    const { inventory } = await json<{ inventory: string[] }>("local", "status");
    assert.deepEqual(
      inventory.filter((arn) => !arn.includes("lucaskle-ab3-project-pv")),
      [],
    );
    assert.equal(await project.changes(), "");
  });
});
