import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Alerts } from "../alerts/alerts";
import { Component } from "../component";
import type { Role } from "../identity/identity";
import { prefixes } from "../identity/roles";
import type { DesiredRelease } from "../release";
import type { Scope } from "../scope";
import { type AlarmDescription, endpointAlarms, rolloutAlarms } from "./alarms";
import { dashboardBody } from "./dashboard";
import { deploymentConfig } from "./deployment";

export interface MonitoredEndpointArgs {
  readonly release: DesiredRelease;
  readonly role: Role;
  readonly keyArn: pulumi.Input<string>;
  readonly artifactsBucket: pulumi.Input<string>;
  readonly alerts: Alerts;
}

/** The one production variant outside of experiments; guarded updates demand that its name stays. */
export const championVariant = "champion";

/**
 * An endpoint that cannot exist unwatched: with it come data capture, alarms, rollback by alarms, autoscaling, logs with an
 * end, and a dashboard. Models and endpoint configurations are immutable in SageMaker and kept when they are replaced:
 * after an alarm rolls an update back, the live endpoint still runs the old ones (terraform-provider-aws #48997).
 */
export class MonitoredEndpoint extends Component {
  readonly model: aws.sagemaker.Model;
  readonly configuration: aws.sagemaker.EndpointConfiguration;
  readonly endpoint: aws.sagemaker.Endpoint;
  readonly alarms: readonly aws.cloudwatch.MetricAlarm[];

  /** @param name also the stem of the names of models and configurations, so equal to the endpoint's name. */
  constructor(name: string, scope: Scope, private readonly args: MonitoredEndpointArgs, options: pulumi.ComponentResourceOptions) {
    super("serving", "MonitoredEndpoint", name, scope, options);
    const logs = this.createLogGroup();
    this.model = this.createModel();
    this.configuration = this.createConfiguration();
    this.alarms = Object.entries(endpointAlarms(scope)).map(([alarm, description]) => this.createAlarm(alarm, description));
    const guards = Object.entries(rolloutAlarms(scope)).map(([alarm, description]) => this.createAlarm(alarm, description, this.configuration.name));
    this.endpoint = new aws.sagemaker.Endpoint(
      this.named("endpoint"),
      {
        name: scope.endpointName,
        endpointConfigName: this.configuration.name,
        deploymentConfig: deploymentConfig(scope.settings.serving, guards.map((alarm) => alarm.name)),
        tags: scope.tags,
      },
      this.child({ dependsOn: [logs, args.role.duties] }),
    );
    this.scale();
    this.createDashboard(logs.name);
    this.registerOutputs({ endpointName: this.endpoint.name, endpointConfigName: this.configuration.name });
  }

  /** SageMaker would make the group itself, and keep the logs for ever. */
  private createLogGroup(): aws.cloudwatch.LogGroup {
    const { endpointName, settings } = this.scope;
    return new aws.cloudwatch.LogGroup(
      this.named("logs"),
      { name: `/aws/sagemaker/Endpoints/${endpointName}`, retentionInDays: settings.retention.logDays, kmsKeyId: this.args.keyArn },
      this.child(),
    );
  }

  private createModel(): aws.sagemaker.Model {
    const { release, role } = this.args;
    const environment = { MODEL_SHA256: release.modelSha256, MODEL_PACKAGE_ARN: release.modelPackageArn };
    const content = { image: release.imageUri, modelDataUrl: release.modelDataUrl, environment, role: this.scope.roleArn("endpoint-execution") };
    return new aws.sagemaker.Model(
      this.scope.names.ofContent("model", content, "detector"),
      {
        executionRoleArn: role.arn,
        primaryContainer: { image: content.image, modelDataUrl: content.modelDataUrl, environment },
        // Serving needs nothing but its archive, and captured data is written by the platform, not by the container.
        enableNetworkIsolation: true,
        tags: this.scope.tags,
      },
      this.child({ retainOnDelete: true, dependsOn: [role.duties] }),
    );
  }

