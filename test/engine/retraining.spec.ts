import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { DescribeEndpointCommand, ListPipelineExecutionsCommand } from "@aws-sdk/client-sagemaker";
import { SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { fromIni } from "@aws-sdk/credential-providers";
import { Queues } from "../../aws/sqs";
import { eventBusName, watchEvent } from "../../contract/monitoring";
import type { RetrainingRecord } from "../../records/retraining";
import { datasetBucket } from "../support/dataset";
import { eventually } from "../support/eventually";
import { broughtUp } from "./brought-up";
import type { ProjectCopy } from "./project-copy";
import type { Registry } from "./registry";
import { Runbook } from "./runbook";

const patienceMs = 5 * 60_000;
const betweenMs = 500;
const account = "111122223333";
const drift = {
  severity: "warning",
  message: "Fog: sharpness fell since 11:00",
  area: "model",
  cause: "drift",
  endpoint: "peregrine-staging-detector",
  window: { start: "2026-11-29T10:00:00Z", end: "2026-11-29T11:00:00Z" },
  records: 100,
  score: 2.1,
  features: [{ name: "blur", effect: -2 }],
  examples: ["a/1"],
};

describe("retraining, from a proposal to an alert", function () {
  this.slow(120_000);
  let project: ProjectCopy;
  let registry: Registry;
  let images: readonly string[];
  let runbook: Runbook;
  let events: EventBridgeClient;
  let queues: Queues;
  let mailbox: string;
  /** What people read, in the order in which it came. */
  const read: string[] = [];

  before(async () => {
    ({ project, registry, images } = await broughtUp());
    runbook = new Runbook(project, "docs/runbooks/retraining-failed.md");
    const { region, url: endpoint, credentialsFile: filepath } = registry.server;
    const credentials = fromIni({ filepath, profile: "ab" });
    const settings = { region, endpoint, credentials };
    events = new EventBridgeClient(settings);
    const { accessKeyId, secretAccessKey } = await credentials();
    process.env["AWS_ENDPOINT_URL_SQS"] = endpoint;
    queues = new Queues({ region, credentials: { accessKeyId, secretAccessKey } });
    const { url, arn } = await queues.create("mailbox", {}, (Resource) =>
      JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          { Effect: "Allow", Principal: { Service: "sns.amazonaws.com" }, Action: "sqs:SendMessage", Resource },
        ],
      }),
    );
    mailbox = url;
    for (const severity of ["info", "warning"])
      await new SNSClient(settings).send(
        new SubscribeCommand({
          TopicArn: `arn:aws:sns:${region}:${account}:peregrine-dev-alerts-${severity}`,
          Protocol: "sqs",
          Endpoint: arn,
        }),
      );
  });
  after(async () => {
    delete process.env["AWS_ENDPOINT_URL_SQS"];
    await project?.remove();
  });

  const say = (environment: string, type: string, detail: object) =>
    events.send(
      new PutEventsCommand({
        Entries: [
          {
            EventBusName: eventBusName(environment),
            Source: "peregrine.model",
            DetailType: type,
            Detail: JSON.stringify(detail),
          },
        ],
      }),
    );
  const decisions = async (): Promise<RetrainingRecord[]> =>
    JSON.parse(
      (await project.succeed(process.execPath, "scripts/peregrine.cjs", "retrain", "decisions", "--json")).stdout,
    ) as RetrainingRecord[];
  const executions = async () =>
    (await registry.sagemaker.send(new ListPipelineExecutionsCommand({ PipelineName: "peregrine-dev-training" })))
      .PipelineExecutionSummaries!;
  /** Decisions, once they are as they must be. */
  const settled = (holds: (found: readonly RetrainingRecord[]) => void) =>
    eventually(
      async () => {
        const found = await decisions();
        holds(found);
        return found;
      },
      patienceMs,
      betweenMs,
    );
  const told = (pattern: RegExp) =>
    eventually(
      async () => {
        read.push(...(await queues.take(mailbox)).map(({ body }) => (JSON.parse(body) as { Message: string }).Message));
        const found = read.find((message) => pattern.test(message));
        assert(found, `nothing like ${String(pattern)} among:\n${read.join("\n")}`);
        return found;
      },
      patienceMs,
      betweenMs,
    );

  it("waits for labelled data when another environment drifts, records that once, and tells people", async () => {
    await say("staging", watchEvent.drift, drift);
    const proposal = { trigger: "forecast", key: "forecast/1", reason: "mAP50 falls below 0.3 in 9 days" };
    await say("staging", watchEvent.retrainingProposed, proposal);
    await say("staging", watchEvent.retrainingProposed, proposal);
    const made = await settled((found) => {
      assert.equal(found.filter(({ proposal: { trigger } }) => trigger === "forecast").length, 1);
      assert.equal(found.filter(({ proposal: { trigger } }) => trigger === "drift").length, 1);
    });
    assert.ok(
      made.every(({ verdict }) => verdict !== "retrain"),
      JSON.stringify(made),
    );
    await told(/A training is needed and waits \(proposed by (drift|forecast)/);
    assert.deepEqual(await executions(), []);
  });

  it("retrains once when a labelled flight came, which the look of the next hour finds", async () => {
    await settled((found) => assert.match(JSON.stringify(found), /0 new labelled objects since the last training/));
    await registry.put(datasetBucket, "flights/fog.jpg", readFileSync(images[0]!));
    const tree =
      "<object><name>tree</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>9</xmax><ymax>9</ymax></bndbox></object>";
    await registry.put(datasetBucket, "flights/fog.xml", `<annotation>${tree.repeat(60)}</annotation>`);
    const made = await settled((found) => assert.ok(found.some(({ verdict }) => verdict === "retrain")));
    const started = made.filter(({ verdict }) => verdict === "retrain");
    assert.deepEqual(
      started.map(({ executionArn }) => executionArn),
      (await executions()).map(({ PipelineExecutionArn }) => PipelineExecutionArn),
    );
    await told(/A training was started \(proposed by/);
    assert.match(await told(/The data set s3:\/\/.* changed: 1 flights came/), /60 tree/);
  });

  it("tells which step of a training failed, with the end of its log, and leaves what serves as it is", async () => {
    const endpoint = { EndpointName: "peregrine-staging-detector" };
    const before = await registry.sagemaker.send(new DescribeEndpointCommand(endpoint));
    // Both flights are held out: there is nothing to train on.
    const message = await told(/Training ended as Failed/);
    assert.match(message, /Step (ProfileData|PrepareData|TrainDetector) failed/);
    assert.match(message, /The log ends with: .*error: No flight for val/);
    assert.match(message, /docs\/runbooks\/retraining-failed\.md/);
    const after = await registry.sagemaker.send(new DescribeEndpointCommand(endpoint));
    assert.equal(after.EndpointConfigName, before.EndpointConfigName);
  });

  it("is proposed by a person, who waits for no data: each command of the runbook", async () => {
    const failed = (await executions()).at(-1);
    const EXECUTION_ARN = failed!.PipelineExecutionArn!;
    const seen = await runbook.run("npx peregrine retrain decisions", { EXECUTION_ARN });
    assert.match(seen.stdout, /retrain {2}(new-data|schedule|drift)/);
    assert.match(seen.stdout, /Failed\t/);
    await runbook.run("npx peregrine retrain propose", {});
    const made = await settled((found) => assert.ok(found.some(({ proposal: { trigger } }) => trigger === "person")));
    const decided = made.find(({ proposal: { trigger } }) => trigger === "person");
    assert.match(decided!.by, /^AROA/);
    // The failed one is tried again by itself each hour, and may be at work just now.
    assert.ok(
      decided!.verdict === "retrain" || /a training runs/.test(decided!.reasons.join()),
      JSON.stringify(decided),
    );
    const said = await runbook.run("npx peregrine retrain decisions --days 1", {});
    assert.match(said.stdout, /person {4}the labels of the fog flights are corrected/);
    await runbook.run("aws sagemaker retry-pipeline-execution", { EXECUTION_ARN });
    assert.deepEqual(runbook.left, []);
  });
});
