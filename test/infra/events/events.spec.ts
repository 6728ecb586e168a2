import assert from "node:assert/strict";
import { forwardPattern, toldPattern } from "../../../infra/events/bus";
import { compilePattern } from "../../../local/services/events/patterns";
import { built } from "../../support/build";
import { scopeOf } from "../../support/scope";

const bus = "peregrine-prod-events";
const target = "aws:cloudwatch/eventTarget:EventTarget";
const envelope = {
  version: "0",
  id: "1",
  account: "123456789012",
  time: "2026-11-26T04:00:00Z",
  region: "eu-central-1",
  resources: [] as string[],
} as const;

describe("the environment's event bus", () => {
  it("archives everything for as long as the settings say", async () => {
    const { recorder } = await built("prod");
    assert.equal(recorder.one("aws:cloudwatch/eventBus:EventBus").inputs["name"], bus);
    const archive = recorder.one("aws:cloudwatch/eventArchive:EventArchive").inputs;
    assert.match(archive["eventSourceArn"], /eventbus\/peregrine-prod-events-bus$/);
    assert.deepEqual([archive["retentionDays"], archive["eventPattern"]], [365, undefined]);
  });

  it("gets the environment's AWS events from the default bus, by a role that can only do that", async () => {
    const { recorder } = await built("prod");
    const forward = recorder.one(target, "peregrine-prod-events-forward-target").inputs;
    assert.match(forward["arn"], /eventbus\/peregrine-prod-events-bus$/);
    assert.match(forward["roleArn"], /event-forward/);
    const duties = JSON.parse(
      recorder.one("aws:iam/rolePolicy:RolePolicy", "peregrine-prod-identity-event-forward-duties").inputs["policy"],
    ).Statement;
    assert.deepEqual(
      duties.map(({ Action, Resource }: Record<string, unknown>) => [Action, Resource]),
      [[["events:PutEvents"], [`arn:aws:events:eu-central-1:123456789012:event-bus/${bus}`]]],
    );
  });

  it("takes events of this environment, and of no other", () => {
    const matches = compilePattern(JSON.stringify(forwardPattern(scopeOf("prod"))));
    const event = (arn: string, source = "aws.sagemaker") => ({
      ...envelope,
      source,
      "detail-type": "X",
      resources: [arn],
      detail: {},
    });
    assert.ok(matches(event("arn:aws:sagemaker:eu-central-1:123456789012:pipeline/peregrine-prod-training")));
    assert.ok(
      matches(
        event("arn:aws:cloudwatch:eu-central-1:123456789012:alarm:peregrine-prod-detector-errors", "aws.cloudwatch"),
      ),
    );
    assert.ok(!matches(event("arn:aws:sagemaker:eu-central-1:123456789012:pipeline/peregrine-dev-training")));
    assert.ok(!matches(event("arn:aws:s3:::peregrine-prod-artifacts", "aws.s3")));
  });

  it("hands the platform's own events to whoever tells people, whole", async () => {
    const { recorder } = await built("prod");
    const { inputs } = recorder.one(target, "peregrine-prod-events-tell-target");
    assert.match(inputs["arn"], /function\/peregrine-prod-telling-function-function$/);
    assert.equal(inputs["inputTransformer"], undefined);
    const permission = recorder.one("aws:lambda/permission:Permission", "peregrine-prod-telling-events-permission");
    assert.match(permission.inputs["sourceArn"], /peregrine-prod-events-tell$/);
    const matches = compilePattern(JSON.stringify(toldPattern));
    const event = { ...envelope, "detail-type": "Drift Detected" };
    for (const area of ["serving", "model", "platform"])
      for (const severity of ["critical", "warning", "info"])
        assert.ok(matches({ ...event, source: `peregrine.${area}`, detail: { severity, message: "x" } }));
  });

  it("leaves out events that say nothing, and AWS's own, which have rules of theirs", () => {
    const matches = compilePattern(JSON.stringify(toldPattern));
    for (const odd of [
      { source: "peregrine.model", detail: { severity: "warning" } },
      { source: "aws.sagemaker", detail: { severity: "warning", message: "x" } },
      { source: "peregrine.model", detail: { severity: "urgent", message: "x" } },
    ])
      assert.ok(!matches({ ...envelope, "detail-type": "X", ...odd }), JSON.stringify(odd));
  });

  it("keeps what could not be delivered, for every target on every bus", async () => {
    const { recorder } = await built("dev", {
      "peregrine:alertRoutes": JSON.stringify(["detectors model,serving critical mailto:d@example.org"]),
    });
    const targets = recorder.ofType(target);
    assert.equal(targets.length, recorder.ofType("aws:cloudwatch/eventRule:EventRule").length);
    for (const { inputs, name } of targets) {
      assert.match(inputs["deadLetterConfig"].arn, /dead-letters/, name);
      assert.ok(inputs["retryPolicy"].maximumEventAgeInSeconds <= 86_400, name);
    }
    for (const { inputs, name } of recorder.ofType("aws:scheduler/schedule:Schedule"))
      assert.match(inputs["target"].deadLetterConfig.arn, /dead-letters/, name);
  });
});
