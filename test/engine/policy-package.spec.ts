import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { startProvider, type RunningProvider } from "../../local/provider/server";
import type { PolicyRecord } from "../../policies/record";
import { administrator, memoryCloud, type MemoryCloud } from "../local/provider/memory-cloud";
import { pulumiPath, TinyStack } from "./stack";
import { datasetBucket } from "../support/dataset";

const repository = resolve(__dirname, "../..");
const pack = "node_modules/@peregrine/policies";

describe("the policy pack as a package of its own", function () {
  this.timeout(180_000);
  this.slow(20_000);
  let memory: MemoryCloud;
  let provider: RunningProvider;
  let stack: TinyStack;

  before(async () => {
    pulumiPath();
    execFileSync(process.execPath, ["scripts/build.mjs", "--policies"], { cwd: repository, stdio: "ignore" });
    memory = memoryCloud();
    provider = await startProvider(memory.cloud, { port: 0, principalFor: async () => administrator });
    stack = new TinyStack("governed-bucket", provider.port);
    // As a user's project has it after `npm install`: the packed files, and Pulumi's modules beside them.
    const [packed] = JSON.parse(
      execFileSync("npm", ["pack", "./policies", "--pack-destination", stack.folder, "--json"], {
        cwd: repository,
        encoding: "utf8",
      }),
    ) as { filename: string; files: { path: string }[] }[];
    assert.deepEqual(packed!.files.map(({ path }) => path).sort(), [
      "PulumiPolicy.yaml",
      "README.md",
      "config/example.json",
      "dist/index.js",
      "package.json",
    ]);
    execFileSync("tar", ["-xzf", packed!.filename.replace(/^@/, "").replace("/", "-")], { cwd: stack.folder });
    mkdirSync(join(stack.folder, "node_modules", "@peregrine"), { recursive: true });
    cpSync(join(stack.folder, "package"), join(stack.folder, pack), { recursive: true });
    symlinkSync(join(repository, "node_modules", "@pulumi"), join(stack.folder, "node_modules", "@pulumi"));
    await stack.init({ "aws:region": "eu-central-1", "aws:profile": "shop" });
    assert.equal((await stack.pulumi("config", "set", "--secret", "password", "hunter2-plain", "-s", "dev")).code, 0);
  });
  after(async () => {
    stack.remove();
    await provider.stop();
  });

  it("judges a stranger's program by the stranger's settings, and says so in a record", async () => {
    const settings = join(stack.folder, "policy-config.json");
    cpSync(join(stack.folder, pack, "config", "example.json"), settings);
    const preview = await stack.pulumi("preview", "-s", "dev", "--policy-pack", pack, "--policy-pack-config", settings);
    assert.notEqual(preview.code, 0, "the bucket of the program is not encrypted");
    assert.match(
      preview.output,
      /\[mandatory\]\s+\[?critical\]?.*no-public-or-unencrypted-bucket|\[mandatory\].*no-public-or-unencrypted-bucket/,
    );
    assert.match(preview.output, /\[advisory\].*permissions-boundary/);
    assert.ok(
      !/peregrine-/.test(preview.output) && !preview.output.includes(datasetBucket),
      "nothing of Peregrine's own settings holds here",
    );
    assert.deepEqual(
      memory.calls.filter(({ name }) => !/Get|Describe|List/.test(name)),
      [],
    );
    const records = readFileSync(join(stack.folder, ".peregrine", "policy-record.jsonl"), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as PolicyRecord);
    assert.ok(
      records.some(
        ({ kind, operation, rule }) =>
          kind === "violation" && operation === "preview" && rule === "permissions-boundary",
      ),
    );
  });

  it("corrects where it may, writes down what it did, and the correction reaches AWS", async () => {
    const record = join(stack.folder, "record.jsonl");
    stack.env["PEREGRINE_POLICY_RECORD"] = record;
    const settings = join(stack.folder, "correct.json");
    writeFileSync(
      settings,
      JSON.stringify({
        all: "disabled",
        "required-tags": { enforcementLevel: "remediate", required: ["project", "managed-by"] },
      }),
    );
    const up = await stack.pulumi(
      "up",
      "--yes",
      "--skip-preview",
      "-s",
      "dev",
      "--policy-pack",
      pack,
      "--policy-pack-config",
      settings,
    );
    assert.equal(up.code, 0, up.output);
    const records = readFileSync(record, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as PolicyRecord);
    assert.deepEqual(
      [...new Set(records.map(({ kind, operation, rule }) => `${kind} ${operation} ${rule}`))],
      ["remediation update required-tags"],
    );
    const role = memory.calls.find(({ name }) => name === "iam:CreateRole")!;
    // What the update left violates other rules, and that is seen without the program.
    const analysis = await stack.pulumi(
      "policy",
      "analyze",
      "--stack",
      "dev",
      "--policy-pack",
      pack,
      "--policy-pack-config",
      join(stack.folder, "policy-config.json"),
    );
    assert.notEqual(analysis.code, 0);
    assert.match(analysis.output, /no-public-or-unencrypted-bucket/);
    assert.deepEqual(role.input["Tags"], [
      { Key: "managed-by", Value: "pulumi" },
      { Key: "project", Value: "tiny" },
    ]);
  });
});
