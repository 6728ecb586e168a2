import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Output } from "@pulumi/pulumi";
import { approvedPattern, failedNotice, failedPattern } from "../../../infra/delivery/rules";
import { parseBuildspec } from "../../../local/services/codebuild/buildspec";
import { value } from "../../support/outputs";
import { type Recorder, record } from "../../support/mocks";
import { runProgram } from "../../support/program";
import { scopeOf } from "../../support/scope";

const artifacts = "peregrine-dev-artifacts-123456789012";

describe("release builds", () => {
  let recorder: Recorder;
  let outputs: Record<string, unknown>;
  const inputsOf = (type: string, name: string) => recorder.one(type, name).inputs;

  before(async () => {
    recorder = await record("dev");
    outputs = await runProgram("dev", { "peregrine:releaseBackendUrl": "s3://state-of-stacks" });
  });

  it("exist where the settings name targets, and nowhere else", async () => {
    assert.equal(await value(outputs["releaseProject"] as Output<string>), "peregrine-dev-release");
    for (const [stack, changes] of [
      ["staging", {}],
      ["prod", {}],
      ["dev", { "peregrine:releaseTargets": "" }],
    ] as const) {
      const without = await record(stack);
      await runProgram(stack, changes);
      assert.deepEqual(
        without.resources
          .filter(
            ({ type, name }) =>
              // What is released is written down everywhere where somebody heals.
              (/release/.test(name) && !/release-facts/.test(name)) ||
              (type.startsWith("aws:codebuild/") && name !== "peregrine-dev-image-builds-project"),
          )
          .map(({ name }) => name),
        [],
      );
    }
  });

  it("run in an unprivileged container that holds an engine, one at a time, as their own role, from the committed source", () => {
    const project = inputsOf("aws:codebuild/project:Project", "peregrine-dev-delivery-project");
    assert.equal(project["name"], "peregrine-dev-release");
    assert.match(project["serviceRole"], /release-build/);
    assert.deepEqual(project["source"], {
      type: "S3",
      location: `${artifacts}/sources/peregrine.zip`,
      buildspec: "infra/delivery/buildspec.yml",
    });
    assert.deepEqual(project["artifacts"], { type: "NO_ARTIFACTS" });
    assert.deepEqual([project["concurrentBuildLimit"], project["buildTimeout"]], [1, 480]);
    const { environmentVariables, ...environment } = project["environment"];
    assert.deepEqual(environment, {
      type: "LINUX_CONTAINER",
      computeType: "BUILD_GENERAL1_MEDIUM",
      image: "aws/codebuild/standard:7.0",
      imagePullCredentialsType: "CODEBUILD",
      privilegedMode: false,
    });
    assert.deepEqual(
      Object.fromEntries(environmentVariables.map(({ name, value }: Record<string, string>) => [name, value])),
      { REGISTRY: "dev", RELEASE_TARGETS: "staging,prod", RELEASE_BACKEND_URL: "s3://state-of-stacks" },
    );
    assert.equal(
      inputsOf("aws:s3/bucketObjectv2:BucketObjectv2", "peregrine-dev-source-object")["key"],
      "sources/peregrine.zip",
    );
  });

  it("are encrypted with the environment's key and log to a group that ends", () => {
    const project = inputsOf("aws:codebuild/project:Project", "peregrine-dev-delivery-project");
    const logs = inputsOf("aws:cloudwatch/logGroup:LogGroup", "peregrine-dev-delivery-logs");
    assert.deepEqual([logs["name"], logs["retentionInDays"]], ["/aws/codebuild/peregrine-dev-release", 14]);
    assert.equal(project["logsConfig"].cloudwatchLogs.groupName, logs["name"]);
    assert.ok(project["encryptionKey"]);
    assert.equal(project["encryptionKey"], logs["kmsKeyId"]);
  });

  it("are started by an approval in the registry's group, which waits in a queue of its own while another build runs", () => {
    const rule = inputsOf("aws:cloudwatch/eventRule:EventRule", "peregrine-dev-requests-approved");
    assert.deepEqual(JSON.parse(rule["eventPattern"]).detail, {
      ModelPackageGroupName: ["peregrine-dev-detector"],
      ModelApprovalStatus: ["Approved"],
      UpdatedModelPackageFields: ["ModelApprovalStatus"],
    });
    const { arn, roleArn, inputTransformer, deadLetterConfig } = inputsOf(
      "aws:cloudwatch/eventTarget:EventTarget",
      "peregrine-dev-requests-approved-target",
    );
    assert.match(arn, /requests-approvals/);
    assert.deepEqual([roleArn, inputTransformer], [undefined, undefined]);
    assert.match(deadLetterConfig.arn, /dead-letters/);
    const queue = inputsOf("aws:sqs/queue:Queue", "peregrine-dev-requests-approvals");
    assert.equal(queue["name"], "peregrine-requests-approvals-dev");
    const source = inputsOf(
      "aws:lambda/eventSourceMapping:EventSourceMapping",
      "peregrine-dev-requests-approvals-source",
    );
    assert.match(source["eventSourceArn"], /requests-approvals/);
    assert.deepEqual([source["batchSize"], source["functionResponseTypes"]], [1, ["ReportBatchItemFailures"]]);
  });

  it("wait a day for their turn, longer than the longest of builds, before they are dead letters", () => {
    for (const name of [
      "peregrine-dev-requests-approvals",
      "peregrine-dev-requests-prod",
      "peregrine-dev-trials-queue",
    ]) {
      const queue = inputsOf("aws:sqs/queue:Queue", name);
      const { deadLetterTargetArn, maxReceiveCount } = JSON.parse(queue["redrivePolicy"]) as {
        deadLetterTargetArn: string;
        maxReceiveCount: number;
      };
      assert.equal(maxReceiveCount * queue["visibilityTimeoutSeconds"], 86_400, name);
      assert.match(deadLetterTargetArn, /dead-letters/);
    }
  });

  it("take approvals from their rule alone: the queue's policy refuses whoever is no such event", () => {
    const { Statement } = JSON.parse(
      inputsOf("aws:sqs/queuePolicy:QueuePolicy", "peregrine-dev-requests-approvals-policy")["policy"],
    ) as { Statement: { Effect: string; Condition: object }[] };
    const rule = { "aws:SourceArn": "arn:aws:events:eu-central-1:123456789012:rule/peregrine-dev-release-approved" };
    assert.deepEqual(
      Statement.map(({ Effect, Condition }) => [Effect, Condition]),
      [
        ["Allow", { ArnEquals: rule }],
        ["Deny", { ArnNotEquals: rule }],
      ],
    );
  });

  it("are told as critical when they fail, with what to do, and not when a person stops one", () => {
    const scope = scopeOf("dev");
    assert.deepEqual(failedPattern(scope)["detail"], {
      "project-name": ["peregrine-dev-release"],
      "build-status": ["FAILED", "FAULT", "TIMED_OUT"],
      // A candidate that fails its trial is told by its pipeline.
      "additional-information": { initiator: [{ "anything-but": { prefix: "peregrine-dev-staging-trial/" } }] },
    });
    assert.match(
      inputsOf("aws:cloudwatch/eventTarget:EventTarget", "peregrine-dev-delivery-failed-target")["arn"],
      /alerts-critical/,
    );
    const { inputPaths, inputTemplate } = failedNotice(scope);
    const sentence = JSON.parse(inputTemplate) as string;
    for (const words of [
      "docs/runbooks/release-failed.md",
      "peregrine status",
      "peregrine release list --stack staging",
      "peregrine release list --stack prod",
    ])
      assert.ok(sentence.includes(words), words);
    assert.deepEqual([...sentence.matchAll(/<(\w+)>/g)].map(([, name]) => name).sort(), Object.keys(inputPaths).sort());
  });

  it("have both rules named by the registry's environment, so that its dead-letter queue takes their events", () => {
    for (const [part, name] of [
      ["requests", "approved"],
      ["delivery", "failed"],
    ])
      assert.equal(
        inputsOf("aws:cloudwatch/eventRule:EventRule", `peregrine-dev-${part}-${name}`)["name"],
        `peregrine-dev-release-${name}`,
      );
    assert.deepEqual(approvedPattern(scopeOf("dev"))["source"], ["aws.sagemaker"]);
  });

  it("follow a buildspec that CodeBuild can read, and that quotes what an event says", () => {
    const spec = parseBuildspec(readFileSync(join(__dirname, "../../../infra/delivery/buildspec.yml"), "utf8"));
    const commands = Object.values(spec.phases).flatMap((phase) => phase.commands);
    assert.equal(spec.phases.build.commands.length, 1);
    for (const command of commands) assert.doesNotMatch(command.replace(/"[^"]*"/g, ""), /\$[A-Z]/, command);
  });
});
