import assert from "node:assert/strict";
import { metricDefinitions } from "../../../infra/training/metric-definitions";
import { runPython } from "../../../scripts/dataset";

describe("the metrics of a training job", () => {
  it("are all found, each once and with its own value, in the line that an epoch prints", async () => {
    const values = {
      train_box_loss: 1.25,
      train_cls_loss: 0.5,
      train_dfl_loss: 0.25,
      map50: 0.41,
      map: 0.2,
      precision: 0.7,
      recall: 0.3,
    };
    const line = await runPython([
      "-c",
      `import json, sys; from peregrine_ml.training import train; print(train.epoch_line(3, 8, json.loads(sys.argv[1])))`,
      JSON.stringify(values),
    ]);
    assert.match(line, /^epoch=3\/8; /);
    const expected: Readonly<Record<string, number>> = { ...values, train_loss: 2, box_loss: 1.25 };
    for (const { Name, Regex } of metricDefinitions) {
      const found = [...line.matchAll(new RegExp(Regex, "g"))].map(([, value]) => Number(value));
      assert.deepEqual(found, [expected[Name]], Name);
    }
  });

  it("have names and expressions that SageMaker takes, at most 40 of them", () => {
    assert.ok(metricDefinitions.length <= 40);
    for (const { Name, Regex } of metricDefinitions) assert.ok(Name.length <= 255 && Regex.length <= 500, Name);
  });
});
