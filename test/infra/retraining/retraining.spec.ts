import assert from "node:assert/strict";
import { parseSchedule } from "../../../local/services/events/schedules";
import { worthOf } from "../../../lifecycle/retraining/need";
import { proposalQueuePolicy } from "../../../infra/retraining/proposals";
import { built } from "../../support/build";
import { scopeOf } from "../../support/scope";

const target = "aws:cloudwatch/eventTarget:EventTarget";
const lambda = "aws:lambda/function:Function";

describe("retraining", () => {
  it("is decided in one environment, to whose queue the buses of all send what proposes it", async () => {
    for (const stack of ["dev", "prod"]) {
      const { recorder } = await built(stack);
      const rule = recorder.one("aws:cloudwatch/eventRule:EventRule", `peregrine-${stack}-proposals-rule`).inputs;
      assert.match(rule["eventBusName"], new RegExp(`peregrine-${stack}-events`));
      assert.deepEqual(JSON.parse(rule["eventPattern"]), {
        source: ["peregrine.model"],
        "detail-type": ["Drift Detected", "Quality Below Objective", "Retraining Proposed"],
      });
      assert.match(
        recorder.one(target, `peregrine-${stack}-proposals-target`).inputs["arn"],
        /:peregrine-dev-retraining$/,
      );
      const deciders = recorder.ofType(lambda).filter(({ inputs }) => /decide-retraining/.test(inputs["name"]));
      assert.equal(deciders.length, stack === "dev" ? 1 : 0);
    }
  });

  it("lets only the environments' own rules put proposals there, beside who may by IAM", () => {
    const [statement, ...others] = proposalQueuePolicy(scopeOf("dev"));
    assert.deepEqual(others, []);
    const sources = [statement!.Condition!["ArnEquals"]!["aws:SourceArn"]].flat();
    assert.deepEqual(
      sources.map((arn) => String(arn).split(":rule/")[1]),
      ["dev", "staging", "prod"].map((name) => `peregrine-${name}-events/peregrine-${name}-retraining`),
    );
  });

  it("tells the function what the settings say, in the words of its decision", async () => {
    const { recorder } = await built("dev", { "peregrine:retrainingGrowthPercent": "40" });
    const { variables } = recorder.one(lambda, "peregrine-dev-retraining-decide-function").inputs["environment"];
    const policy = JSON.parse(variables["POLICY"]) as Record<string, number>;
    assert.equal(policy["minGrowth"], 0.4);
    assert.equal(worthOf(policy["pointDays"]!).pointDays, 10);
    assert.equal((JSON.parse(variables["HOSTS"]) as Record<string, unknown>)["trainingInstanceType"], "ml.g4dn.xlarge");
  });

  it("looks for new data on a schedule that says when it meant to", async () => {
    const { inputs } = (await built("dev")).recorder.one(
      "aws:scheduler/schedule:Schedule",
      "peregrine-dev-retraining-look-schedule",
    );
    assert.doesNotThrow(() => parseSchedule(inputs["scheduleExpression"], 0));
    assert.equal(inputs["target"].input, '{"time":"<aws.scheduler.scheduled-time>"}');
  });

  it("is off where no environment is named; failures are explained all the same", async () => {
    const { recorder } = await built("dev", { "peregrine:retrainedIn": "" });
    const names = recorder.ofType(lambda).map(({ inputs }) => String(inputs["name"]));
    assert.equal(
      names.some((name) => /decide-retraining|find-new-data/.test(name)),
      false,
    );
    assert.ok(names.some((name) => /explain-failure/.test(name)));
    assert.match(recorder.one(target, "peregrine-dev-failures-target").inputs["arn"], /failures-explain/);
  });
});
