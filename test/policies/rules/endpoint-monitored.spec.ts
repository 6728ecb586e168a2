import assert from "node:assert/strict";
import { endpointMonitored as rule } from "../../../policies/rules/endpoint-monitored";
import { judge, unknownText } from "../../support/policy";

const endpoint = "aws:sagemaker/endpoint:Endpoint";
const configuration = "aws:sagemaker/endpointConfiguration:EndpointConfiguration";
const capture = { enableCapture: true, captureOptions: [{ captureMode: "Input" }, { captureMode: "Output" }] };
const deployment = { blueGreenUpdatePolicy: {}, autoRollbackConfiguration: { alarms: [{ alarmName: "a" }] } };

describe("endpoint-monitored", () => {
  it("refuses configurations without data capture", () => {
    assert.equal(judge(rule, configuration, {}).violations.length, 1);
    assert.equal(
      judge(rule, configuration, { dataCaptureConfig: { ...capture, enableCapture: false } }).violations.length,
      1,
    );
  });

  it("demands both requests and answers", () => {
    assert.match(
      judge(rule, configuration, {
        dataCaptureConfig: { ...capture, captureOptions: [{ captureMode: "Output" }] },
      }).violations.join(),
      /leaves out requests/,
    );
    assert.deepEqual(
      judge(rule, configuration, {
        dataCaptureConfig: { ...capture, captureOptions: [{ captureMode: "InputAndOutput" }] },
      }).violations,
      [],
    );
    assert.deepEqual(judge(rule, configuration, { dataCaptureConfig: capture }).violations, []);
  });

  it("refuses endpoints without deployment configuration, policy or alarms", () => {
    assert.match(judge(rule, endpoint, {}).violations.join(), /no deployment configuration/);
    assert.match(
      judge(rule, endpoint, {
        deploymentConfig: { ...deployment, blueGreenUpdatePolicy: undefined },
      }).violations.join(),
      /no update policy/,
    );
    assert.match(
      judge(rule, endpoint, {
        deploymentConfig: { ...deployment, autoRollbackConfiguration: { alarms: [] } },
      }).violations.join(),
      /No alarm can roll/,
    );
  });

  it("is content with blue/green and rolling updates that alarms can stop", () => {
    assert.deepEqual(judge(rule, endpoint, { deploymentConfig: deployment }).violations, []);
    assert.deepEqual(
      judge(rule, endpoint, {
        deploymentConfig: { rollingUpdatePolicy: {}, autoRollbackConfiguration: deployment.autoRollbackConfiguration },
      }).violations,
      [],
    );
  });

  it("says nothing about other resources", () => {
    assert.ok(judge(rule, "aws:sagemaker/model:Model", {}).notApplicable);
  });

  it("decides although the names of alarms are not known yet", () => {
    const outcome = judge(rule, endpoint, {
      endpointConfigName: unknownText,
      deploymentConfig: { ...deployment, autoRollbackConfiguration: { alarms: [{ alarmName: unknownText }] } },
    });
    assert.deepEqual(outcome, { violations: [], notApplicable: false });
  });

  it("is stopped, not silenced, by a list of alarms that a preview does not know", () => {
    assert.ok(
      judge(rule, endpoint, { deploymentConfig: { ...deployment, autoRollbackConfiguration: { alarms: unknownText } } })
        .stoppedBy,
    );
  });

  it("lets an endpoint without deployment configuration pass only where an experiment changes its variants", () => {
    assert.deepEqual(judge(rule, endpoint, { tags: { experiment: "x-0123456789ab" } }).violations, []);
    assert.equal(judge(rule, endpoint, { tags: { project: "peregrine" } }).violations.length, 1);
    assert.equal(
      judge(rule, endpoint, { tags: { experiment: "x-0123456789ab" }, deploymentConfig: { blueGreenUpdatePolicy: {} } })
        .violations.length,
      1,
      "one that is there is judged",
    );
  });
});
