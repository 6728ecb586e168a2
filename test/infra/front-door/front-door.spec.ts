import assert from "node:assert/strict";
import { readAlarmDescription } from "../../../contract/alarm-description";
import { built } from "../../support/build";
import { scopeOf } from "../../support/scope";

describe("the front door", () => {
  it("has a URL that wants a signature, and is there only where the setting asks for it", async () => {
    const { recorder } = await built("prod");
    const { inputs } = recorder.one("aws:lambda/functionUrl:FunctionUrl", "peregrine-prod-front-door-url");
    assert.equal(inputs["authorizationType"], "AWS_IAM");
    const dev = await built("dev");
    assert.ok(![...dev.recorder.resources].some(({ name }) => /front-door|held/.test(name)));
  });

  it("tells both functions the same, and gives them time for every model and themselves", async () => {
    const { recorder } = await built("prod", {
      "peregrine:frontDoorTimeoutSeconds": "7",
      "peregrine:frontDoorStandby": "warm",
      "peregrine:frontDoorSmallModel": "instance",
    });
    for (const name of ["front-door", "answer-held"]) {
      const { inputs } = recorder.one("aws:lambda/function:Function", `peregrine-prod-front-door-${name}-function`);
      assert.deepEqual(inputs["environment"].variables, {
        ENVIRONMENT: "prod",
        ARTIFACTS_BUCKET: scopeOf("prod").artifactsBucket,
        EVENT_BUS: "peregrine-prod-events",
        RUNGS: "champion,standby,small",
        TIMEOUT_SECONDS: "7",
      });
      assert.equal(inputs["timeout"], 3 * 7 + 20);
    }
  });

  it("never lets a message come back while its image is still being answered", async () => {
    const { recorder } = await built("prod", {
      "peregrine:frontDoorTimeoutSeconds": "30",
      "peregrine:frontDoorStandby": "warm",
      "peregrine:frontDoorSmallModel": "instance",
    });
    const { inputs } = recorder.one("aws:sqs/queue:Queue", "peregrine-prod-front-door-held");
    const later = recorder.one("aws:lambda/function:Function", "peregrine-prod-front-door-answer-held-function");
    assert.ok(inputs["visibilityTimeoutSeconds"] >= later.inputs["timeout"]);
  });

  it("reserves copies where the setting asks for some", async () => {
    const name = "peregrine-prod-front-door-front-door-function";
    const plain = (await built("prod")).recorder.one("aws:lambda/function:Function", name);
    assert.equal(plain.inputs["reservedConcurrentExecutions"], undefined);
    const reserved = (await built("prod", { "peregrine:frontDoorConcurrency": "40" })).recorder;
    assert.equal(reserved.one("aws:lambda/function:Function", name).inputs["reservedConcurrentExecutions"], 40);
  });

  it("has alarms that name the runbook and the command", async () => {
    const { recorder } = await built("prod");
    for (const alarm of ["errors", "held"]) {
      const { inputs } = recorder.one(
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        `peregrine-prod-front-door-${alarm}-alarm`,
      );
      const { runbook, command } = readAlarmDescription(inputs["alarmDescription"]);
      assert.deepEqual([runbook, command], ["docs/runbooks/failover.md", "npx peregrine failover --stack prod"]);
      assert.equal(inputs["treatMissingData"], "notBreaching");
    }
  });

  it("keeps held images as long as captured ones", async () => {
    const { recorder } = await built("prod");
    const rules = recorder.resources
      .filter(({ type }) => /[bB]ucketLifecycleConfiguration/.test(type))
      .flatMap(({ inputs }) => inputs["rules"] as { id: string; expiration?: { days: number } }[]);
    const days = (id: string) => rules.find((rule) => rule.id === id)?.expiration?.days;
    assert.equal(days("held-images"), days("captured-data"));
  });
});
