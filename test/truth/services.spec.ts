import assert from "node:assert/strict";
import type { Deployed } from "./deployment";
import { itemsOf } from "./items";
import { monitorMeasures, type Need, needs, unnoticed, ways } from "./needs";
import { parts } from "./parts";
import { Stage } from "./stage";

/** What boto3 says of a connection that ends without an answer. */
const brokenOff = /^ConnectionClosedError: Connection was closed before we received a valid response/;
const governed =
  /^aws:(kms\/key:Key|sns\/topicPolicy:TopicPolicy|sqs\/queuePolicy:QueuePolicy|s3\/bucketPolicy:BucketPolicy|ec2\/vpcEndpoint:VpcEndpoint)$/;

/**
 * The environment `dev` in a private network, with a release that serves: each service that the program lets do
 * something is shut out once, and the platform's work that needs it has to fail as on AWS.
 */
describe("the program with one service shut out fails in AWS's words", function () {
  let stage: Stage;
  before(async () => {
    stage = await Stage.up("dev", { "peregrine:networkMode": "private" });
  });
  after(() => stage?.down());

  const labelOf = ({ name }: Deployed): string => name.replace(`${stage.scope.names.prefix}-`, "");

  it("works as long as nobody is", async () => {
    const failed: string[] = [];
    const all = new Map(
      [
        ...Object.entries(ways).map(([name, { work }]) => [name, work] as const),
        ...Object.entries(needs).flatMap(([label, items]) =>
          Object.entries(items).map(([item, { work }]) => [`${label} ${item}`, work] as const),
        ),
      ].map(([what, work]) => [work, what]),
    );
    for (const [work, what] of all) await work(stage).catch((error: Error) => failed.push(`${what}: ${error.message}`));
    assert.deepEqual(failed, []);
  });

  it("notices each piece of the policies of keys, topics, queues, buckets and endpoints", async () => {
    const wrong: string[] = [];
    const noticed: string[] = [];
    for (const resource of stage.deployment.resources.filter(({ type }) => governed.test(type)))
      for (const { name, without } of itemsOf(resource)) {
        const label = `${labelOf(resource)} ${name}`;
        const need = needs[labelOf(resource)]?.[name];
        if (label in unnoticed) continue;
        if (!need) {
          wrong.push(`${label}: nobody says what needs it`);
          continue;
        }
        const words = await stage.noticed({ resource: () => resource, change: without, work: need.work });
        if (words !== undefined && need.words.test(words)) noticed.push(label);
        else wrong.push(`${label}: ${words ?? "nothing was noticed"}`);
      }
    assert.deepEqual(wrong, []);
    // What is not noticed is still there, and for people to see.
    const pieces = stage.deployment.resources
      .filter(({ type }) => governed.test(type))
      .flatMap((resource) => itemsOf(resource).map(({ name }) => `${labelOf(resource)} ${name}`));
    assert.deepEqual(
      Object.keys(unnoticed).filter((label) => !pieces.includes(label)),
      [],
    );
    process.stdout.write(
      `${["", "      unnoticed:", ...Object.entries(unnoticed).map(([label, why]) => `        ${label}: ${why}`)].join("\n")}\n`,
    );
    assert.ok(noticed.length >= 40, String(noticed.length));
  });

  for (const { what, words, ...part } of parts)
    it(`notices the program without ${what}`, async () => {
      await part.work(stage);
      const said = await stage.noticed(part);
      assert.ok(words.test(said ?? ""), said ?? "nothing was noticed");
    });

  it("notices each VPC endpoint", async () => {
    const endpoints = stage.deployment.resources.filter(({ type }) => type === "aws:ec2/vpcEndpoint:VpcEndpoint");
    assert.deepEqual(
      endpoints.map(({ inputs }) => inputs["serviceName"]).sort(),
      Object.values(ways)
        .map(({ service }) => service)
        .sort(),
    );
    for (const { service, work, without = brokenOff } of Object.values(ways)) {
      const words = await stage.noticed({
        resource: ({ resources }) => resources.find(({ inputs }) => inputs["serviceName"] === service)!,
        change: "gone",
        work,
      });
      assert.ok(without.test(words ?? ""), `${service}: ${words ?? "nothing was noticed"}`);
    }
  });
});

/**
 * Without Studio nobody works inside: jobs and models need their data's way and the tracker's, monitors those of what
 * they measure and tell.
 */
describe("the program without Studio and without one of its VPC endpoints fails in AWS's words", function () {
  let stage: Stage;
  before(async () => {
    stage = await Stage.up("dev", { "peregrine:networkMode": "private", "peregrine:studio": "false" });
  });
  after(() => stage?.down());

  const trains: Need["work"] = (on) => on.trains();
  /** What needs the way to a service, and what it says without. */
  const needed: Readonly<Record<string, Need>> = {
    "com.amazonaws.eu-central-1.s3": {
      work: trains,
      words:
        /^ClientError: Data download failed:Please ensure that the subnet's route table has a route to an S3 VPC endpoint or a NAT device/,
    },
    "aws.sagemaker.eu-central-1.mlflow": { work: trains, words: ways["sagemaker-mlflow"]!.without! },
    "com.amazonaws.eu-central-1.events": { work: ways["events"]!.work, words: brokenOff },
    "com.amazonaws.eu-central-1.monitoring": { work: monitorMeasures, words: brokenOff },
  };

  it("notices each", async () => {
    const endpoints = stage.deployment.resources.filter(({ type }) => type === "aws:ec2/vpcEndpoint:VpcEndpoint");
    assert.deepEqual(endpoints.map(({ inputs }) => inputs["serviceName"]).sort(), Object.keys(needed).sort());
    for (const work of new Set(Object.values(needed).map(({ work }) => work))) await work(stage);
    for (const resource of endpoints) {
      const service = String(resource.inputs["serviceName"]);
      const { work, words } = needed[service]!;
      const said = await stage.noticed({ resource: () => resource, change: "gone", work });
      assert.ok(words.test(said ?? ""), `${service}: ${said ?? "nothing was noticed"}`);
    }
  });
});
