import assert from "node:assert/strict";
import { monitoringPresent as rule } from "../../../policies/rules/monitoring-present";
import { describeRule, judgeStack, unknownText } from "../../support/policy";

const endpoint = { type: "aws:sagemaker/endpoint:Endpoint", name: "detector", props: { name: "shop" } };
const monitoring = (endpointName: unknown) => ({
  type: "aws:sagemaker/monitoringSchedule:MonitoringSchedule",
  props: {
    monitoringScheduleConfig: { monitoringJobDefinition: { monitoringInputs: { endpointInput: { endpointName } } } },
  },
});
const schedule = "aws:scheduler/schedule:Schedule";

describeRule(rule, { refuses: {}, accepts: {}, ignores: ["aws:sagemaker/endpoint:Endpoint", schedule] }, () => {
  it("refuses an endpoint that nothing examines", () => {
    assert.match(judgeStack(rule, [endpoint]).join(), /^detector: No schedule examines the endpoint/);
    assert.equal(judgeStack(rule, [endpoint, monitoring("other")]).length, 1);
    assert.equal(judgeStack(rule, [endpoint, { type: schedule, props: { target: { input: "{}" } } }]).length, 1);
  });

  it("is content with Model Monitor, and with a job of ours that a schedule starts", () => {
    assert.deepEqual(judgeStack(rule, [endpoint, monitoring("shop")]), []);
    assert.deepEqual(
      judgeStack(rule, [endpoint, { type: schedule, props: { target: { input: '{"EndpointName":"shop"}' } } }]),
      [],
    );
  });

  it("decides before names are known", () => {
    assert.deepEqual(
      judgeStack(rule, [endpoint, { type: schedule, props: { target: unknownText }, from: { target: [endpoint] } }]),
      [],
    );
    assert.deepEqual(judgeStack(rule, [{ ...endpoint, props: { name: unknownText } }]).length, 1);
  });

  it("says nothing where nothing is served", () => assert.deepEqual(judgeStack(rule, []), []));
});
