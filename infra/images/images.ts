import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../component";
import { policyDocument } from "../identity/document";
import { imageForReaders } from "../registry/readers";
import type { Scope } from "../scope";

/** The registry of the project's container image; one per account, so made by one of its stacks. */
export class Images extends Component {
  readonly repository: aws.ecr.Repository;

  constructor(name: string, scope: Scope, options: pulumi.ComponentResourceOptions) {
    super("images", "Images", name, scope, options);
    this.repository = new aws.ecr.Repository(
      this.named("repository"),
      {
        name: scope.imageRepository,
        // A tag that could move would make two runs of one definition different.
        imageTagMutability: "IMMUTABLE",
        imageScanningConfiguration: { scanOnPush: true },
        forceDelete: scope.settings.deleteWithContents,
      },
      this.child(),
    );
    new aws.ecr.LifecyclePolicy(
      this.named("lifecycle"),
      { repository: this.repository.name, policy: JSON.stringify(lifecyclePolicy) },
      this.child(),
    );
    const policy = imageForReaders(scope);
    if (policy.length > 0)
      new aws.ecr.RepositoryPolicy(
        this.named("readers"),
        { repository: this.repository.name, policy: policyDocument(policy) },
        this.child(),
      );
    this.registerOutputs({ repositoryUrl: this.repository.repositoryUrl });
  }
}

/** Images without a tag are left-overs of builds. Tagged ones stay: a release may name any of them. */
const lifecyclePolicy = {
  rules: [
    {
      rulePriority: 1,
      description: "untagged images, after two weeks",
      selection: { tagStatus: "untagged", countType: "sinceImagePushed", countUnit: "days", countNumber: 14 },
      action: { type: "expire" },
    },
  ],
};
