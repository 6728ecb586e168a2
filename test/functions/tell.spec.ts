import assert from "node:assert/strict";
import { writeAlarmDescription } from "../../contract/alarm-description";
import { type AlertState, nothingTold } from "../../contract/alert-state";
import { alertAreas, severities } from "../../contract/alerts";
import { readTargets, tell } from "../../functions/tell";

const description = writeAlarmDescription({
  what: "More than 1 % of requests are answered with 5xx.",
  severity: "critical",
  area: "serving",
  cause: "errors",
  runbook: "docs/runbooks/endpoint-alarm.md",
  command: "npx peregrine doctor --stack prod",
});

const alarm = (changes: { value?: string; description?: string; time?: string; name?: string } = {}) => ({
  source: "aws.cloudwatch",
  alarmArn: `arn:aws:cloudwatch:eu-central-1:123456789012:alarm:${changes.name ?? "peregrine-prod-detector-errors"}`,
  accountId: "123456789012",
  time: changes.time ?? "2026-11-29T10:03:00.000+0000",
  region: "eu-central-1",
  alarmData: {
    alarmName: changes.name ?? "peregrine-prod-detector-errors",
    state: {
      value: changes.value ?? "ALARM",
      reason: "Threshold Crossed: 2 out of the last 2 datapoints were greater than the threshold (0.01).",
      reasonData: JSON.stringify({ version: "1.0", startDate: "2026-11-29T10:01:00.000+0000" }),
      timestamp: changes.time ?? "2026-11-29T10:03:00.000+0000",
    },
    configuration: {
      description: changes.description ?? description,
      metrics: [
        {
          id: "m1",
          metricStat: {
            metric: {
              namespace: "AWS/SageMaker",
              name: "Invocation5XXErrors",
              dimensions: { EndpointName: "peregrine-prod-detector", VariantName: "champion" },
            },
            period: 60,
            stat: "Average",
          },
          returnData: true,
        },
      ],
    },
  },
});

const event = (detail: object, changes: object = {}) => ({
  version: "0",
  id: "e-1",
  time: "2026-11-29T11:00:00Z",
  region: "eu-central-1",
  source: "peregrine.model",
  "detail-type": "Drift Detected",
  resources: [],
  detail: { severity: "warning", message: 'Brightness moved by "0.4".', ...detail },
  ...changes,
});

const tick = (time: string) => ({ source: "aws.events", "detail-type": "Scheduled Event", time, detail: {} });

/** A book that only remembers, topics that keep what they get, and the routing table of two teams. */
function people({ refuse = 0 } = {}) {
  let state: AlertState = nothingTold;
  let refusals = refuse;
  const sent: { topic: string; subject: string; body: string }[] = [];
  const log: string[] = [];
  const targets = Object.fromEntries(
    alertAreas.map((area) => [
      area,
      Object.fromEntries(
        severities.map((severity) => [
          severity,
          { team: area === "platform" ? "platform" : "detectors", topicArn: `arn:${area}:${severity}` },
        ]),
      ),
    ]),
  );
  return {
    sent,
    log,
    environment: "prod",
    targets: readTargets(JSON.stringify(targets)),
    book: {
      async change<Result>(by: (state: AlertState) => { state: AlertState; result: Result }): Promise<Result> {
        const { state: next, result } = by(state);
        state = JSON.parse(JSON.stringify(next)) as AlertState;
        return result;
      },
    },
    notifications: {
      async publish(topic: string, subject: string, body: string): Promise<string> {
        if (refusals > 0) {
          refusals -= 1;
          throw new Error("KMS throttles");
        }
        sent.push({ topic, subject, body });
        return "m";
      },
    },
  };
}
const dependencies = (of: ReturnType<typeof people>) => ({ ...of, log: (line: string) => void of.log.push(line) });

