import assert from "node:assert/strict";
import { rolloutGuarded as rule } from "../../../policies/rules/rollout-guarded";
import { describeRule, judgeStack, unknownText } from "../../support/policy";

const configuration = (initialInstanceCount: unknown) => ({
  type: "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
  name: "configuration",
  props: { name: "c-1", productionVariants: [{ initialInstanceCount }] },
});
const alarm = {
  type: "aws:cloudwatch/metricAlarm:MetricAlarm",
  name: "errors",
  props: { name: "errors", treatMissingData: "notBreaching" },
};
const endpoint = (type: string, alarmName: unknown = "errors", endpointConfigName: unknown = "c-1") => ({
  type: "aws:sagemaker/endpoint:Endpoint",
  name: "detector",
  props: {
    endpointConfigName,
    deploymentConfig: {
      blueGreenUpdatePolicy: { trafficRoutingConfiguration: { type } },
      autoRollbackConfiguration: { alarms: [{ alarmName }] },
    },
  },
});

describeRule(rule, { refuses: {}, accepts: {}, ignores: ["aws:sagemaker/endpoint:Endpoint"] }, () => {
  it("refuses a canary of one instance", () => {
    assert.match(
      judgeStack(rule, [configuration(1), alarm, endpoint("CANARY")]).join(),
      /^detector: A CANARY rollout of 1 instance/,
    );
    assert.match(
      judgeStack(rule, [configuration(undefined), alarm, endpoint("LINEAR")]).join(),
      /A LINEAR rollout of 1 instance/,
    );
  });

  it("finds the configuration by its dependency, before its name is known", () => {
    const coming = { ...configuration(1), props: { ...configuration(1).props, name: unknownText } };
    assert.equal(
      judgeStack(rule, [
        coming,
        alarm,
        { ...endpoint("CANARY", "errors", unknownText), from: { endpointConfigName: [coming] } },
      ]).length,
      1,
    );
  });

  it("is content with two instances, and with one that is replaced all at once", () => {
    assert.deepEqual(judgeStack(rule, [configuration(2), alarm, endpoint("CANARY")]), []);
    assert.deepEqual(judgeStack(rule, [configuration(1), alarm, endpoint("ALL_AT_ONCE")]), []);
    assert.deepEqual(judgeStack(rule, [configuration(unknownText), alarm, endpoint("CANARY")]), []);
  });

  it("refuses an alarm that is only named", () => {
    assert.match(
      judgeStack(rule, [configuration(2), endpoint("CANARY", "nobody-made-it")]).join(),
      /The alarm nobody-made-it is not part of the stack/,
    );
  });

  it("refuses an alarm that goes off for want of traffic", () => {
    const nervous = { ...alarm, props: { name: "errors", treatMissingData: "breaching" } };
    assert.match(
      judgeStack(rule, [
        configuration(2),
        nervous,
        { ...endpoint("CANARY"), from: { deploymentConfig: [nervous] } },
      ]).join(),
      /The alarm errors goes off when nobody asks/,
    );
  });

  it("waits for the names of alarms that a preview does not know yet", () => {
    const coming = { ...alarm, props: { name: unknownText, treatMissingData: "notBreaching" } };
    assert.deepEqual(
      judgeStack(rule, [
        configuration(2),
        coming,
        { ...endpoint("CANARY", unknownText), from: { deploymentConfig: [coming] } },
      ]),
      [],
    );
  });
});
