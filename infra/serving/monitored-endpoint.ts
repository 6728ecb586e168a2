import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../component";
import type { Role } from "../identity/identity";
import { hasLocalDisk } from "../../contract/hosts/accelerators";
import { prefixes, withoutSlash } from "../../contract/places";
import type { DesiredRelease, ReleasedModel } from "../../contract/desired-release";
import { cardTag } from "../../contract/package-card";
import type { Placement } from "../network/network";
import type { Scope } from "../scope";
import { type AlarmDescription, challengerAlarms, endpointAlarms, rolloutAlarms } from "./alarms";
import { endpointAlarm } from "./endpoint-alarm";
import {
  type ConfigurationDescription,
  containerEnvironment,
  describeConfiguration,
  distinct,
  instanceTypeOf,
  modelName,
  type VariantDescription,
} from "./configuration";
import { challengerVariant, championVariant, experimentTag } from "../../contract/variants";
import { deploymentsOf } from "../business/kpi-graphs";
import { dashboardBody } from "./dashboard";
import { deploymentConfig } from "./deployment";

export interface MonitoredEndpointArgs {
  readonly release: DesiredRelease;
  readonly role: Role;
  readonly keyArn: pulumi.Input<string>;
  readonly artifactsBucket: pulumi.Input<string>;
  /** Who is called by alarms: whoever tells people. */
  readonly alarmAction: pulumi.Input<string>;
  /** Where the instances reach their network; undefined in SageMaker's own. */
  readonly placement: Placement | undefined;
}

/**
 * An endpoint that cannot exist unwatched: with it come data capture, alarms, rollback by alarms, autoscaling, logs
 * with an end, and a dashboard. Models and endpoint configurations are immutable in SageMaker. Those of the last
 * releases stay part of the stack, so that going back creates nothing; and older ones are kept when they leave it:
 * after an alarm rolls an update back, the live endpoint still runs the old ones (terraform-provider-aws #48997).
 */
export class MonitoredEndpoint extends Component {
  readonly configuration: aws.sagemaker.EndpointConfiguration;
  readonly endpoint: aws.sagemaker.Endpoint;
  readonly alarms: readonly aws.cloudwatch.MetricAlarm[];
  /** Bounds of the number of instances; undefined for an endpoint of one instance. */
  readonly scaling: aws.appautoscaling.Target | undefined = undefined;
  /** By logical name: releases may share a model. */
  private readonly models = new Map<string, aws.sagemaker.Model>();
  private readonly configurations = new Map<string, aws.sagemaker.EndpointConfiguration>();

  /** @param name also the stem of the names of models and configurations, so equal to the endpoint's name. */
  constructor(
    name: string,
    scope: Scope,
    private readonly args: MonitoredEndpointArgs,
    options: pulumi.ComponentResourceOptions,
  ) {
    super("serving", "MonitoredEndpoint", name, scope, options);
    const logs = this.createLogGroup();
    const { kept, experiment, endedExperiment, ...desired } = args.release;
    // The release without its challenger stays in the stack as well: it is what an experiment ends with.
    const live = describeConfiguration(desired, scope, experiment);
    const configurations = distinct([
      live,
      ...[desired, ...kept].map((release) => describeConfiguration(release, scope)),
    ]).map((description) => this.configure(description));
    this.configuration = configurations[0]!;
    this.alarms = [
      ...Object.entries(endpointAlarms(scope, instanceTypeOf(desired, scope))).map(([alarm, description]) =>
        this.createAlarm(alarm, description, championVariant),
      ),
      ...Object.entries(experiment ? challengerAlarms(scope, experiment) : {}).map(([alarm, description]) =>
        this.createAlarm(alarm, description, challengerVariant),
      ),
    ];
    const guards = Object.entries(rolloutAlarms(scope)).map(([alarm, description]) =>
      this.createAlarm(alarm, description, championVariant, { digest: live.digest, name: this.configuration.name }),
    );
    const changed = experiment?.id ?? endedExperiment;
    this.endpoint = new aws.sagemaker.Endpoint(
      this.named("endpoint"),
      {
        name: scope.endpointName,
        endpointConfigName: this.configuration.name,
        ...(changed
          ? {}
          : {
              deploymentConfig: deploymentConfig(
                scope.settings.serving,
                guards.map((alarm) => alarm.name),
              ),
            }),
        tags: { ...scope.tags, ...(changed ? { [experimentTag]: changed } : {}) },
      },
      this.child({ dependsOn: [logs, args.role.duties] }),
    );
    // One instance has nothing to scale. A target would only bind it: whoever deletes a scaled endpoint needs the right
    // to deregister it, too, and what a schedule makes again in the morning comes back without.
    if (scope.settings.serving.maxInstances > 1) {
      this.scaling = this.scale(championVariant);
      // Shadows have no scaling of their own: a target is a production variant's (Application Auto Scaling user guide).
      if (experiment?.mode === "live") this.scale(challengerVariant, `-${challengerVariant}`);
    }
    this.tellOfOtherType(desired);
    this.createDashboard(logs.name);
    this.registerOutputs({ endpointName: this.endpoint.name, endpointConfigName: this.configuration.name });
  }

  /** SageMaker would make the group itself, and keep the logs for ever. */
  private createLogGroup(): aws.cloudwatch.LogGroup {
    const { endpointName, settings } = this.scope;
    return new aws.cloudwatch.LogGroup(
      this.named("logs"),
      {
        name: `/aws/sagemaker/Endpoints/${endpointName}`,
        retentionInDays: settings.retention.logDays,
        kmsKeyId: this.args.keyArn,
      },
      this.child(),
    );
  }

