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

  it("leaves out what the front door falls back to, and nothing that is merely called so", () => {
    const named = (name: string) => judgeStack(rule, [{ ...endpoint, props: { name } }]).length;
    assert.deepEqual(
      ["peregrine-prod-detector-standby", "peregrine-prod-detector-small", "peregrine-prod-detector", "standby"].map(
        named,
      ),
      [0, 0, 1, 1],
    );
  });

  it("is content with Model Monitor, and with a job of ours that a schedule starts", () => {
    assert.deepEqual(judgeStack(rule, [endpoint, monitoring("shop")]), []);
    assert.deepEqual(
      judgeStack(rule, [endpoint, { type: schedule, props: { target: { input: '{"EndpointName":"shop"}' } } }]),
      [],
    );
  });

  it("is content with a pipeline of ours whose job has the endpoint's name, as long as its schedule runs", () => {
    const pipeline = (environment: object) => ({
      type: "aws:sagemaker/pipeline:Pipeline",
      name: "monitoring",
      props: {
        pipelineName: "shop-monitoring",
        pipelineDefinition: JSON.stringify({
          Steps: [{ Name: "Monitor", Type: "Processing", Arguments: { Environment: environment } }],
        }),
      },
    });
    const starting = (state: string, arn = "arn:aws:sagemaker:eu-central-1:111122223333:pipeline/shop-monitoring") => ({
      type: schedule,
      props: { state, target: { arn } },
    });
    const shop = pipeline({ sagemaker_endpoint_name: "shop" });
    assert.deepEqual(judgeStack(rule, [endpoint, shop, starting("ENABLED")]), []);
    assert.equal(judgeStack(rule, [endpoint, shop, starting("DISABLED")]).length, 1);
    assert.equal(
      judgeStack(rule, [endpoint, shop, starting("ENABLED", "arn:aws:sagemaker:::pipeline/other")]).length,
      1,
    );
    assert.equal(
      judgeStack(rule, [endpoint, pipeline({ sagemaker_endpoint_name: "bakery" }), starting("ENABLED")]).length,
      1,
    );
    const unknown = { ...shop, props: { ...shop.props, pipelineDefinition: unknownText } };
    const depending = { ...starting("ENABLED"), props: { target: unknownText }, from: { target: [unknown] } };
    assert.deepEqual(judgeStack(rule, [endpoint, unknown, depending]), []);
  });

  it("is content with Model Monitor by a job definition", () => {
    const definition = (endpointName: string) => ({
      type: "aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition",
      props: { name: "quality", dataQualityJobInput: { endpointInput: { endpointName } } },
    });
    const byName = {
      type: "aws:sagemaker/monitoringSchedule:MonitoringSchedule",
      props: { monitoringScheduleConfig: { monitoringJobDefinitionName: "quality" } },
    };
    assert.deepEqual(judgeStack(rule, [endpoint, definition("shop"), byName]), []);
    assert.equal(judgeStack(rule, [endpoint, definition("other"), byName]).length, 1);
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
