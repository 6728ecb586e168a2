import { jobVolumes } from "../../contract/hosts/disks";
import { reportsPrefix } from "../../contract/monitoring";
import { prefixes, withoutSlash } from "../../contract/places";
import type { Scope } from "../scope";
import type { PipelineDefinition } from "../training/definition";
import type { JobNetwork } from "../training/pipeline-input";
import { execution, join, parameter } from "../training/expressions";
import { monitoringVariables } from "./variables";

/** Where reports of the endpoint go, one folder for each run. */
function reportsUri(scope: Scope): string {
  return `${allReportsUri(scope)}/${scope.endpointName}`;
}

/**
 * Where reports of all endpoints go: Model Monitor itself adds `<endpoint>/<schedule>/yyyy/mm/dd/hh` (seen in a job of
 * its that is described in public).
 */
export function allReportsUri({ artifactsBucket }: Scope): string {
  return `s3://${artifactsBucket}/${withoutSlash(reportsPrefix)}`;
}

/**
 * One monitoring run as a pipeline of one step: executions have names of their own, a history and retries, which a
 * schedule that starts a job itself has not. Names of the environment variables are those of Model Monitor's container
 * contract, so that one image serves both modes. The captured data is named, not mounted: a processing job fails on an
 * empty prefix, and would copy all that was ever captured; the analyzer reads the hours that it is about, of all
 * variants.
 */
export function monitoringPipeline(scope: Scope, vpc?: JobNetwork): PipelineDefinition {
  const {
    endpointName,
    artifactsBucket,
    names,
    settings: { monitoring },
  } = scope;
  return {
    Version: "2020-12-01",
    Metadata: {},
    Parameters: [
      { Name: "InstanceType", Type: "String", DefaultValue: monitoring.instanceType },
      { Name: "HoursBack", Type: "Integer", DefaultValue: monitoring.everyHours },
      // `now` looks at the hour under way as well: for a person who does not want to wait.
      { Name: "WindowEnd", Type: "String", DefaultValue: "hour", EnumValues: ["hour", "now"] },
    ],
    Steps: [
      {
        Name: "MonitorEndpoint",
        Type: "Processing",
        Description: "Compares what the endpoint saw and said with the baseline",
        Arguments: {
          // In small letters, as IAM sees the names of jobs in ARNs.
          ProcessingJobName: scope.jobPrefix("monitor"),
          ProcessingResources: {
            ClusterConfig: {
              InstanceType: parameter("InstanceType"),
              InstanceCount: monitoring.instances,
              VolumeSizeInGB: jobVolumes.monitoring,
            },
          },
          AppSpecification: { ImageUri: scope.imageUri, ContainerArguments: ["monitor"] },
          RoleArn: scope.roleArn("monitoring-execution"),
          ...(vpc ? { NetworkConfig: { VpcConfig: vpc } } : {}),
          ProcessingOutputConfig: {
            Outputs: [
              {
                OutputName: "report",
                AppManaged: false,
                S3Output: {
                  S3Uri: join("/", reportsUri(scope), execution("PipelineExecutionId")),
                  LocalPath: "/opt/ml/processing/output",
                  S3UploadMode: "EndOfJob",
                },
              },
            ],
          },
          Environment: {
            dataset_source: `s3://${artifactsBucket}/${prefixes.capture}${endpointName}`,
            dataset_format: '{"sagemakerCaptureJson":{"captureIndexNames":["endpointInput","endpointOutput"]}}',
            output_path: "/opt/ml/processing/output",
            end_time: execution("StartDateTime"),
            hours_back: join("", parameter("HoursBack")),
            window_end: parameter("WindowEnd"),
            publish_cloudwatch_metrics: "Enabled",
            sagemaker_endpoint_name: endpointName,
            sagemaker_monitoring_schedule_name: names.of("monitoringSchedule", "monitoring"),
            ...monitoringVariables(scope),
          },
          StoppingCondition: { MaxRuntimeInSeconds: 3600 },
          Tags: Object.entries(scope.tags).map(([Key, Value]) => ({ Key, Value })),
        },
        RetryPolicies: [
          {
            ExceptionType: ["Step.SERVICE_FAULT", "Step.THROTTLING"],
            IntervalSeconds: 10,
            BackoffRate: 2,
            MaxAttempts: 5,
          },
          {
            ExceptionType: ["SageMaker.JOB_INTERNAL_ERROR", "SageMaker.CAPACITY_ERROR"],
            IntervalSeconds: 60,
            BackoffRate: 2,
            MaxAttempts: 3,
          },
        ],
      },
    ],
  };
}

/**
 * At the full hour; the only form that Model Monitor takes as well (SageMaker developer guide, "The cron expression for
 * monitoring schedule").
 */
export function monitoringCron(everyHours: number): string {
  if (everyHours === 1) return "cron(0 * ? * * *)";
  return everyHours === 24 ? "cron(0 0 ? * * *)" : `cron(0 0/${everyHours} ? * * *)`;
}
