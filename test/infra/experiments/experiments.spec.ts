import assert from "node:assert/strict";
import { built } from "../../support/build";

describe("looks at experiments", () => {
  it("come every few minutes where experiments are made, with the time that was meant", async () => {
    const { recorder } = await built("prod");
    const { inputs } = recorder.one("aws:scheduler/schedule:Schedule", "peregrine-prod-experiments-schedule");
    assert.equal(inputs["scheduleExpression"], "rate(10 minutes)");
    assert.deepEqual(JSON.parse(inputs["target"].input), { time: "<aws.scheduler.scheduled-time>" });
    assert.match(inputs["target"].roleArn, /look-at-experiment-start/);
    const { variables } = recorder.one("aws:lambda/function:Function", "peregrine-prod-experiments-look-function")
      .inputs["environment"];
    assert.equal(variables.ENDPOINT, "peregrine-prod-detector");
    assert.equal(variables.LATENCY_MS, "2000");
  });

  it("are left out elsewhere", async () => {
    const { recorder } = await built("dev");
    assert.deepEqual(
      recorder.resources.filter(({ name }) => name.includes("experiments-")),
      [],
    );
  });
});
