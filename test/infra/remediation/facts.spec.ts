import assert from "node:assert/strict";
import { accountFacts, factsKeys, servingFacts, watchFacts } from "../../../contract/remediation";
import { built } from "../../support/build";
import { releaseOf } from "../../support/scope";

const changes = { "peregrine:remediation": "on" };

async function fact(key: string): Promise<unknown> {
  const { recorder } = await built("prod", changes);
  const found = recorder.resources.find(
    ({ type, inputs }) => type === "aws:s3/bucketObjectv2:BucketObjectv2" && inputs["key"] === key,
  );
  return JSON.parse(found?.inputs["content"] as string);
}

describe("desired facts", () => {
  it("hold every bucket, role, key and trail of the program, and no other", async () => {
    const facts = accountFacts.parse(await fact(factsKeys.account));
    const { recorder } = await built("prod", changes);
    const count = (type: string) => recorder.resources.filter((one) => one.type === type).length;
    assert.equal(facts.buckets.length, count("aws:s3/bucket:Bucket"));
    assert.ok(facts.buckets.every(({ closed, policy, versioned }) => closed && versioned && policy));
    assert.equal(facts.roles.length, count("aws:iam/role:Role"));
    assert.ok(facts.roles.every(({ boundary }) => boundary));
    assert.equal(facts.keys.length, count("aws:kms/key:Key"));
    assert.equal(facts.trails.length, 1);
    assert.match(facts.approver, /peregrine-prod-approver$/);
  });

  it("hold every alarm, log group, rule, schedule and function", async () => {
    const facts = watchFacts.parse(await fact(factsKeys.watch));
    const { recorder } = await built("prod", changes);
    const count = (type: string) => recorder.resources.filter((one) => one.type === type).length;
    assert.equal(facts.alarms.length, count("aws:cloudwatch/metricAlarm:MetricAlarm"));
    assert.equal(facts.logGroups.length, count("aws:cloudwatch/logGroup:LogGroup"));
    assert.equal(facts.rules.length, count("aws:cloudwatch/eventRule:EventRule"));
    assert.equal(facts.schedules.length, count("aws:scheduler/schedule:Schedule"));
    assert.ok(facts.rules.some(({ name }) => name === "peregrine-prod-release-guard-calls"));
  });

  it("say nothing of an endpoint where nothing is released", async () => {
    assert.deepEqual(servingFacts.parse(await fact(factsKeys.serving)), { version: 1 });
  });

  it("name the configuration that a release serves, and its alarms", async () => {
    const { recorder } = await built("prod", changes, { "/peregrine/prod/release": JSON.stringify(releaseOf()) });
    const contents = new Map(
      recorder.resources.map(({ inputs }) => [inputs["key"] as string, inputs["content"] as string]),
    );
    const { endpoint } = servingFacts.parse(JSON.parse(contents.get(factsKeys.serving)!));
    assert.equal(endpoint!.name, "peregrine-prod-detector");
    assert.match(endpoint!.config, /^peregrine-prod-detector-/);
    const { alarms } = watchFacts.parse(JSON.parse(contents.get(factsKeys.watch)!));
    assert.ok(alarms.some(({ AlarmName }) => AlarmName === "peregrine-prod-detector-errors"));
  });

  it("are not written where nothing is healed", async () => {
    const { recorder } = await built("prod", { "peregrine:remediation": "off" });
    assert.deepEqual(
      recorder.resources.filter(({ name }) => /remediation|-facts/.test(name)),
      [],
    );
  });
});
