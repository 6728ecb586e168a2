import { strict as assert } from "node:assert";
import { ProjectCopy } from "./project-copy";

interface Status {
  readonly inventory: readonly string[];
  readonly unimplemented: unknown;
}

describe("the whole platform on the local cloud", function () {
  this.timeout(400_000);
  this.slow(120_000);
  const stacks = ["dev", "staging", "prod"];
  let project: ProjectCopy;

  const inventory = async (): Promise<readonly string[]> => {
    const { stdout } = await project.succeed(process.execPath, "scripts/peregrine.cjs", "local", "status", "--json");
    return (JSON.parse(stdout) as Status).inventory;
  };

  before(async () => {
    project = await ProjectCopy.make();
    await project.startCloud();
  });
  after(async () => {
    await project?.remove();
  });

  it("comes up under the policy pack, networks and trails included", async () => {
    await project.bringUp(...stacks);
    const there = await inventory();
    for (const [what, count] of [[":vpc/", 2], [":vpc-endpoint/", 22], [":trail/", 3], [":budget/", 6], ["-access-logs-", 1], [":anomalymonitor/", 1], [":vpc-flow-log/", 2]] as const)
      assert.equal(there.filter((arn) => arn.includes(what)).length, count, what);
  });

  it("finds nothing to change when it is brought up again", async () => {
    for (const stack of stacks) {
      const again = await project.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes", "--stack", stack, "--policy-pack", "policies");
      assert.equal(again.code, 0, again.output);
    }
  });

  it("agrees with what is there", async () => {
    const refresh = await project.pulumi("refresh", "--yes", "--expect-no-changes", "--stack", "prod");
    assert.equal(refresh.code, 0, refresh.output);
  });

  it("leaves the audit bucket and its key of prod when it is torn down, names them, and leaves nothing else", async () => {
    const torn = await project.peregrine("teardown", "--stack", stacks.join(","), "--yes");
    assert.equal(torn.code, 0, torn.output);
    assert.match(torn.stdout, /Kept on purpose[^]*arn:aws:s3:::peregrine-prod-audit-\d{12}-[0-9a-f]{7}\n[^]*teardown --stack prod --with-audit/);
    const left = await inventory();
    assert.equal(left.length, 2, left.join("\n"));
    assert.match([...left].sort().join(), /:kms:.*:key\/.*,arn:aws:s3:::peregrine-prod-audit-/);
  });

  it("comes up again beside the kept bucket, and deletes both when asked to", async () => {
    await project.succeed("pulumi", "stack", "init", "prod");
    const up = await project.pulumi("up", "--yes", "--skip-preview", "--stack", "prod", "--policy-pack", "policies");
    assert.equal(up.code, 0, up.output);
    assert.equal((await inventory()).filter((arn) => arn.includes("-prod-audit-")).length, 2);
    const torn = await project.peregrine("teardown", "--stack", "prod", "--with-audit", "--yes");
    assert.equal(torn.code, 0, torn.output);
    assert.deepEqual(await inventory(), []);
  });
});
