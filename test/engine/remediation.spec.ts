import assert from "node:assert/strict";
import { PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { GetFunctionConfigurationCommand, UpdateFunctionCodeCommand } from "@aws-sdk/client-lambda";
import AdmZip from "adm-zip";
import { everything, planted } from "../support/by-hand";
import { eventually } from "../support/eventually";
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
    const preview = await staging.project.pulumi("preview", "--stack", "staging", "--expect-no-changes");
    assert.equal(preview.code, 0, preview.output);
    assert.equal((await staging.byHand.live()).EndpointStatus, "InService");
  });

  it("is told and shown, and waits for somebody where it is not put right: each command of the runbooks", async () => {
    const { byHand, project } = staging;
    const values = { ENVIRONMENT: "staging" };
    const healed = new Runbook(project, "docs/runbooks/violation-healed.md");
    const seen = await healed.run("npx peregrine remediation", values);
    assert.match(seen.stdout, /verify {2}\S+ of \S+: healed/);
    await healed.run("npx peregrine remediation --stack ENVIRONMENT\nnpx peregrine doctor", values);

    const RoleName = "peregrine-staging-forecast-start";
    await byHand.iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "duties", PolicyDocument: everything }));
    await byHand.escalated("role-policy-changed", RoleName);
    const waiting = new Runbook(project, "docs/runbooks/alert-escalated.md");
    const [, ALERT] = await eventually(
      async () => {
        const { stdout } = await waiting.run("npx peregrine alert list", values);
        return /^([0-9a-f]{8}) .*nobody yet.*role-policy-changed/m.exec(stdout) ?? assert.fail(stdout);
      },
      120_000,
      1000,
    );
    await waiting.run("npx peregrine alert ack", { ...values, ALERT: ALERT! });
    await eventually(
      async () => {
        const { stdout } = await waiting.run("npx peregrine alert list --stack ENVIRONMENT\nnpx", values);
        assert.match(stdout, /looks after it/);
      },
      120_000,
      1000,
    );

    const FunctionName = "peregrine-staging-forecast";
    const code = async () =>
      (await byHand.lambda.send(new GetFunctionConfigurationCommand({ FunctionName }))).CodeSha256;
    const deployed = await code();
    const zip = new AdmZip();
    zip.addFile("index.js", Buffer.from("exports.handler = async () => undefined;"));
    await byHand.lambda.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile: zip.toBuffer() }));
    assert.notEqual(await code(), deployed);
    await byHand.escalated("function-code-changed", FunctionName);

    const escalated = new Runbook(project, "docs/runbooks/violation-escalated.md");
    await escalated.run("npx peregrine remediation", values);
    await escalated.run("pulumi up", values);
    assert.equal(await code(), deployed, "what the program built runs again");
    await escalated.run("npx peregrine remediation --stack ENVIRONMENT\nnpx peregrine doctor", values);
    assert.deepEqual([...healed.left, ...waiting.left, ...escalated.left], []);
  });
});
