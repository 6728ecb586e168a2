import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ObjectStore } from "../../../aws/s3";
import type { AwsSession } from "../../../aws/session";
import { takeRole } from "../../../aws/sts";
import type { Pace } from "../../../automation/probe/pace";
import { experiments } from "../../../automation/probe/experiments";
import { runOne, runProbe } from "../../../automation/probe/run";
import type { ProgramDocuments } from "../../../automation/probe/program";
import type { ProbeReport } from "../../../automation/probe/report";
import type { ImageCommand } from "../../../local/runner/images";
import type { LocalCloud } from "../../../local/server";
import { documentsOf } from "../../../scripts/probe/place";
import { enter, startTestCloud } from "../../local/support";
import { makeTemporaryFolder } from "../../support/temporary-folder";

/** Cloud seconds per real second. */
const speed = 60;
/** Twice as patient as the cloud is fast: this machine may be busy. */
const pace: Pace = { pollSeconds: 0.05, minuteSeconds: 120 / speed };
const toy = join(__dirname, "..", "..", "local", "services", "sagemaker", "images", "toy.cjs");

describe("experiments on an account", function () {
  const folder = makeTemporaryFolder();
  let local: LocalCloud;
  let session: AwsSession;
  let leave: () => void;
  let report: ProbeReport;
  const said: string[] = [];
  const options = () => ({ session, pace, report: (name: string, what: string) => void said.push(`${name}: ${what}`) });
  const administrator = () => ({ principal: local.administrator.principal, sourceIp: "127.0.0.1", userAgent: "test" });
  const programme = { skipped: [], prices: [], budgetUsd: 100 };
  let there: ReadonlySet<string>;
  const left = async () => (await local.cloud.inventory()).map(({ arn }) => arn).filter((arn) => !there.has(arn));

  before(async () => {
    local = await startTestCloud({
      speed,
      lags: true,
      images: {
        toy: { entrypoint: [process.execPath, toy] },
        "toy-cuda": onGpu(folder),
        "aws/codebuild/standard": { entrypoint: ["sh"], env: { PATH: "/usr/bin:/bin" } },
      },
      quotas: { "ml.g4dn.xlarge for endpoint usage": 2, "ml.m5.large for endpoint usage": 3 },
    });
    leave = enter(local, join(folder, "aws"));
    session = { profile: "ab", region: local.cloud.region };
    const store = new ObjectStore(session);
    await store.createBucket("models-of-ours", session.region);
    await store.put({ bucket: "models-of-ours", key: "model.tar.gz" }, emptyArchive);
    const model = {
      image: `${local.cloud.accountId}.dkr.ecr.eu-central-1.amazonaws.com/toy:1`,
      modelDataUrl: "s3://models-of-ours/model.tar.gz",
    };
    const documents = await documentsOf(session, "dev");
    there = new Set((await local.cloud.inventory()).map(({ arn }) => arn));
    report = await runProbe({ ...programme, run: experiments }, { ...options(), documents, model });
  });
  after(async () => {
    leave?.();
    await local?.stop();
  });

  const answersOf = ({ outcomes }: ProbeReport) =>
    Object.fromEntries(outcomes.map(({ name, verdict, observed }) => [name, `${verdict}: ${observed}`]));

  it("ask every question, and say what they did", () => {
    assert.deepEqual(
      report.outcomes.map(({ name }) => name),
      experiments.map(({ name }) => name),
    );
    for (const { name, steps, observed } of report.outcomes) assert.ok(steps.length >= 3 && observed.length > 0, name);
  });

  const answers: readonly (readonly [name: string, answer: RegExp])[] = [
    ["studio-key", /^held: domain and app are InService; SageMaker made 2 security groups for the file system$/],
    ["lambda-trust", /^held: the function is Active$/],
    ["mlflow-trust", /^held: the app is Created$/],
    ["gpu-image", /^could not ask: the endpoint was in service after .*, but its log names no execution provider$/],
    [
      "scaled-endpoint",
      /^held: first refused: ValidationException: .* does not have application-autoscaling:DeregisterScalableTarget permission .*; then deleted, and the target with it$/,
    ],
    [
      "fresh-alarm",
      /^held: InService on the new configuration, alarm INSUFFICIENT_DATA before and INSUFFICIENT_DATA after/,
    ],
    [
      "approval-event",
      /^held: approval: \["ModelApprovalStatus","ApprovalDescription"\]; description alone: \["ApprovalDescription"\]; metadata alone: \["CustomerMetadataProperties"\]$/,
    ],
    [
      "build-limit",
      /^held: by call: AccountLimitExceededException: .*; by rule: a dead letter, \d+ s after the event, while the first build ran: AccountLimitExceededException after 0 retries/,
    ],
    ["register-rights", /^held: the step registered the package$/],
    ["tags-after-delete", /^held: the queue is gone from the list after \d+\.\d minutes, the waiting key is listed$/],
    ["propagation", /^held: alias: \d+ s; a right given: \d+ s; a right taken away: \d+ s, and \d+ s$/],
    ["spent-token", /^held: the second use was answered ConflictException: /],
    ["job-hosts", /^could not ask: .*ml\.g5\.xlarge processing: Failed .*nvidia-smi: not found/],
  ];
  for (const [name, answer] of answers)
    it(`come to their answer here: ${name}`, () => assert.match(answersOf(report)[name] ?? "", answer));

  it("run on no instance that their price leaves out", async () => {
    const kinds = {
      CreateEndpointConfig: "sagemaker.hosting",
      CreateTrainingJob: "sagemaker.training",
      CreateProcessingJob: "sagemaker.processing",
      CreateApp: "sagemaker.studio",
      CreateProject: "codebuild",
    };
    const used = new Set<string>();
    for (const [EventName, kind] of Object.entries(kinds)) {
      const { Events } = (await local.cloud.call(
        "cloudtrail",
        "LookupEvents",
        { LookupAttributes: [{ AttributeKey: "EventName", AttributeValue: EventName }] },
        administrator(),
      )) as { Events: { CloudTrailEvent: string }[] };
      for (const { CloudTrailEvent: record } of Events) {
        const experiment = experiments.find(({ name }) =>
          new RegExp(`peregrine-probe-[0-9a-f]{6}-${name}-`).test(record),
        );
        for (const [, type] of record.matchAll(/"(?:instanceType|computeType)":"([^"]+)"/gi))
          used.add(`${experiment?.name} ${kind}.${type}`);
      }
    }
    const priced = experiments
      .flatMap(({ name, costs }) => costs.map(({ key }) => `${name} ${key}`))
      .filter((one) => /sagemaker|codebuild/.test(one));
    assert.deepEqual([...used].sort(), priced.sort());
  });

  it("leave nothing behind, however it is called", async () => {
    assert.deepEqual(report.leftovers, []);
    assert.deepEqual(await left(), []);
  });

  it("see a GPU where one is, with its driver", async () => {
    const model = {
      image: `${local.cloud.accountId}.dkr.ecr.eu-central-1.amazonaws.com/toy-cuda:1`,
      modelDataUrl: "s3://models-of-ours/model.tar.gz",
    };
    const run = experiments.filter(({ name }) => ["gpu-image", "job-hosts"].includes(name));
    const seen = answersOf(
      await runProbe({ ...programme, run }, { ...options(), documents: await documentsOf(session, "dev"), model }),
    );
    assert.match(seen["gpu-image"]!, /^held: in service after \d+\.\d minutes, CUDAExecutionProvider$/);
    assert.match(
      seen["job-hosts"]!,
      /^held: ml\.g4dn\.xlarge training: NVIDIA L4, 580\.1 .*; ml\.g6\.xlarge processing: NVIDIA L4, 580\.1/,
    );
    assert.deepEqual(await left(), []);
  });

  it("are about the program's own documents: without a statement of theirs, a belief is refuted in AWS's words", async () => {
    const documents = await documentsOf(session, "dev");
    const without = (...sids: string[]): ProgramDocuments => ({
      ...documents,
      roleOf: (role, standIns) =>
        ((one) => ({ ...one, duties: one.duties.filter((duty) => !sids.includes((duty as { Sid: string }).Sid)) }))(
          documents.roleOf(role, standIns),
        ),
    });
    const model = {
      image: `${local.cloud.accountId}.dkr.ecr.eu-central-1.amazonaws.com/toy:1`,
      modelDataUrl: "s3://models-of-ours/model.tar.gz",
    };
    const ask = async (name: string, changed: ProgramDocuments) => {
      const { verdict, observed } = await runOne(
        experiments.find((one) => one.name === name)!,
        0,
        local.cloud.accountId,
        { ...options(), documents: changed, model },
      );
      return `${verdict}: ${observed}`;
    };
    assert.match(
      await ask("studio-key", without("KeepDisks")),
      /^refuted: CreateSpace, as the role of the profile: .*studio-ml-engineer.* is not authorized to perform: kms:CreateGrant/,
    );
    assert.match(
      await ask("register-rights", without("RegisterModels")),
      /^refuted: the pipeline is Failed: .*pipeline-execution.* is not authorized to perform: sagemaker:CreateModelPackage/,
    );
    const foreign = documents.lambdaTrust.replace(local.cloud.accountId, "999999999999");
    assert.match(
      await ask("lambda-trust", { ...documents, lambdaTrust: foreign }),
      /^refuted: .*cannot be assumed by Lambda/,
    );
    assert.deepEqual(await left(), []);
  });

  it("say why where there is nothing to serve, and where IAM refuses", async () => {
    await local.cloud.call(
      "iam",
      "CreateRole",
      {
        RoleName: "reader",
        AssumeRolePolicyDocument: JSON.stringify({
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Principal: { AWS: "*" }, Action: "sts:AssumeRole" }],
        }),
      },
      administrator(),
    );
    const credentials = await takeRole(session, `arn:aws:iam::${local.cloud.accountId}:role/reader`, {
      as: { sourceIdentity: undefined, sessionName: "reader" },
    });
    const some = (name: string) => experiments.filter((one) => one.name === name);
    const nothing = await runProbe(
      { ...programme, run: some("register-rights") },
      { ...options(), documents: await documentsOf(session, "dev"), model: undefined },
    );
    assert.deepEqual(
      [nothing.outcomes[0]!.verdict, nothing.outcomes[0]!.observed.slice(0, 40)],
      ["could not ask", "it needs a model package (--package), an"],
    );
    const refused = await runOne(some("tags-after-delete")[0]!, 0, local.cloud.accountId, {
      ...options(),
      session: { ...session, credentials },
      documents: await documentsOf(session, "dev"),
      model: undefined,
      pace: { pollSeconds: 0.01, minuteSeconds: 0.01 },
    });
    assert.match(
      `${refused.verdict}: ${refused.observed}`,
      /^could not ask: AccessDenied\w*: User: .*reader.* is not authorized to perform: sqs:createqueue/i,
    );
  });
});

/** An image of CUDA 13 that finds a GPU: where it serves, and by `nvidia-smi` where it runs a job. */
function onGpu(folder: string): ImageCommand {
  const smi = join(folder, "nvidia-smi");
  writeFileSync(smi, `#!/bin/sh\n[ $# -gt 0 ] && echo "NVIDIA L4, 580.1" || echo "| CUDA Version: 13.0 |"\n`, {
    mode: 0o755,
  });
  const serve = [
    "sh",
    "-c",
    `echo "ready with CUDAExecutionProvider"; exec "${process.execPath}" "${toy}" "$@"`,
    "toy",
  ];
  return {
    entrypoint: [process.execPath, toy],
    entrypointOnGpu: serve,
    platform: { architecture: "amd64", cuda: "13.3" },
    env: { PATH: `${folder}:/usr/bin:/bin` },
  };
}

/** A gzip-compressed tar archive without a file. */
const emptyArchive = Buffer.from("H4sIAAAAAAACA2NgGAWjYBSMVAAALq+17wAEAAA=", "base64");