  private createConfiguration(): aws.sagemaker.EndpointConfiguration {
    const { serving } = this.scope.settings;
    const variant = { variantName: championVariant, instanceType: serving.instanceType, initialInstanceCount: serving.minInstances, initialVariantWeight: 1 };
    const capture = {
      enableCapture: true,
      initialSamplingPercentage: serving.capturePercent,
      captureOptions: [{ captureMode: "Input" }, { captureMode: "Output" }],
      // Without this list even JSON answers would be captured as base64; images always are.
      captureContentTypeHeader: { jsonContentTypes: ["application/json"] },
    };
    const { release } = this.args;
    return new aws.sagemaker.EndpointConfiguration(
      this.scope.names.ofContent("endpointConfiguration", { release: release.modelSha256, image: release.imageUri, package: release.modelPackageArn, variant, capture }, "detector"),
      {
        productionVariants: [{ ...variant, modelName: this.model.name, routingConfigs: [{ routingStrategy: "LEAST_OUTSTANDING_REQUESTS" }] }],
        dataCaptureConfig: { ...capture, destinationS3Uri: pulumi.interpolate`s3://${this.args.artifactsBucket}/${prefixes.capture.replace(/\/$/, "")}` },
        tags: this.scope.tags,
      },
      this.child({ retainOnDelete: true }),
    );
  }

  /** @param onlyConfiguration watches the fleet of this endpoint configuration alone, which is what a rollout has to judge. */
  private createAlarm(alarm: string, description: AlarmDescription, onlyConfiguration?: pulumi.Input<string>): aws.cloudwatch.MetricAlarm {
    const topic = this.args.alerts.arn(description.severity);
    return new aws.cloudwatch.MetricAlarm(
      this.named(alarm),
      {
        name: this.scope.names.of("alarm", "detector", alarm),
        alarmDescription: description.description,
        namespace: description.namespace,
        metricName: description.metricName,
        ...(description.statistic ? { statistic: description.statistic } : { extendedStatistic: description.extendedStatistic }),
        dimensions: { EndpointName: this.scope.endpointName, VariantName: championVariant, ...(onlyConfiguration ? { EndpointConfigName: onlyConfiguration } : {}) },
        comparisonOperator: "GreaterThanThreshold",
        threshold: description.threshold,
        period: description.periodSeconds,
        evaluationPeriods: description.evaluationPeriods,
        // No traffic is no failure.
        treatMissingData: "notBreaching",
        alarmActions: [topic],
        okActions: [topic],
      },
      this.child(),
    );
  }

  /** Follows the load by requests per instance: out within a minute, in after five. */
  private scale(): void {
    const { serving } = this.scope.settings;
    const target = new aws.appautoscaling.Target(
      this.named("scaling"),
      {
        serviceNamespace: "sagemaker",
        resourceId: pulumi.interpolate`endpoint/${this.endpoint.name}/variant/${championVariant}`,
        scalableDimension: "sagemaker:variant:DesiredInstanceCount",
        minCapacity: serving.minInstances,
        maxCapacity: serving.maxInstances,
      },
      this.child(),
    );
    new aws.appautoscaling.Policy(
      this.named("scaling-policy"),
      {
        name: this.scope.names.of("scalingPolicy", "detector", "load"),
        policyType: "TargetTrackingScaling",
        serviceNamespace: target.serviceNamespace,
        resourceId: target.resourceId,
        scalableDimension: target.scalableDimension,
        targetTrackingScalingPolicyConfiguration: {
          predefinedMetricSpecification: { predefinedMetricType: "SageMakerVariantInvocationsPerInstance" },
          targetValue: serving.invocationsPerInstance,
          scaleOutCooldown: 60,
          scaleInCooldown: 300,
        },
      },
      this.child(),
    );
  }

  private createDashboard(logGroup: pulumi.Input<string>): void {
    const { endpointName, names, settings } = this.scope;
    new aws.cloudwatch.Dashboard(
      this.named("dashboard"),
      {
        dashboardName: names.of("dashboard", "detector"),
        dashboardBody: pulumi
          .all([logGroup, ...this.alarms.map((alarm) => alarm.arn)])
          .apply(([group, ...alarmArns]) => dashboardBody({ region: settings.region, endpointName, variant: championVariant, alarmArns, logGroup: group! })),
      },
      this.child(),
    );
  }
}
