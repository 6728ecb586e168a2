import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { buildVariable } from "../../contract/variables";
import type { Alerts } from "../alerts/alerts";
import { Component } from "../component";
import type { ReleaseRoles } from "../identity/identity";
import { releaseLogGroup } from "../identity/documents/builds";
import type { Scope } from "../scope";
import { failedNotice, failedPattern, releaseRule, retryPolicy } from "./rules";
import type { SourceBundle } from "./source-bundle";

export interface ReleaseBuildsArgs {
  readonly roles: ReleaseRoles;
  readonly keyArn: pulumi.Input<string>;
  readonly source: SourceBundle;
  readonly alerts: Alerts;
  /** Queue of events that no target took. */
  readonly deadLetters: aws.sqs.Queue;
}

/** Ubuntu with Node.js, Git and Go (CodeBuild user guide, "Docker images provided by CodeBuild"). */
const image = "aws/codebuild/standard:7.0";
/** CodeBuild's longest build: a release waits for instances and for bake times, and its own steps end it earlier. */
const longestMinutes = 480;

/**
 * Approved models go live by themselves: an approval starts a build (`release-requests.ts`), which runs `peregrine
 * promote` from the committed source through all gates, one release at a time. A build that fails is told as critical.
 */
export class ReleaseBuilds extends Component {
  readonly project: aws.codebuild.Project;

  constructor(
    name: string,
    scope: Scope,
    private readonly args: ReleaseBuildsArgs,
    options: pulumi.ComponentResourceOptions,
  ) {
    super("delivery", "ReleaseBuilds", name, scope, options);
    const logs = new aws.cloudwatch.LogGroup(
      this.named("logs"),
      { name: releaseLogGroup(scope), retentionInDays: scope.settings.retention.logDays, kmsKeyId: args.keyArn },
      this.child(),
    );
    this.project = this.createProject(logs);
    this.tellFailures();
    this.registerOutputs({ projectName: this.project.name });
  }

  private createProject(logs: aws.cloudwatch.LogGroup): aws.codebuild.Project {
    const { args, scope } = this;
    const { delivery } = scope.settings;
    const variables = {
      [buildVariable.registry]: scope.environment,
      [buildVariable.targets]: delivery.targets.join(","),
      ...(delivery.backendUrl ? { [buildVariable.backendUrl]: delivery.backendUrl } : {}),
    };
    const role = args.roles["release-build"];
    return new aws.codebuild.Project(
      this.named("project"),
      {
        name: scope.releaseProject,
        description: `Releases approved model packages of ${scope.environment} to ${delivery.targets.join(", then ")}`,
        serviceRole: role.arn,
        source: { type: "S3", location: args.source.location, buildspec: "infra/delivery/buildspec.yml" },
        artifacts: { type: "NO_ARTIFACTS" },
        // A build on the same host as the one before finds its Node packages; any other installs them.
        cache: { type: "LOCAL", modes: ["LOCAL_CUSTOM_CACHE"] },
        environment: {
          type: "LINUX_CONTAINER",
          // Engine, provider, program and pack at once are more than the 3 to 4 GB of a small one.
          computeType: "BUILD_GENERAL1_MEDIUM",
          image,
          imagePullCredentialsType: "CODEBUILD",
          privilegedMode: false,
          environmentVariables: Object.entries(variables).map(([key, value]) => ({
            name: key,
            value,
            type: "PLAINTEXT",
          })),
        },
        buildTimeout: longestMinutes,
        // Two releases at a time would take each other for the one before.
        concurrentBuildLimit: 1,
        encryptionKey: args.keyArn,
        logsConfig: { cloudwatchLogs: { status: "ENABLED", groupName: logs.name } },
      },
      this.child({ dependsOn: [args.source.object, role.duties] }),
    );
  }

  private tellFailures(): void {
    const { alerts, deadLetters } = this.args;
    const rule = new aws.cloudwatch.EventRule(
      this.named("failed"),
      {
        name: releaseRule(this.scope, "failed"),
        description: "A release build ended without a release",
        eventPattern: JSON.stringify(failedPattern(this.scope)),
      },
      this.child(),
    );
    new aws.cloudwatch.EventTarget(
      this.named("failed-target"),
      {
        rule: rule.name,
        targetId: "notify",
        arn: alerts.arn("critical"),
        inputTransformer: failedNotice(this.scope),
        deadLetterConfig: { arn: deadLetters.arn },
        retryPolicy,
      },
      this.child(),
    );
  }
}
