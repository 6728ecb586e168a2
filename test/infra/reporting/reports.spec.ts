import assert from "node:assert/strict";
import { parseSchedule } from "../../../local/services/events/schedules";
import { built } from "../../support/build";

const from = Date.parse("2026-11-24T12:00:00Z");

describe("the scheduled report", () => {
  for (const [setting, kind, next] of [
    ["weekly", "week", "2026-11-30T06:00"],
    ["monthly", "month", "2026-12-01T06:00"],
  ] as const)
    it(`is made ${setting} in prod, of the last ${kind}, and told to who hears of the platform for information`, async () => {
      const { recorder } = await built("prod", { "peregrine:report": setting });
      const { inputs } = recorder.one("aws:scheduler/schedule:Schedule", "peregrine-prod-reports-schedule");
      assert.equal(new Date(parseSchedule(inputs["scheduleExpression"], from)(from)!).toISOString().slice(0, 16), next);
      assert.match(inputs["target"].roleArn, /report-start/);
      assert.match(inputs["target"].deadLetterConfig.arn, /dead-letters/);
      const { variables } = recorder.one("aws:lambda/function:Function", "peregrine-prod-reports-handler-function")
        .inputs["environment"];
      assert.equal(variables.KIND, kind);
      assert.match(variables.TOPIC_ARN, /info/);
      assert.deepEqual(JSON.parse(variables.OWNERS), {
        serving: "detectors",
        model: "detectors",
        platform: "vision-platform",
      });
      assert.deepEqual(JSON.parse(variables.OBJECTIVES), {
        map50: 0.25,
        f1: 0.3,
        labelLagHours: 168,
        latencyP90Ms: 2000,
        errorPercent: 1,
        monthlyBudgetUsd: 4000,
      });
    });

  it("is made nowhere else unless somebody asks for it", async () => {
    const { recorder } = await built("staging");
    assert.ok(!JSON.stringify(recorder.resources.map(({ name }) => name)).includes("reports-schedule"));
  });
});
