import type { Members } from "../../members";
import type { Context, ResourceType } from "../resource-type";

const tags = {
  add: "AddTags",
  remove: "DeleteTags",
  identity: ({ state }: Context): Members => ({ ResourceArn: state.arn }),
};

/** SageMaker Model Monitor. Name limits: SageMaker API reference. */
export const modelMonitor: readonly ResourceType[] = [
  {
    token: "aws:sagemaker/monitoringSchedule:MonitoringSchedule",
    service: "sagemaker",
    title: "SageMaker Monitoring Schedule",
    name: { property: "name", limit: 63 },
    rename: { name: "MonitoringScheduleName", "*.baseline": "BaselineConfig" },
    replace: ["name"],
    required: ["monitoringScheduleConfig"],
    create: [{ operation: "CreateMonitoringSchedule" }],
    update: [{ operation: "UpdateMonitoringSchedule", when: ["monitoringScheduleConfig"] }],
    read: { operation: "DescribeMonitoringSchedule" },
    delete: [{ operation: "DeleteMonitoringSchedule" }],
    id: (_answer, { inputs }) => String(inputs.name),
    outputs: (answer) => ({ arn: answer.MonitoringScheduleArn }),
    // terraform-provider-aws waits for Scheduled after both: one that somebody stopped it waits for in vain.
    wait: {
      member: "MonitoringScheduleStatus",
      until: ["Scheduled"],
      failed: ["Failed"],
      reason: "FailureReason",
      timeoutMinutes: 2,
    },
    waitDeleted: { timeoutMinutes: 2 },
    tags,
  },
  {
    token: "aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition",
    service: "sagemaker",
    title: "SageMaker Data Quality Job Definition",
    name: { property: "name", limit: 63 },
    rename: { name: "JobDefinitionName" },
    replace: "all",
    create: [{ operation: "CreateDataQualityJobDefinition" }],
    read: { operation: "DescribeDataQualityJobDefinition" },
    delete: [{ operation: "DeleteDataQualityJobDefinition" }],
    id: (_answer, { inputs }) => String(inputs.name),
    outputs: (answer) => ({ arn: answer.JobDefinitionArn }),
    tags,
  },
];