  private createModel(release: ReleasedModel): aws.sagemaker.Model {
    const { role } = this.args;
    const name = modelName(release, this.scope);
    const known = this.models.get(name);
    if (known) return known;
    const model = new aws.sagemaker.Model(
      name,
      {
        executionRoleArn: role.arn,
        primaryContainer: {
          image: release.imageUri,
          modelDataUrl: release.modelDataUrl,
          environment: containerEnvironment(release, this.scope),
        },
        // Serving needs nothing but its archive, and captured data is written by the platform, not by the container.
        enableNetworkIsolation: true,
        ...(this.args.placement
          ? {
              vpcConfig: {
                subnets: this.args.placement.subnetIds,
                securityGroupIds: this.args.placement.securityGroupIds,
              },
            }
          : {}),
        tags: {
          ...this.scope.tags,
          ...(this.scope.settings.documents.demandModelCard ? cardTag : {}),
          ...(this.scope.settings.modelLicence ? { "model-licence": this.scope.settings.modelLicence } : {}),
        },
      },
      this.child({ retainOnDelete: true, dependsOn: [role.duties] }),
    );
    this.models.set(name, model);
    return model;
  }

  /**
   * SageMaker refuses another instance type while a variant scales, so it comes with a release, which takes the scaling
   * off before.
   */
  private tellOfOtherType(desired: ReleasedModel): void {
    const { environment, settings } = this.scope;
    const live = instanceTypeOf(desired, this.scope);
    if (live === settings.serving.instanceType) return;
    void pulumi.log.warn(
      `The endpoint stays on ${live} until the next release brings ${settings.serving.instanceType}, also of the same package: npx peregrine promote ${desired.modelPackageArn} --to ${environment}`,
      this,
    );
  }

  /** The configuration of a release: the one that there is, or a new one. */
  configure({ name, variants, shadow, capture }: ConfigurationDescription): aws.sagemaker.EndpointConfiguration {
    const known = this.configurations.get(name);
    if (known) return known;
    const variant = ({ release, settings }: VariantDescription) => ({
      ...settings,
      modelName: this.createModel(release).name,
      routingConfigs: [{ routingStrategy: "LEAST_OUTSTANDING_REQUESTS" }],
    });
    const configuration = new aws.sagemaker.EndpointConfiguration(
      name,
      {
        productionVariants: variants.map(variant),
        ...(shadow ? { shadowProductionVariants: [variant(shadow)] } : {}),
        // Disks of the host itself are not encrypted with a key of ours: SageMaker refuses one there.
        ...(variants.every((one) => hasLocalDisk(instanceTypeOf(one.release, this.scope)))
          ? {}
          : { kmsKeyArn: this.args.keyArn }),
        dataCaptureConfig: {
          ...capture,
          destinationS3Uri: pulumi.interpolate`s3://${this.args.artifactsBucket}/${withoutSlash(prefixes.capture)}`,
        },
        tags: this.scope.tags,
      },
      this.child({ retainOnDelete: true }),
    );
    this.configurations.set(name, configuration);
    return configuration;
  }

  /**
   * @param only watches the fleet of this endpoint configuration alone, which is what a rollout has to judge. Such an
   * alarm has the configuration's digest in its name: under one name for all, an alarm that a bad release raised would
   * stop the way back.
   */
  private createAlarm(
    alarm: string,
    description: AlarmDescription,
    variant: string,
    only?: { readonly digest: string; readonly name: pulumi.Input<string> },
  ): aws.cloudwatch.MetricAlarm {
    return endpointAlarm(
      this.named(alarm),
      {
        alarmName: this.scope.names.of("alarm", "detector", alarm, ...(only ? [only.digest] : [])),
        description,
        dimensions: {
          EndpointName: this.scope.endpointName,
          VariantName: variant,
          ...(only ? { EndpointConfigName: only.name } : {}),
        },
        action: this.args.alarmAction,
      },
      this.child(),
    );
  }

  /**
   * Follows the load by requests per instance: out within a minute, in after five.
   * @param suffix of the names of what scales another variant than the champion.
   */
  private scale(variant: string, suffix = ""): aws.appautoscaling.Target {
    const { serving } = this.scope.settings;
    const target = new aws.appautoscaling.Target(
      this.named(`scaling${suffix}`),
      {
        serviceNamespace: "sagemaker",
        resourceId: pulumi.interpolate`endpoint/${this.endpoint.name}/variant/${variant}`,
        scalableDimension: "sagemaker:variant:DesiredInstanceCount",
        minCapacity: serving.minInstances,
        maxCapacity: serving.maxInstances,
      },
      this.child(),
    );
    new aws.appautoscaling.Policy(
      this.named(`scaling${suffix}-policy`),
      {
        name: this.scope.names.of("scalingPolicy", "detector", `load${suffix}`),
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
    return target;
  }

  private createDashboard(logGroup: pulumi.Input<string>): void {
    const { endpointName, names, settings } = this.scope;
    new aws.cloudwatch.Dashboard(
      this.named("dashboard"),
      {
        dashboardName: names.of("dashboard", "detector"),
        dashboardBody: pulumi.all([logGroup, ...this.alarms.map((alarm) => alarm.arn)]).apply(([group, ...alarmArns]) =>
          dashboardBody({
            region: settings.region,
            endpointName,
            variant: championVariant,
            alarmArns,
            logGroup: group!,
            environment: this.scope.environment,
            kpis: settings.kpis,
            deployments: deploymentsOf(this.args.release),
          }),
        ),
      },
      this.child(),
    );
  }
}
