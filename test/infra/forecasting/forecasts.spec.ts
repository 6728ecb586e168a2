import assert from "node:assert/strict";
import { environments } from "../../../contract/environments";
import type { ForecastLimits } from "../../../lifecycle/forecasting/watched";
import { forecastLimits } from "../../../infra/forecasting/forecasts";
import { parseSchedule } from "../../../local/services/events/schedules";
import { built } from "../../support/build";
import { scopeOf } from "../../support/scope";

describe("the daily forecast", () => {
  for (const environment of environments)
    it(`is called once a day in ${environment}, with the time that was meant, and knows its limits`, async () => {
      const { recorder } = await built(environment);
      const { inputs } = recorder.one("aws:scheduler/schedule:Schedule", `peregrine-${environment}-forecasts-schedule`);
      const from = Date.parse("2026-11-29T12:00:00Z");
      assert.equal(
        new Date(parseSchedule(inputs["scheduleExpression"], from)(from)!).toISOString().slice(0, 16),
        "2026-11-30T03:00",
      );
      assert.match(inputs["target"].arn, /-forecasts-handler-function$/);
      assert.match(inputs["target"].roleArn, /forecast-start/);
      assert.match(inputs["target"].deadLetterConfig.arn, /dead-letters/);
      assert.deepEqual(JSON.parse(inputs["target"].input), { time: "<aws.scheduler.scheduled-time>" });
      const { variables } = recorder.one(
        "aws:lambda/function:Function",
        `peregrine-${environment}-forecasts-handler-function`,
      ).inputs["environment"];
      assert.equal(variables.EVENT_BUS, `peregrine-${environment}-events`);
      const limits = JSON.parse(variables.LIMITS) as ForecastLimits;
      assert.deepEqual(limits, forecastLimits(scopeOf(environment)));
      for (const value of Object.values(limits)) assert.ok(value > 0);
    });

  it("is held to what the settings say", () => {
    const scope = scopeOf("prod", { "peregrine:latencyP90Ms": "700", "peregrine:objectiveMap50": "0.4" });
    const { latencyMs, map50, diskPercent, maxInstances } = forecastLimits(scope);
    assert.deepEqual([latencyMs, map50, diskPercent, maxInstances], [700, 0.4, 75, 6]);
  });
});
