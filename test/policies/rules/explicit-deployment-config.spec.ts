import { explicitDeploymentConfig as rule } from "../../../policies/rules/explicit-deployment-config";
import { describeRule, unknownText } from "../../support/policy";

const endpoint = "aws:sagemaker/endpoint:Endpoint";
const size = (value: number) => ({ type: "CAPACITY_PERCENT", value });
const canary = { type: "CANARY", waitIntervalInSeconds: 300, canarySize: size(50) };
const blueGreen = (routing: object, more: object = {}) => ({
  deploymentConfig: {
    blueGreenUpdatePolicy: {
      trafficRoutingConfiguration: routing,
      terminationWaitInSeconds: 600,
      maximumExecutionTimeoutInSeconds: 3600,
      ...more,
    },
  },
});
const prod = { environment: "prod" };

describeRule(rule, {
  refuses: {
    "an endpoint without a plan": [endpoint, {}, /No update policy is written down/],
    "two plans at once": [
      endpoint,
      { deploymentConfig: { ...blueGreen(canary).deploymentConfig, rollingUpdatePolicy: {} } },
      /takes exactly one/,
    ],
    "all at once in prod": [
      endpoint,
      blueGreen({ type: "ALL_AT_ONCE" }),
      /moves by ALL_AT_ONCE \(allowed: CANARY/,
      prod,
    ],
    "an old fleet that is gone at once": [
      endpoint,
      blueGreen(canary, { terminationWaitInSeconds: 0 }),
      /gone after 0 s, sooner than 300/,
      prod,
    ],
    "a canary of most of the fleet": [endpoint, blueGreen({ ...canary, canarySize: size(80) }), /A step of 80 %/],
    "a canary that nobody watches": [
      endpoint,
      blueGreen({ ...canary, waitIntervalInSeconds: 0 }),
      /not watched at all/,
    ],
    "waits that are longer than the update may take": [
      endpoint,
      blueGreen({ type: "LINEAR", waitIntervalInSeconds: 1000, linearStepSize: size(10) }),
      /ends after 3600 s, but its waits alone take 10600 s/,
    ],
  },
  accepts: {
    "none where an experiment changes the variants": [endpoint, { tags: { experiment: "x-0123456789ab" } }, , prod],
    "a canary": [endpoint, blueGreen(canary), , prod],
    "linear steps": [
      endpoint,
      blueGreen({ type: "LINEAR", waitIntervalInSeconds: 300, linearStepSize: size(50) }),
      ,
      prod,
    ],
    "all at once in dev": [endpoint, blueGreen({ type: "ALL_AT_ONCE" }, { terminationWaitInSeconds: 0 })],
    "a rolling update": [endpoint, { deploymentConfig: { rollingUpdatePolicy: {} } }, , prod],
    "alarms that a preview does not know yet": [
      endpoint,
      {
        endpointConfigName: unknownText,
        deploymentConfig: { ...blueGreen(canary).deploymentConfig, autoRollbackConfiguration: unknownText },
      },
      ,
      prod,
    ],
  },
  ignores: ["aws:sagemaker/endpointConfiguration:EndpointConfiguration"],
  stoppedBy: {
    "a plan that a preview does not know": [endpoint, { deploymentConfig: unknownText }, /deploymentConfig/],
  },
});
