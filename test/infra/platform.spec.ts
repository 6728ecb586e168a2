import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { value } from "../support/outputs";
import { stackOutputs } from "../../contract/outputs";
import { environments } from "../../contract/environments";
import { type Recorder, record } from "../support/mocks";
import { runProgram } from "../support/program";
import { accountId, releaseOf } from "../support/scope";
import { datasetBucket } from "../support/dataset";

interface Run {
  readonly recorder: Recorder;
  readonly outputs: Record<string, unknown>;
}

/** A program that ran is looked at by many tests: nothing changes it any more. */
const runs = new Map<string, Promise<Run>>();

/** Runs a stack's program; with a release the endpoint exists. */
function run(stack: string, options: { released?: boolean; changes?: Record<string, string> } = {}): Promise<Run> {
  const key = JSON.stringify([stack, options]);
  if (!runs.has(key)) runs.set(key, start(stack, options));
  return runs.get(key)!;
}

async function start(stack: string, options: { released?: boolean; changes?: Record<string, string> }): Promise<Run> {
  const parameters: Record<string, string> = options.released
    ? { [`/peregrine/${stack}/release`]: JSON.stringify(releaseOf()) }
    : {};
  const recorder = await record(stack, { parameters });
  return { recorder, outputs: await runProgram(stack, options.changes) };
}

describe("the program", () => {
  for (const stack of environments)
    it(`builds ${stack} without a release: everything but the endpoint`, async () => {
      const { recorder, outputs } = await run(stack);
      assert.equal(recorder.ofType("aws:sagemaker/endpoint:Endpoint").length, 0);
      assert.equal(recorder.ofType("aws:sagemaker/model:Model").length, 0);
      assert.ok(recorder.one("aws:sagemaker/pipeline:Pipeline", `peregrine-${stack}-training-pipeline`));
      assert.ok(!("endpointConfigName" in outputs));
      assert.equal(outputs["endpointName"], `peregrine-${stack}-detector`);
    });

  it("serves the desired release as soon as there is one", async () => {
    const { recorder, outputs } = await run("prod", { released: true });
    assert.equal(recorder.one("aws:sagemaker/endpoint:Endpoint").inputs["name"], "peregrine-prod-detector");
    assert.equal(
      recorder.one("aws:sagemaker/model:Model").inputs["primaryContainer"].modelDataUrl,
      releaseOf().modelDataUrl,
    );
    assert.ok(outputs["endpointConfigName"]);
  });

  it("asks AWS for the account, the partition and the release, and for nothing else", async () => {
    const { recorder } = await run("prod");
    assert.deepEqual([...recorder.calls].sort(), [
      "aws:index/getCallerIdentity:getCallerIdentity",
      "aws:index/getPartition:getPartition",
      "aws:ssm/getParametersByPath:getParametersByPath",
    ]);
  });

  it("sends everything through one provider with profile, region and default tags", async () => {
    const { recorder } = await run("prod", {
      released: true,
      changes: { "peregrine:allowedAccountIds": `["${accountId}"]` },
    });
    const provider = recorder.one("pulumi:providers:aws");
    assert.equal(provider.inputs["profile"], "ab");
    assert.deepEqual(JSON.parse(provider.inputs["allowedAccountIds"]), [accountId]);
    assert.deepEqual(Object.keys(JSON.parse(provider.inputs["defaultTags"]).tags).sort(), [
      "cost-center",
      "environment",
      "managed-by",
      "owner",
      "project",
    ]);
    const strays = recorder.resources.filter(
      (resource) => resource.type.startsWith("aws:") && !resource.provider.includes("pulumi:providers:aws::aws::"),
    );
    assert.deepEqual(
      strays.map(({ name }) => name),
      [],
    );
  });

  it("gives the outputs that automation relies on, and no others", async () => {
    for (const released of [true, false])
      for (const stack of environments) {
        const { outputs } = await run(stack, { released });
        assert.deepEqual(stackOutputs.strict().safeParse(await value(pulumi.output(outputs))).error, undefined);
      }
  });

  it("never creates or changes the dataset bucket", async () => {
    const { recorder } = await run("prod", { released: true });
    assert.deepEqual(
      recorder.resources.filter(({ inputs }) => inputs["bucket"] === datasetBucket),
      [],
    );
  });

  it("makes the image repository in one stack of the account only", async () => {
    const counts = [];
    for (const stack of environments)
      counts.push((await run(stack)).recorder.ofType("aws:ecr/repository:Repository").length);
    assert.deepEqual(counts, [1, 0, 0]);
  });

  it("puts a permissions boundary and the environment's path on every role", async () => {
    const { recorder } = await run("staging");
    const roles = recorder.ofType("aws:iam/role:Role");
    assert.ok(roles.length >= 9);
    for (const { inputs } of roles) {
      assert.match(
        inputs["permissionsBoundary"],
        /policy\/peregrine-staging-(identity-((deployer|witness)-)?|foundation-budget-)boundary$/,
      );
      assert.equal(inputs["path"], "/peregrine/staging/");
    }
  });

  it("lets destroy empty buckets in dev and staging, not in prod", async () => {
    const answers = [];
    for (const stack of environments)
      answers.push(
        (await run(stack)).recorder.one("aws:s3/bucket:Bucket", `peregrine-${stack}-storage-artifacts-bucket`).inputs[
          "forceDestroy"
        ],
      );
    assert.deepEqual(answers, [true, true, false]);
  });

  it("ends every log group after a while", async () => {
    const { recorder } = await run("prod", { released: true });
    const groups = recorder.ofType("aws:cloudwatch/logGroup:LogGroup");
    assert.equal(groups.length, 16);
    for (const { inputs } of groups) assert.equal(inputs["retentionInDays"], 400);
  });

  it("keeps events that could not be delivered, for every rule", async () => {
    const { recorder } = await run("dev");
    const targets = recorder.ofType("aws:cloudwatch/eventTarget:EventTarget");
    assert.equal(targets.length, recorder.ofType("aws:cloudwatch/eventRule:EventRule").length);
    for (const { inputs } of targets) assert.match(inputs["deadLetterConfig"].arn, /dead-letters/);
  });

  it("stops with all problems before it asks or creates anything", async () => {
    const recorder = await record("prod");
    await assert.rejects(
      runProgram("prod", { "peregrine:epochs": "many", "peregrine:servingInstanceType": "ml.huge" }),
      /2 problems in the settings of stack prod/,
    );
    assert.deepEqual([recorder.resources.length, recorder.calls.length], [0, 0]);
  });

  it("stops at a damaged release instead of taking the endpoint away", async () => {
    await record("prod", { parameters: { "/peregrine/prod/release": "{}" } });
    await assert.rejects(runProgram("prod"), /The desired release in \/peregrine\/prod\/release is damaged/);
  });
});
