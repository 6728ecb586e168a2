import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../component";
import { trackExperiments } from "../identity/documents/jobs";
import type { Role } from "../identity/identity";
import { prefixes } from "../identity/roles";
import type { Scope } from "../scope";

/** Experiment tracking: a serverless MLflow App that keeps its artifacts in our bucket. */
export class Tracking extends Component {
  readonly app: aws.sagemaker.MlflowApp;

  constructor(name: string, scope: Scope, bucket: pulumi.Input<string>, role: Role, options: pulumi.ComponentResourceOptions) {
    super("tracking", "Tracking", name, scope, options);
    this.app = new aws.sagemaker.MlflowApp(
      this.named("app"),
      {
        name: scope.names.of("mlflowApp", "tracking"),
        artifactStoreUri: pulumi.interpolate`s3://${bucket}/${prefixes.mlflow.replace(/\/$/, "")}`,
        roleArn: role.arn,
        // Models are registered by the pipeline, after its quality bar, and by nothing else.
        modelRegistrationMode: "AutoModelRegistrationDisabled",
        accountDefaultStatus: "DISABLED",
        tags: scope.tags,
      },
      this.child({ dependsOn: [role.duties] }),
    );
    this.registerOutputs({ appArn: this.app.arn });
  }

  get arn(): pulumi.Output<string> {
    return this.app.arn;
  }

  /** Lets roles log to the app. */
  grantTo(...roles: readonly (Role | undefined)[]): void {
    for (const role of roles) role?.grant("track", this.app.arn.apply(trackExperiments));
  }
}
