import assert from "node:assert/strict";
import { judgeAlarms, judgeEndpoint, judgeInstanceType, judgeScaling } from "../../../lifecycle/health/serving";

describe("the health of an endpoint", () => {
  const state = { environment: "prod", name: "detector", desired: true, wantedConfigName: "new" };
  const endpoint = (status: string, configName: string) =>
    judgeEndpoint({ ...state, endpoint: { status, configName } });

  it("is good in service on the wanted configuration, and nowhere else", () => {
    assert.deepEqual(endpoint("InService", "new"), { level: "ok", text: "detector is InService on new", cure: "" });
    for (const [status, config] of [
      ["Updating", "new"],
      ["InService", "old"],
    ] as const) {
      const { level, text, cure } = endpoint(status, config);
      assert.deepEqual([level, text], ["failed", `detector is ${status} on ${config}, wanted new`]);
      assert.match(cure, /npx peregrine rollback --stack prod/);
    }
    assert.equal(judgeEndpoint(state).text, "detector does not exist");
  });

  it("needs no endpoint where nothing is desired, and is bad where there is one", () => {
    assert.equal(judgeEndpoint({ ...state, desired: false }).level, "ok");
    const serving = { ...state, desired: false, endpoint: { status: "InService", configName: "new" } };
    assert.equal(judgeEndpoint(serving).text, "detector serves, and nothing is desired");
  });

  it("is a warning where the release serves on another instance type than the setting's", () => {
    const release = { modelPackageArn: "arn:x", instanceType: "ml.g5.xlarge" };
    assert.equal(judgeInstanceType("prod", release, "ml.g6.xlarge").level, "warning");
    assert.equal(judgeInstanceType("prod", release, "ml.g5.xlarge").level, "ok");
    assert.equal(judgeInstanceType("prod", { modelPackageArn: "arn:x" }, "ml.g6.xlarge").level, "ok");
    assert.equal(judgeInstanceType("prod", undefined, "ml.g6.xlarge").text, "ml.g6.xlarge");
  });

  it("is bad while an alarm is raised, which it names", () => {
    assert.equal(judgeAlarms("prod", "detector", { a: "OK", b: "ALARM", c: "INSUFFICIENT_DATA" }).text, "raised: b");
    assert.equal(judgeAlarms("prod", "detector", { a: "OK" }).level, "ok");
  });

  it("is bad while its scaling stands still", () => {
    assert.deepEqual(
      [true, false, undefined].map((suspended) => judgeScaling(suspended).level),
      ["failed", "ok", "ok"],
    );
  });
});
