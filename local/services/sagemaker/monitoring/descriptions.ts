import type { MonitoringExecutionSummary } from "@aws-sdk/client-sagemaker";
import type { ExecutionRecord, ScheduleRecord, ScheduleStore } from "./schedule-store";

/** What DescribeMonitoringSchedule answers, and what its events tell. */
export function describeSchedule(store: ScheduleStore, schedule: ScheduleRecord) {
  const [last] = store.executionsOf(schedule);
  return {
    MonitoringScheduleArn: schedule.arn,
    MonitoringScheduleName: schedule.name,
    MonitoringScheduleStatus: schedule.status,
    MonitoringType: schedule.type,
    CreationTime: new Date(schedule.createdMs),
    LastModifiedTime: new Date(schedule.modifiedMs),
    MonitoringScheduleConfig: schedule.config,
    EndpointName: schedule.endpointName,
    ...(last ? { LastMonitoringExecutionSummary: describeExecution(last) } : {}),
  };
}

/** A schedule in a list. */
export function summary({ name, arn, createdMs, modifiedMs, status, endpointName, config, type }: ScheduleRecord) {
  return {
    MonitoringScheduleName: name,
    MonitoringScheduleArn: arn,
    CreationTime: new Date(createdMs),
    LastModifiedTime: new Date(modifiedMs),
    MonitoringScheduleStatus: status,
    EndpointName: endpointName,
    MonitoringJobDefinitionName: config.MonitoringJobDefinitionName,
    MonitoringType: type,
  };
}

/** An execution as it is shown. */
export function describeExecution(execution: ExecutionRecord): MonitoringExecutionSummary {
  return {
    MonitoringScheduleName: execution.schedule,
    ScheduledTime: new Date(execution.scheduledMs),
    CreationTime: new Date(execution.createdMs),
    LastModifiedTime: new Date(execution.modifiedMs),
    MonitoringExecutionStatus: execution.status,
    ProcessingJobArn: execution.jobArn,
    EndpointName: execution.endpointName,
    FailureReason: execution.failureReason,
    MonitoringJobDefinitionName: execution.definitionName,
    MonitoringType: execution.type,
  };
}
