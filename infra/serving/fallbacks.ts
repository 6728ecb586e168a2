import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { type DesiredRelease, lastStable, releasedArchive, type ReleasedModel } from "../../contract/desired-release";
import { type Rung, rungEndpoint } from "../../contract/front-door";
import { championVariant } from "../../contract/variants";
import { Component } from "../component";
import type { Role } from "../identity/identity";
import type { Scope } from "../scope";
import type { FrontDoorSettings } from "../settings/front-door";
import { requestAlarms } from "./alarms";
import { type ConfigurationDescription, describeConfiguration } from "./configuration";
import { deploymentConfig } from "./deployment";
import { endpointAlarm } from "./endpoint-alarm";
import type { MonitoredEndpoint } from "./monitored-endpoint";

export interface FallbacksArgs {
  readonly settings: FrontDoorSettings;
  readonly release: DesiredRelease;
  readonly detector: MonitoredEndpoint;
  readonly role: Role;
  readonly keyArn: pulumi.Input<string>;
  /** Who is called by alarms: whoever tells people. */
  readonly alarmAction: pulumi.Input<string>;
}

type Fallback = Exclude<Rung, "champion">;

/**
 * The endpoints that the front door falls back to: the last stable release, and a smaller model on a processor. They
 * change after the champion's endpoint has, so that one of both serves what served before for as long as it takes.
 */
export class Fallbacks extends Component {
  constructor(
    name: string,
    scope: Scope,
    private readonly args: FallbacksArgs,
    options: pulumi.ComponentResourceOptions,
  ) {
    super("serving", "Fallbacks", name, scope, options);
    for (const [rung, description] of Object.entries(describeFallbacks(args.release, args.settings, scope)))
      this.serve(rung as Fallback, description);
    this.registerOutputs({});
  }

  private serve(rung: Fallback, description: ConfigurationDescription): void {
    const { scope } = this;
    const { detector, role, keyArn, alarmAction } = this.args;
    const name = rungEndpoint(scope.environment, rung);
    const logs = new aws.cloudwatch.LogGroup(
      this.named(`${rung}-logs`),
      {
        name: `/aws/sagemaker/Endpoints/${name}`,
        retentionInDays: scope.settings.retention.logDays,
        kmsKeyId: keyArn,
      },
      this.child(),
    );
    const alarm = endpointAlarm(
      this.named(`${rung}-errors`),
      {
        alarmName: scope.names.of("alarm", "detector", rung, "errors"),
        description: {
          ...requestAlarms(scope).errors,
          what: `The front door's fallback ${name} answers requests with 5xx.`,
          runbook: "docs/runbooks/failover.md",
          command: `npx peregrine failover --stack ${scope.environment}`,
        },
        dimensions: { EndpointName: name, VariantName: championVariant },
        action: alarmAction,
      },
      this.child(),
    );
    new aws.sagemaker.Endpoint(
      this.named(rung),
      {
        name,
        endpointConfigName: detector.configure(description).name,
        deploymentConfig: deploymentConfig(scope.settings.serving, [alarm.name]),
        tags: scope.tags,
      },
      this.child({ dependsOn: [logs, role.duties, detector.endpoint] }),
    );
  }
}

/** What the fallbacks serve; the last stable release only once there is one. */
export function describeFallbacks(
  release: DesiredRelease,
  { rungs, small }: FrontDoorSettings,
  scope: Scope,
): Partial<Record<Fallback, ConfigurationDescription>> {
  const stable = lastStable(release);
  return {
    ...(rungs.includes("standby") && stable ? { standby: describeConfiguration(stable, scope) } : {}),
    ...(rungs.includes("small") ? { small: describeConfiguration(smallModel(release, small, scope), scope) } : {}),
  };
}

/** The smaller model as a release of its own: another archive or the champion's, on a processor. */
function smallModel(
  { modelPackageArn, modelDataUrl, modelSha256, imageUri }: DesiredRelease,
  { instanceType, sha256 }: FrontDoorSettings["small"],
  scope: Scope,
): ReleasedModel {
  const archive = sha256
    ? { modelSha256: sha256, modelDataUrl: releasedArchive(scope.artifactsBucket, sha256) }
    : { modelSha256, modelDataUrl };
  return { modelPackageArn, imageUri, ...archive, instanceType: instanceType as ReleasedModel["instanceType"] };
}
