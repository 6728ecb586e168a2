import assert from "node:assert/strict";
import { LocalWorkspace } from "@pulumi/pulumi/automation";
import { AwsError } from "../../local/errors";
import { startProvider, type RunningProvider } from "../../local/provider/server";
import { administrator, memoryCloud, type MemoryCloud } from "../local/provider/memory-cloud";
import { pulumiPath, TinyStack } from "./stack";
import { eventually } from "../support/eventually";

const settings = {
  "aws:region": "eu-central-1",
  "aws:profile": "ab",
  "aws:defaultTags": { tags: { project: "tiny" } },
  "tiny:description": "first",
};

describe("the Pulumi engine with our language host and provider", function () {
  this.slow(10_000);
  let memory: MemoryCloud;
  let provider: RunningProvider;
  let stack: TinyStack;

  before(() => {
    pulumiPath();
  });
  beforeEach(async () => {
    memory = memoryCloud();
    provider = await startProvider(memory.cloud, { port: 0, principalFor: async () => administrator });
    stack = new TinyStack("governed-bucket", provider.port);
    await stack.init(settings);
    assert.equal((await stack.pulumi("config", "set", "--secret", "password", "hunter2-plain", "-s", "dev")).code, 0);
  });
  afterEach(async () => {
    stack.remove();
    await provider.stop();
  });

  it("brings a program up, finds nothing to change, sees drift, changes in place, replaces, and leaves zero", async () => {
    const up = await stack.pulumi("up", "--yes", "-s", "dev", "--policy-pack", stack.policyPack);
    assert.equal(up.code, 0, up.output);
    assert.equal(memory.things.size, 5);
    assert.equal((await memory.cloud.inventory()).length, 1, "the VPC is a record");
    assert.ok(!stack.state().includes("hunter2-plain"), "the secret is encrypted in the state");
    assert.equal(memory.things.get("ssm/parameter//tiny/secret")?.Value, "hunter2-plain");

    const again = await stack.pulumi(
      "up",
      "--yes",
      "-s",
      "dev",
      "--expect-no-changes",
      "--policy-pack",
      stack.policyPack,
    );
    assert.equal(again.code, 0, again.output);
    const refresh = await stack.pulumi("refresh", "--yes", "-s", "dev", "--expect-no-changes");
    assert.equal(refresh.code, 0, refresh.output);

    const before = memory.calls.length;
    const changed = await stack.pulumi("up", "--yes", "-s", "dev", "-c", "description=second", "-c", "image=image:2");
    assert.equal(changed.code, 0, changed.output);
    const done = memory.calls
      .slice(before)
      .map(({ name }) => name)
      .filter((name) => !/Get|Describe/.test(name));
    // The new model is there before the old one goes: its name is made up, so both can live.
    assert.deepEqual(done.sort(), ["iam:UpdateRole", "sagemaker:CreateModel", "sagemaker:DeleteModel"]);

    const destroyed = await stack.pulumi("destroy", "--yes", "-s", "dev");
    assert.equal(destroyed.code, 0, destroyed.output);
    assert.deepEqual([...memory.things.keys()], []);
    assert.deepEqual(await memory.cloud.inventory(), []);
  });

  it("creates nothing when a policy is violated", async () => {
    const up = await stack.pulumi("up", "--yes", "-s", "dev", "-c", "untagged=true", "--policy-pack", stack.policyPack);
    assert.notEqual(up.code, 0);
    assert.match(up.output, /\[mandatory\].*bucket-has-owner/);
    assert.match(up.output, /the bucket has no tag owner/);
    assert.deepEqual(
      [...memory.things.keys()].filter((key) => key.startsWith("s3/")),
      [],
    );
  });

  it("shows AWS's error, keeps what was made, and goes on from there", async () => {
    memory.on("iam:CreateRole", async () => {
      // The engine makes both at once, and starts nothing more after a failure.
      await eventually(() => assert.ok(memory.things.has("s3/bucket/tiny-111122223333")));
      throw new AwsError("AccessDenied", "User: x is not authorized to perform: iam:CreateRole", 403);
    });
    const up = await stack.pulumi("up", "--yes", "-s", "dev");
    assert.notEqual(up.code, 0);
    assert.match(
      up.output,
      /creating IAM Role \(execution-[0-9a-f]{7}\): operation error IAM: CreateRole, https response error StatusCode: 403, RequestID: [0-9a-f-]+, api error AccessDenied: User: x is not authorized/,
    );
    assert.ok(memory.things.has("s3/bucket/tiny-111122223333"));
    memory.on("iam:CreateRole", ({ RoleName }) => ({
      Role: { Arn: `arn:aws:iam::111122223333:role/${String(RoleName)}`, RoleId: "AROA1" },
    }));
    const next = await stack.pulumi("up", "--yes", "-s", "dev");
    assert.equal(next.code, 0, next.output);
  });

  it("fails with the program's own error when the program throws", async () => {
    const up = await stack.pulumi("up", "--yes", "-s", "dev", "-c", "throws=true");
    assert.notEqual(up.code, 0);
    assert.match(up.output, /the program is wrong/);
    assert.equal(memory.calls.length, 0);
  });

  it("previews without touching anything", async () => {
    const preview = await stack.pulumi("preview", "-s", "dev");
    assert.equal(preview.code, 0, preview.output);
    assert.match(preview.output, /7 to create/);
    assert.deepEqual(
      memory.calls.map(({ name }) => name).filter((name) => name !== "sts:GetCallerIdentity"),
      [],
    );
  });

  it("works under the Automation API with events", async () => {
    const {
      PATH,
      PULUMI_HOME,
      PULUMI_BACKEND_URL,
      PULUMI_CONFIG_PASSPHRASE,
      PULUMI_DEBUG_PROVIDERS,
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION,
    } = stack.env as Record<string, string>;
    const former = process.env.PATH;
    process.env.PATH = PATH;
    try {
      const automated = await LocalWorkspace.selectStack(
        { stackName: "dev", workDir: stack.folder },
        {
          envVars: {
            PULUMI_HOME,
            PULUMI_BACKEND_URL,
            PULUMI_CONFIG_PASSPHRASE,
            PULUMI_DEBUG_PROVIDERS,
            PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION,
          } as Record<string, string>,
        },
      );
      const created: string[] = [];
      const { outputs } = await automated.up({
        policyPacks: [stack.policyPack],
        onEvent: ({ resOutputsEvent }) => void (resOutputsEvent && created.push(resOutputsEvent.metadata.type)),
      });
      assert.match(outputs.modelName!.value, /^detector-[0-9a-f]{7}$/);
      assert.ok(created.includes("aws:sagemaker/model:Model"));
      await automated.destroy();
      assert.deepEqual([...memory.things.keys()], []);
    } finally {
      process.env.PATH = former;
    }
  });
});
