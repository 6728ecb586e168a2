import { check } from "./check";

const definitions = ["sagemaker:CreateDataQualityJobDefinition", "sagemaker:CreateModelQualityJobDefinition"] as const;
const schedules = ["sagemaker:CreateMonitoringSchedule", "sagemaker:UpdateMonitoringSchedule"] as const;

/** Model Monitor: SageMaker API reference and developer guide. */
export const monitoringChecks = {
  customer: check({
    operations: ["sagemaker:CreateMonitoringSchedule", ...definitions],
    rule: "the account used Model Monitor before 2026-07-30 (`existingCustomerOf` of `startLocalCloud`; believed: which operations are refused)",
    ground: "words believed",
    names: [],
    words: () => "Amazon SageMaker Model Monitor is no longer open to new customers.",
  }),
  oneDefinition: check({
    operations: schedules,
    rule: "there is one of `MonitoringJobDefinition` and `MonitoringJobDefinitionName`, the latter with `MonitoringType`",
    ground: "words believed",
    names: [],
    words: () =>
      "Exactly one of MonitoringJobDefinition and MonitoringJobDefinitionName with MonitoringType must be specified in MonitoringScheduleConfig.",
  }),
  definitionExists: check({
    operations: schedules,
    rule: "the job definition exists",
    ground: "words believed",
    names: ["definition"],
    words: (name) => `Could not find job definition with name: ${name}`,
  }),
  expression: check({
    operations: schedules,
    rule: "`ScheduleExpression` is hourly, daily, every so many hours, or NOW",
    ground: "words believed",
    names: ["expression"],
    words: (expression) => `Invalid schedule expression: ${expression}`,
  }),
  windowOfNow: check({
    operations: schedules,
    rule: "NOW goes with `DataAnalysisStartTime` and `DataAnalysisEndTime`",
    ground: "words believed",
    names: [],
    words: () => "DataAnalysisStartTime and DataAnalysisEndTime are required when ScheduleExpression is NOW.",
  }),
  duration: check({
    operations: [...schedules, ...definitions],
    rule: "offsets are ISO 8601 durations",
    ground: "words believed",
    names: ["offset"],
    words: (offset) => `Invalid time offset: ${offset}`,
  }),
  windowLength: check({
    operations: [...schedules, ...definitions],
    rule: "a window is longer than nothing and at most 24 hours",
    ground: "words believed",
    names: [],
    words: () =>
      "The end of the data analysis window must follow its start, and must not follow it by more than 24 hours.",
  }),
  endpointExists: check({
    operations: [...schedules, ...definitions],
    rule: "the endpoint exists",
    ground: "words believed",
    names: ["endpoint"],
    words: (arn) => `Could not find endpoint "${arn}".`,
  }),
  endpointCaptures: check({
    operations: schedules,
    rule: "the endpoint captures data",
    ground: "believed",
    names: ["endpoint"],
    words: (name) => `Data capture is not enabled for endpoint ${name}.`,
  }),
  endpointInput: check({
    operations: [...schedules, ...definitions],
    rule: "the input is an endpoint (batch transform jobs do not run here), in mode File",
    ground: "believed",
    names: [],
    words: () => "The local cloud monitors endpoints only, with S3InputMode File.",
  }),
  runtime: check({
    operations: schedules,
    rule: "`MaxRuntimeInSeconds` is not above the time between executions, for model quality every hour half of it",
    ground: "words believed",
    names: ["seconds"],
    words: (seconds) => `MaxRuntimeInSeconds must not exceed ${seconds} seconds for this schedule.`,
  }),
  settled: check({
    operations: [
      "sagemaker:UpdateMonitoringSchedule",
      "sagemaker:DeleteMonitoringSchedule",
      "sagemaker:StartMonitoringSchedule",
      "sagemaker:StopMonitoringSchedule",
    ],
    rule: "the schedule is not pending (seen for deletion)",
    ground: "documented",
    names: ["status"],
    words: (status) => `Monitoring schedule in status ${status}`,
  }),
  definitionUnused: check({
    operations: ["sagemaker:DeleteDataQualityJobDefinition", "sagemaker:DeleteModelQualityJobDefinition"],
    rule: "no schedule names the job definition",
    ground: "believed",
    names: ["definition", "schedule"],
    words: (name, schedule) => `Job definition ${name} is used by monitoring schedule ${schedule}.`,
  }),
  endpointUnwatched: check({
    operations: ["sagemaker:DeleteEndpoint"],
    rule: "no monitoring schedule names the endpoint",
    ground: "believed",
    names: ["endpoint", "schedule"],
    words: (endpoint, schedule) => `Cannot delete endpoint ${endpoint}, which monitoring schedule ${schedule} names.`,
  }),
  alertBounds: check({
    operations: ["sagemaker:UpdateMonitoringAlert"],
    rule: "`DatapointsToAlert` is not above `EvaluationPeriod`",
    ground: "words believed",
    names: [],
    words: () => "DatapointsToAlert must be less than or equal to EvaluationPeriod.",
  }),
};
