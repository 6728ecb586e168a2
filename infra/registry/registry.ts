import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../component";
import { policyDocument } from "../identity/document";
import type { Scope } from "../scope";
import { packagesForReaders } from "./readers";

/**
 * The model registry of the environment: one group whose versions are the candidates. Versions are data, never
 * resources.
 */
export class Registry extends Component {
  readonly group: aws.sagemaker.ModelPackageGroup;

  constructor(name: string, scope: Scope, options: pulumi.ComponentResourceOptions) {
    super("registry", "Registry", name, scope, options);
    this.group = new aws.sagemaker.ModelPackageGroup(
      this.named("group"),
      {
        modelPackageGroupName: scope.modelPackageGroup,
        modelPackageGroupDescription: "YOLO11 detectors for aerial images",
      },
      this.child(),
    );
    const policy = packagesForReaders(scope);
    if (policy.length > 0)
      new aws.sagemaker.ModelPackageGroupPolicy(
        this.named("readers"),
        { modelPackageGroupName: this.group.modelPackageGroupName, resourcePolicy: policyDocument(policy) },
        this.child(),
      );
    this.registerOutputs({ group: this.group.modelPackageGroupName });
  }
}
