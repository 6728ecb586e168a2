import { awsSource, detailType } from "../../contract/events";
import type { Scope } from "../scope";
import type { AlertArea, Severity } from "../../contract/alerts";

/** A rule on the default bus that turns an event into a sentence for people. */
export interface NoticeRule {
  readonly description: string;
  readonly pattern: Readonly<Record<string, unknown>>;
  readonly severity: Severity;
  /** Decides which team is told. */
  readonly area: AlertArea;
  /** Names in the sentence, as paths into the event. */
  readonly paths: Readonly<Record<string, string>>;
  /** `<name>` stands for a path's value. */
  readonly sentence: string;
}

/**
 * Everything people are told by the platform's own events. Candidates are announced by the pipeline, with their
 * numbers.
 */
export function noticeRules(scope: Scope): Readonly<Record<string, NoticeRule>> {
  const {
    arns,
    endpointName,
    environment,
    modelPackageGroup,
    names,
    settings: { delivery },
  } = scope;
  const released =
    delivery.targets.length > 0
      ? `An approved candidate is released to ${delivery.targets.join(", then ")} by the build project ${scope.releaseProject}.`
      : "An approved candidate is released by: npx peregrine promote <package>";
  return {
    "candidate-decided": {
      description: "A candidate was approved or rejected",
      pattern: {
        source: [awsSource.sagemaker],
        "detail-type": [detailType.modelPackage],
        detail: {
          ModelPackageGroupName: [modelPackageGroup],
          ModelApprovalStatus: ["Approved", "Rejected"],
          UpdatedModelPackageFields: ["ModelApprovalStatus"],
        },
      },
      severity: "info",
      area: "model",
      paths: { status: "$.detail.ModelApprovalStatus", package: "$.detail.ModelPackageArn", time: "$.time" },
      sentence: `[${environment}] Candidate <package> is <status> since <time>. ${released}`,
    },
    "candidate-edited": {
      description: "A candidate was edited after it was decided about",
      pattern: {
        source: [awsSource.sagemaker],
        "detail-type": [detailType.modelPackage],
        detail: {
          ModelPackageGroupName: [modelPackageGroup],
          ModelApprovalStatus: ["Approved", "Rejected"],
          UpdatedModelPackageFields: [
            "CustomerMetadataProperties",
            "InferenceSpecification",
            "ModelLifeCycle",
            "sourceUri",
          ],
        },
      },
      severity: "warning",
      area: "model",
      paths: { fields: "$.detail.UpdatedModelPackageFields", package: "$.detail.ModelPackageArn", time: "$.time" },
      sentence: `[${environment}] Candidate <package> was edited after it was decided about, at <time>: <fields>. The gate releases it no more until it is approved again. Who did it: npx peregrine decision show <package>`,
    },
    "endpoint-trouble": {
      description: "The endpoint failed or could not be updated",
      pattern: {
        source: [awsSource.sagemaker],
        "detail-type": [detailType.endpoint],
        // In events the status is written in capitals, unlike in the API's answers.
        detail: {
          EndpointName: [endpointName],
          EndpointStatus: ["FAILED", "OUT_OF_SERVICE", "UPDATE_ROLLBACK_FAILED", "ROLLING_BACK"],
        },
      },
      severity: "critical",
      area: "serving",
      paths: { status: "$.detail.EndpointStatus", config: "$.detail.EndpointConfigName", time: "$.time" },
      sentence: `[${environment}] Endpoint ${endpointName} is <status> since <time>, configuration <config>. Log group: /aws/sagemaker/Endpoints/${endpointName}`,
    },
    "endpoint-beside": {
      description: "Somebody made an endpoint that is not the platform's",
      pattern: {
        source: [awsSource.sagemaker],
        "detail-type": [detailType.endpoint],
        resources: [{ wildcard: arns.sagemaker(`endpoint/${names.prefix}-*`) }],
        detail: { EndpointName: [{ "anything-but": [endpointName] }], EndpointStatus: ["IN_SERVICE"] },
      },
      severity: "critical",
      area: "serving",
      paths: { endpoint: "$.detail.EndpointName", time: "$.time" },
      // None of our roles may, see `releasePathOnly` and the matrix of roles.
      sentence: `[${environment}] CRITICAL: Endpoint <endpoint> answers since <time> beside the platform: no alarm, no monitoring and no end of its logs. No role of the platform can make one, so an administrator of the account did. Who: aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=CreateEndpoint. Delete it: aws sagemaker delete-endpoint --endpoint-name <endpoint>. Its model comes in as a release: docs/releases.md`,
    },
    "endpoint-changed": {
      description: "The endpoint is in service, after an update or for the first time",
      pattern: {
        source: [awsSource.sagemaker],
        "detail-type": [detailType.endpoint],
        detail: { EndpointName: [endpointName], EndpointStatus: ["IN_SERVICE"] },
      },
      severity: "info",
      area: "serving",
      paths: { config: "$.detail.EndpointConfigName", time: "$.time" },
      sentence: `[${environment}] Endpoint ${endpointName} is in service since <time> with configuration <config>.`,
    },
    ...monitoringFailed(scope),
  };
}

/**
 * A run of the monitoring that ended without a report. Model Monitor has no event of its own for a run: its trace is
 * the processing job, known by the role that nothing else runs as ("SageMaker processing job state change" in the
 * developer guide shows `RoleArn`, and no schedule). A window without captured data makes no job, and is told by the
 * alarm `unwatched` where requests came.
 */
function monitoringFailed(scope: Scope): Readonly<Record<string, NoticeRule>> {
  const { arns, endpointName, environment, monitoringPipeline, settings } = scope;
  const told = (status: string): string =>
    `[${environment}] Monitoring of ${endpointName} ended as ${status} at <time>: drift in that time goes unseen.`;
  const shared = { description: "The endpoint was not monitored", severity: "warning", area: "model" } as const;
  switch (settings.monitoring.mode) {
    case "self-hosted":
      return {
        "monitoring-failed": {
          ...shared,
          pattern: {
            source: [awsSource.sagemaker],
            "detail-type": [detailType.pipelineExecution],
            detail: {
              pipelineArn: [arns.sagemaker(`pipeline/${monitoringPipeline}`)],
              currentPipelineExecutionStatus: ["Failed", "Stopped"],
            },
          },
          paths: {
            status: "$.detail.currentPipelineExecutionStatus",
            execution: "$.detail.pipelineExecutionArn",
            time: "$.time",
          },
          sentence: `${told("<status>")} Execution: <execution>. See its steps: aws sagemaker list-pipeline-execution-steps --pipeline-execution-arn <execution>`,
        },
      };
    case "managed":
      return {
        "monitoring-failed": {
          ...shared,
          pattern: {
            source: [awsSource.sagemaker],
            "detail-type": [detailType.processingJob],
            detail: {
              RoleArn: [scope.roleArn("monitoring-execution")],
              ProcessingJobStatus: ["Failed", "Stopped"],
            },
          },
          paths: { status: "$.detail.ProcessingJobStatus", job: "$.detail.ProcessingJobName", time: "$.time" },
          sentence: `${told("<status>")} Job: <job>. See why: aws sagemaker describe-processing-job --processing-job-name <job>`,
        },
      };
    case "off":
      return {};
  }
}
