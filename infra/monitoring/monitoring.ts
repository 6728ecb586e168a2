import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../component";
import type { Role } from "../identity/identity";
import type { MonitoringRole } from "../identity/roles/operations";
import type { Placement } from "../network/network";
import type { Scope } from "../scope";
import { lintDefinition } from "../training/definition-linter";
import { allReportsUri, monitoringCron, monitoringPipeline } from "./pipeline";
import { monitoringVariables } from "./variables";

export interface MonitoringArgs {
  readonly roles: Readonly<Record<MonitoringRole, Role>>;
  readonly schedules: aws.scheduler.ScheduleGroup;
  /** Queue of starts that failed for good. */
  readonly deadLetters: aws.sqs.Queue;
  /** Absent before the first release: Model Monitor takes no schedule for an endpoint that is not there. */
  readonly endpoint: aws.sagemaker.Endpoint | undefined;
  /** Where jobs run; undefined in SageMaker's own network. */
  readonly placement: Placement | undefined;
}

/**
 * Scheduled comparison of captured data with a baseline, by our own image: on a schedule of ours, or by Model Monitor.
 */
export class Monitoring extends Component {
  /** The pipeline of mode `self-hosted`. */
  readonly pipeline: aws.sagemaker.Pipeline | undefined;

  constructor(
    name: string,
    scope: Scope,
    private readonly args: MonitoringArgs,
    options: pulumi.ComponentResourceOptions,
  ) {
    super("monitoring", "Monitoring", name, scope, options);
    const { mode, enabled } = scope.settings.monitoring;
    if (mode === "self-hosted") this.pipeline = this.runOurselves();
    // A managed schedule runs from the moment it exists.
    else if (mode === "managed" && enabled && args.endpoint) this.letModelMonitorRun(args.endpoint);
    this.registerOutputs({});
  }

  private runOurselves(): aws.sagemaker.Pipeline {
    const { args, scope } = this;
    const { enabled, everyHours } = scope.settings.monitoring;
    const { subnetIds = [], securityGroupIds = [] } = args.placement ?? {};
    const pipelineDefinition = pulumi
      .all([pulumi.all(subnetIds), pulumi.all(securityGroupIds)])
      .apply(([Subnets, SecurityGroupIds]) => {
        const definition = monitoringPipeline(scope, args.placement ? { Subnets, SecurityGroupIds } : undefined);
        const problems = lintDefinition(definition);
        if (problems.length > 0) throw new Error(`the monitoring pipeline is not sound:\n${problems.join("\n")}`);
        return JSON.stringify(definition);
      });
    const { "monitoring-execution": execution, "monitoring-start": start } = args.roles;
    const pipeline = new aws.sagemaker.Pipeline(
      this.named("pipeline"),
      {
        pipelineName: scope.monitoringPipeline,
        pipelineDisplayName: scope.monitoringPipeline,
        pipelineDescription: "Compare what the endpoint saw and said with the baseline",
        roleArn: execution.arn,
        pipelineDefinition,
        tags: scope.tags,
      },
      this.child({ dependsOn: [execution.duties] }),
    );
    new aws.scheduler.Schedule(
      this.named("schedule"),
      {
        name: scope.names.of("schedule", "monitoring"),
        groupName: args.schedules.name,
        description: "Starts the monitoring of the endpoint",
        scheduleExpression: monitoringCron(everyHours),
        state: enabled ? "ENABLED" : "DISABLED",
        // Captured data arrives some minutes late, and nothing waits for a report.
        flexibleTimeWindow: { mode: "FLEXIBLE", maximumWindowInMinutes: 15 },
        target: {
          arn: pipeline.arn,
          roleArn: start.arn,
          deadLetterConfig: { arn: args.deadLetters.arn },
          retryPolicy: { maximumRetryAttempts: 5, maximumEventAgeInSeconds: 3600 },
        },
      },
      this.child({ dependsOn: [start.duties] }),
    );
    return pipeline;
  }

  /**
   * The definition stands in the schedule: the provider's job definitions take no arguments for the container, and our
   * image needs its verb.
   */
  private letModelMonitorRun(endpoint: aws.sagemaker.Endpoint): void {
    const { args, scope } = this;
    const { everyHours, instanceType, instances } = scope.settings.monitoring;
    const role = args.roles["monitoring-execution"];
    new aws.sagemaker.MonitoringSchedule(
      this.named("schedule"),
      {
        name: scope.names.of("monitoringSchedule", "monitoring"),
        monitoringScheduleConfig: {
          monitoringType: "DataQuality",
          scheduleConfig: { scheduleExpression: monitoringCron(everyHours) },
          monitoringJobDefinition: {
            roleArn: role.arn,
            monitoringAppSpecification: { imageUri: scope.imageUri, containerArguments: ["monitor"] },
            monitoringInputs: {
              endpointInput: {
                endpointName: endpoint.name,
                localPath: "/opt/ml/processing/endpointdata",
                s3InputMode: "File",
                s3DataDistributionType: instances > 1 ? "ShardedByS3Key" : "FullyReplicated",
              },
            },
            monitoringOutputConfig: {
              monitoringOutputs: {
                s3Output: {
                  s3Uri: allReportsUri(scope),
                  localPath: "/opt/ml/processing/output",
                  s3UploadMode: "EndOfJob",
                },
              },
            },
            ...(args.placement
              ? {
                  networkConfig: {
                    vpcConfig: { subnets: args.placement.subnetIds, securityGroupIds: args.placement.securityGroupIds },
                  },
                }
              : {}),
            monitoringResources: { clusterConfig: { instanceType, instanceCount: instances, volumeSizeInGb: 30 } },
            // Baselines are found by the model that answered, so the schedule names none.
            environment: monitoringVariables(scope),
            // Below an hour: runs must not meet.
            stoppingConditions: [{ maxRuntimeInSeconds: 3300 }],
          },
        },
        tags: scope.tags,
      },
      this.child({ dependsOn: [role.duties] }),
    );
  }
}