describe("telling people", () => {
  it("of an alarm: what, since when, how urgent, whose it is, what shows it and what to do", async () => {
    const all = people();
    await tell(alarm(), dependencies(all));
    assert.equal(all.sent.length, 1);
    const [{ topic, subject, body }] = all.sent as [(typeof all.sent)[number]];
    assert.equal(topic, "arn:serving:critical");
    assert.equal(subject, "[prod] CRITICAL: More than 1 % of requests are answered with 5xx.");
    assert.deepEqual(body.split("\n"), [
      "What:     More than 1 % of requests are answered with 5xx.",
      "Reading:  Threshold Crossed: 2 out of the last 2 datapoints were greater than the threshold (0.01).",
      "Since:    2026-11-29T10:01:00.000Z",
      "Severity: critical",
      "Team:     detectors (serving)",
      "About:    peregrine-prod-detector; cause errors",
      "Evidence: https://eu-central-1.console.aws.amazon.com/cloudwatch/home?region=eu-central-1#alarmsV2:alarm/peregrine-prod-detector-errors",
      "Runbook:  docs/runbooks/endpoint-alarm.md",
      "Next:     npx peregrine doctor --stack prod",
    ]);
    await tell(alarm({ value: "OK", time: "2026-11-29T10:09:00.000+0000" }), dependencies(all));
    assert.equal(all.sent[1]!.subject, "[prod] ENDED: More than 1 % of requests are answered with 5xx.");
    assert.equal(all.sent[1]!.topic, "arn:serving:critical", "those hear of the end who heard of the beginning");
  });

  it("of the same cause once, be it an alarm or an event", async () => {
    const all = people();
    const about = { endpoint: "peregrine-prod-detector", area: "serving", cause: "errors", severity: "critical" };
    await tell(alarm(), dependencies(all));
    await tell(event(about, { time: "2026-11-29T10:10:00Z" }), dependencies(all));
    assert.equal(all.sent.length, 1);
    assert.match(all.log[1]!, /drop, since people know/);
  });

  it("of an event with all that it says, and with the best that is known where it says less", async () => {
    const all = people();
    await tell(
      event({
        area: "model",
        cause: "drift",
        endpoint: "peregrine-prod-detector",
        variant: "challenger",
        modelSha256: "ab12",
        since: "2026-11-29T09:00:00Z",
        evidence: "s3://bucket/report.html",
        runbook: "docs/runbooks/drift.md",
        command: "npx peregrine label export to-label --stack prod",
      }),
      dependencies(all),
    );
    assert.match(all.sent[0]!.body, /Since: {4}2026-11-29T09:00:00.000Z/);
    assert.match(all.sent[0]!.body, /About: {4}peregrine-prod-detector, variant challenger, model ab12; cause drift/);
    assert.match(all.sent[0]!.body, /Next: {5}npx peregrine label export to-label --stack prod/);
    await tell(event({ message: "Something is odd.", since: "yesterday", cause: "No Slug" }), dependencies(all));
    assert.match(all.sent[1]!.body, /Since: {4}2026-11-29T11:00:00.000Z/);
    assert.match(all.sent[1]!.body, /About: {4}model; cause drift-detected/);
    assert.match(all.sent[1]!.body, /Evidence: event e-1 \(Drift Detected\) in the archive/);
    assert.match(all.sent[1]!.body, /Next: {5}npx peregrine doctor --stack prod/);
  });

  it("of an alarm that somebody made by hand, as the platform's", async () => {
    const all = people();
    await tell(alarm({ name: "mine", description: "My own thing." }), dependencies(all));
    assert.equal(all.sent[0]!.topic, "arn:platform:warning");
    assert.equal(all.sent[0]!.subject, "[prod] WARNING: My own thing.");
  });

  it("in a storm: five messages, then a digest of the rest at the next tick that has room", async () => {
    const all = people();
    for (let count = 0; count < 9; count += 1)
      await tell(event({ cause: `cause-${count}`, message: `Cause ${count}.` }), dependencies(all));
    assert.equal(all.sent.length, 4, "the fifth is kept for what is critical");
    assert.match(all.sent[3]!.body, /Note: {5}5 messages in ten minutes are the limit/);
    await tell(alarm({ time: "2026-11-29T11:01:00.000+0000" }), dependencies(all));
    assert.equal(all.sent.length, 5);
    await tell(tick("2026-11-29T11:05:00Z"), dependencies(all));
    assert.equal(all.sent.length, 5);
    await tell(tick("2026-11-29T11:10:01Z"), dependencies(all));
    assert.equal(all.sent.length, 6);
    assert.equal(all.sent[5]!.subject, "[prod] WARNING: digest of 5 alerts for detectors");
    for (let count = 4; count < 9; count += 1) assert.match(all.sent[5]!.body, new RegExp(`Cause ${count}\\.`));
    await tell(tick("2026-11-29T11:15:00Z"), dependencies(all));
    assert.equal(all.sent.length, 6);
  });

  it("later, when SNS refuses a message; and fails loudly when it refuses the digest, too", async () => {
    const all = people({ refuse: 2 });
    await assert.rejects(tell(alarm(), dependencies(all)), /KMS throttles/);
    assert.equal(all.sent.length, 0);
    await tell(tick("2026-11-29T10:10:00Z"), dependencies(all));
    assert.match(all.sent[0]!.body, /CRITICAL peregrine-prod-detector: More than 1 %/);
    assert.equal(all.sent[0]!.topic, "arn:serving:critical");
  });

  it("refuses what is none of these, naming what is wrong, and a routing table with holes", async () => {
    const all = people();
    await assert.rejects(tell({ source: "aws.s3" }, dependencies(all)), /neither an alarm's nor ours/);
    await assert.rejects(tell(event({ severity: "urgent" }), dependencies(all)), /neither an alarm's nor ours/);
    assert.equal(await tell(alarm({ value: "INSUFFICIENT_DATA" }), dependencies(all)), "no alert");
    assert.throws(() => readTargets(JSON.stringify({ serving: {} })), /TARGETS is no routing table/);
    assert.equal(all.sent.length, 0);
  });
});
