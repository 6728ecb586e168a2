import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../component";
import type { Role } from "../identity/identity";
import { prefixes, withoutSlash } from "../../contract/places";
import { trackerOf, trackingDuties } from "../identity/tracking-duties";
import type { Scope } from "../scope";

/**
 * Experiment tracking, with its artifacts in our bucket: a serverless MLflow App, an MLflow server that is paid by the
 * hour, or an MLflow that somebody else runs.
 */
export class Tracking extends Component {
  /** What MLflow clients take for their tracking URI: the ARN of ours, else the other's URL. */
  readonly uri: pulumi.Output<string>;
  /** The MLflow App's ARN, in mode `app`. */
  readonly appArn: pulumi.Output<string> | undefined;

  constructor(
    name: string,
    scope: Scope,
    private readonly bucket: pulumi.Input<string>,
    private readonly role: Role,
    options: pulumi.ComponentResourceOptions,
  ) {
    super("tracking", "Tracking", name, scope, options);
    const tracking = scope.settings.tracking;
    switch (tracking.mode) {
      case "app":
        this.uri = this.appArn = this.createApp().arn;
        break;
      case "tracking-server":
        this.uri = this.createServer(tracking.serverSize).arn;
        break;
      case "external":
        this.uri = pulumi.output(tracking.uri);
    }
    this.registerOutputs({ trackingUri: this.uri });
  }

  /** Lets roles use it, each as its name says. An external MLflow knows nothing of our roles. */
  grantTo(roles: Readonly<Record<string, Role | undefined>>): void {
    const { mode } = this.scope.settings.tracking;
    if (mode === "external") return;
    for (const [name, role] of Object.entries(roles)) {
      const tracker = trackerOf(name);
      if (tracker)
        role?.grant(
          "track",
          this.uri.apply((arn) => trackingDuties(tracker, mode, arn)),
        );
    }
  }

  private createApp(): aws.sagemaker.MlflowApp {
    return new aws.sagemaker.MlflowApp(
      this.named("app"),
      {
        name: this.scope.names.of("mlflowApp", "tracking"),
        artifactStoreUri: this.artifacts(),
        roleArn: this.role.arn,
        // Models are registered by the pipeline, after its quality bar, and by nothing else.
        modelRegistrationMode: "AutoModelRegistrationDisabled",
        accountDefaultStatus: "DISABLED",
        tags: this.scope.tags,
      },
      this.child({ dependsOn: [this.role.duties] }),
    );
  }

  private createServer(trackingServerSize: string): aws.sagemaker.MlflowTrackingServer {
    return new aws.sagemaker.MlflowTrackingServer(
      this.named("server"),
      {
        trackingServerName: this.scope.names.of("trackingServer", "tracking"),
        trackingServerSize,
        artifactStoreUri: this.artifacts(),
        roleArn: this.role.arn,
        automaticModelRegistration: false,
        tags: this.scope.tags,
      },
      this.child({ dependsOn: [this.role.duties] }),
    );
  }

  private artifacts(): pulumi.Output<string> {
    return pulumi.interpolate`s3://${this.bucket}/${withoutSlash(prefixes.mlflow)}`;
  }
}
