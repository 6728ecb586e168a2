import assert from "node:assert/strict";
import { subscriptionsOf, topicSuffix, topicSuffixes } from "../../../infra/alerts/routes";
import { built } from "../../support/build";
import { releaseOf, settingsOf } from "../../support/scope";

const routes = {
  "peregrine:alertRoutes": JSON.stringify([
    "detectors serving,model critical,warning mailto:detectors@example.org",
    "detectors serving critical slack:T0123ABC/C0456DEF",
    "platform platform critical https://pager.example.org/in",
  ]),
};
const table = settingsOf("prod", routes).alertRoutes;
const release = { "/peregrine/prod/release": JSON.stringify(releaseOf()) };

describe("alert routes", () => {
  it("lead an area to its team at the severities that the team takes, and to the platform else", () => {
    assert.equal(topicSuffix(table, "critical", "serving"), "detectors-critical");
    assert.equal(topicSuffix(table, "info", "serving"), "info");
    assert.equal(
      topicSuffix(table, "critical", "platform"),
      "critical",
      "the platform's topics are the platform team's",
    );
    assert.equal(topicSuffix([], "critical", "model"), "critical");
  });

  it("make topics for what is taken, and no others", () => {
    assert.deepEqual(topicSuffixes(table), ["critical", "warning", "info", "detectors-critical", "detectors-warning"]);
    assert.deepEqual(topicSuffixes([]), ["critical", "warning", "info"]);
  });

  it("subscribe every endpoint once, under a name that does not hang on the table's order", () => {
    const names = (entries: typeof table) =>
      subscriptionsOf(entries)
        .map(({ name }) => name)
        .sort();
    assert.equal(names(table).length, 3);
    assert.deepEqual(names([...table].reverse()), names(table));
    assert.deepEqual(names([...table, ...table]), names(table));
  });
});

describe("alerts", () => {
  it("of the endpoint go to whoever tells people, notices to their team, and lost events to the platform", async () => {
    const { recorder } = await built("prod", routes, release);
    const alarm = (name: string) => recorder.one("aws:cloudwatch/metricAlarm:MetricAlarm", name).inputs["alarmActions"];
    for (const name of ["errors", "disk"])
      assert.match(alarm(`peregrine-prod-detector-${name}`)[0], /function\/peregrine-prod-telling-function-function$/);
    assert.match(alarm("peregrine-prod-reactions-dead-letters-alarm")[0], /topic\/peregrine-prod-alerts-warning$/);
    const target = (rule: string) =>
      recorder.one("aws:cloudwatch/eventTarget:EventTarget", `peregrine-prod-reactions-${rule}-target`).inputs["arn"];
    assert.match(target("endpoint-trouble"), /alerts-detectors-critical$/);
    assert.match(target("candidate-decided"), /alerts-info$/);
  });

  it("reach each team's endpoints, chat channels included", async () => {
    const { recorder } = await built("prod", routes, release);
    const subscriptions = recorder
      .ofType("aws:sns/topicSubscription:TopicSubscription")
      .map(({ inputs }) => [inputs["topic"].split("/").at(-1), inputs["protocol"], inputs["endpoint"]]);
    assert.deepEqual(subscriptions.sort(), [
      ["peregrine-prod-alerts-critical", "https", "https://pager.example.org/in"],
      ["peregrine-prod-alerts-detectors-critical", "email", "detectors@example.org"],
      ["peregrine-prod-alerts-detectors-warning", "email", "detectors@example.org"],
    ]);
    const channel = recorder.one("aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration").inputs;
    assert.deepEqual(
      [
        channel["slackTeamId"],
        channel["slackChannelId"],
        channel["snsTopicArns"].map((arn: string) => arn.split("/").at(-1)),
      ],
      ["T0123ABC", "C0456DEF", ["peregrine-prod-alerts-detectors-critical"]],
    );
    assert.match(channel["iamRoleArn"], /chat/);
  });

  it("are encrypted and closed to plain HTTP on every topic", async () => {
    const { recorder } = await built("prod", routes, release);
    const topics = recorder.ofType("aws:sns/topic:Topic");
    assert.equal(topics.length, 5);
    for (const { inputs } of topics) assert.match(inputs["kmsMasterKeyId"], /keys-key/);
    for (const { inputs } of recorder.ofType("aws:sns/topicPolicy:TopicPolicy"))
      assert.match(inputs["policy"], /"aws:SecureTransport":"false"/);
  });
});
