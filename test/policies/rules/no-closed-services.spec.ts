import { noClosedServices as rule } from "../../../policies/rules/no-closed-services";
import { describeRule, unknownText } from "../../support/policy";

const pipeline = "aws:sagemaker/pipeline:Pipeline";
const schedule = "aws:sagemaker/monitoringSchedule:MonitoringSchedule";
const step = (Type: string) => ({
  pipelineDefinition: JSON.stringify({ Steps: [{ Name: "Check", Type, Arguments: {} }] }),
});

describeRule(rule, {
  refuses: {
    "Model Monitor": [
      schedule,
      {},
      /MonitoringSchedule needs model-monitor, which is closed to new customers since 2026-07-30/,
    ],
    "its job definitions": ["aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition", {}, /model-monitor/],
    "Clarify in a pipeline": [pipeline, step("ClarifyCheck"), /Step Check \(ClarifyCheck\) needs clarify/],
    "Model Monitor in a pipeline": [pipeline, step("QualityCheck"), /needs model-monitor/],
    "Ground Truth": ["aws:sagemaker/workteam:Workteam", {}, /ground-truth/],
    "CloudTrail Lake": ["aws:cloudtrail/eventDataStore:EventDataStore", {}, /cloudtrail-lake/],
    "Audit Manager": ["aws:auditmanager/assessment:Assessment", {}, /audit-manager/],
    "Incident Manager": ["aws:ssmincidents/responsePlan:ResponsePlan", {}, /incident-manager/],
    "another service than the one that was there before": [
      schedule,
      {},
      /model-monitor/,
      { config: { existingCustomerOf: ["clarify"] } },
    ],
  },
  accepts: {
    "Model Monitor of an earlier customer": [schedule, {}, , { config: { existingCustomerOf: ["model-monitor"] } }],
    "a pipeline with open steps": [pipeline, step("Processing")],
    "data capture, which is open": [
      "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
      { dataCaptureConfig: { enableCapture: true } },
    ],
    "a schedule of which a preview knows nothing, of an earlier customer": [
      schedule,
      { monitoringScheduleConfig: unknownText },
      ,
      { config: { existingCustomerOf: ["model-monitor"] } },
    ],
  },
  ignores: ["aws:sagemaker/endpoint:Endpoint", "aws:cloudtrail/trail:Trail"],
  stoppedBy: {
    "a definition that a preview does not know": [pipeline, { pipelineDefinition: unknownText }, /pipelineDefinition/],
  },
});
