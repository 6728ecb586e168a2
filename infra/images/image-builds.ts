import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../component";
import type { SourceBundle } from "../delivery/source-bundle";
import { baseImageAccount, imageBuildLogGroup } from "../identity/documents/builds";
import type { Role } from "../identity/identity";
import type { Scope } from "../scope";

export interface ImageBuildsArgs {
  readonly role: Role;
  readonly keyArn: pulumi.Input<string>;
  readonly source: SourceBundle;
  readonly repository: aws.ecr.Repository;
}

/** The base image alone has some 20 GB and takes most of the time. */
const longestMinutes = 120;

/**
 * Builds the container image from the committed source, where Docker is: nobody needs it on a laptop. Started by a
 * person or by CI.
 */
export class ImageBuilds extends Component {
  readonly project: aws.codebuild.Project;

  constructor(
    name: string,
    scope: Scope,
    { role, keyArn, source, repository }: ImageBuildsArgs,
    options: pulumi.ComponentResourceOptions,
  ) {
    super("images", "ImageBuilds", name, scope, options);
    const logs = new aws.cloudwatch.LogGroup(
      this.named("logs"),
      { name: imageBuildLogGroup(scope), retentionInDays: scope.settings.retention.logDays, kmsKeyId: keyArn },
      this.child(),
    );
    this.project = new aws.codebuild.Project(
      this.named("project"),
      {
        name: scope.imageProject,
        description: "Builds the container image of jobs and endpoints from the committed source",
        serviceRole: role.arn,
        source: { type: "S3", location: source.location, buildspec: "infra/images/buildspec.yml" },
        artifacts: { type: "NO_ARTIFACTS" },
        environment: {
          type: "LINUX_CONTAINER",
          // 128 GB of disk; the small sizes have 64, which the layers of the base image fill.
          computeType: "BUILD_GENERAL1_LARGE",
          image: "aws/codebuild/standard:7.0",
          imagePullCredentialsType: "CODEBUILD",
          // Docker inside the build needs it (CodeBuild user guide, "Docker sample").
          privilegedMode: true,
          environmentVariables: Object.entries(imageVariables(scope)).map(([key, value]) => ({
            name: key,
            value,
            type: "PLAINTEXT",
          })),
        },
        buildTimeout: longestMinutes,
        // Two builds of one tag: the second push is refused.
        concurrentBuildLimit: 1,
        encryptionKey: keyArn,
        logsConfig: { cloudwatchLogs: { status: "ENABLED", groupName: logs.name } },
      },
      this.child({ dependsOn: [source.object, role.duties, repository] }),
    );
    this.registerOutputs({ projectName: this.project.name });
  }
}

/** What the buildspec needs to know. */
export function imageVariables({ imageUri, settings: { image, region } }: Scope): Record<string, string> {
  const registry = imageUri.slice(0, imageUri.indexOf("/"));
  return {
    REGISTRY: registry,
    BASE_REGISTRY: registry.replace(/^\d{12}/, baseImageAccount),
    IMAGE: imageUri.slice(0, imageUri.lastIndexOf(":")),
    IMAGE_TAG: image.tag,
    IMAGE_REGION: region,
  };
}
