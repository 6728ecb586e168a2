import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../component";
import type { Identity } from "../identity/identity";
import { prefixes } from "../../contract/places";
import type { Placement } from "../network/network";
import { contentDigest } from "../naming";
import type { Scope } from "../scope";
import { lintDefinition } from "./definition-linter";
import { trainingPipeline } from "./training-pipeline";

/** Definitions above this size are taken from S3 (CreatePipeline; the SageMaker SDK draws the same line). */
const inlineLimitBytes = 100 * 1024;

export interface TrainingArgs {
  readonly identity: Identity;
  readonly artifactsBucket: pulumi.Input<string>;
  readonly announceFunctionArn: pulumi.Input<string>;
  /** Where candidates are sent to be tried in staging; undefined where they are not. */
  readonly trialQueueUrl: pulumi.Input<string> | undefined;
  readonly mlflowAppArn: pulumi.Input<string>;
  /** Where jobs run; undefined in SageMaker's own network. */
  readonly placement: Placement | undefined;
}

/** The training pipeline: profile, prepare, train, evaluate, register, try in staging, announce. */
export class Training extends Component {
  readonly pipeline: aws.sagemaker.Pipeline;

  constructor(name: string, scope: Scope, args: TrainingArgs, options: pulumi.ComponentResourceOptions) {
    super("training", "Training", name, scope, options);
    const { services } = args.identity;
    const { subnetIds = [], securityGroupIds = [] } = args.placement ?? {};
    const definition = pulumi
      .all([
        args.announceFunctionArn,
        args.mlflowAppArn,
        args.trialQueueUrl,
        pulumi.all(subnetIds),
        pulumi.all(securityGroupIds),
      ])
      .apply(([announceFunctionArn, mlflowAppArn, trialQueueUrl, Subnets, SecurityGroupIds]) =>
        renderDefinition(scope, {
          trainingRoleArn: scope.roleArn("training-execution"),
          processingRoleArn: scope.roleArn("processing-execution"),
          announceFunctionArn,
          mlflowAppArn,
          trialQueueUrl,
          ...(args.placement ? { vpc: { Subnets, SecurityGroupIds } } : {}),
        }),
      );
    this.pipeline = new aws.sagemaker.Pipeline(
      this.named("pipeline"),
      {
        pipelineName: scope.pipelineName,
        pipelineDisplayName: scope.pipelineName,
        pipelineDescription: "Profile, prepare, train, evaluate, register and try a YOLO11 detector",
        roleArn: services["pipeline-execution"].arn,
        ...this.place(definition, args.artifactsBucket),
        tags: scope.tags,
      },
      this.child({
        dependsOn: [
          services["pipeline-execution"].duties,
          services["training-execution"].duties,
          services["processing-execution"].duties,
        ],
      }),
    );
    this.registerOutputs({ pipelineName: this.pipeline.pipelineName });
  }

  /**
   * The definition in the request, or in S3 when it is too big for that; the key carries its digest, so that a change
   * is seen.
   */
  private place(
    definition: pulumi.Output<string>,
    bucket: pulumi.Input<string>,
  ): Pick<aws.sagemaker.PipelineArgs, "pipelineDefinition" | "pipelineDefinitionS3Location"> {
    // Names of roles, functions and apps are a few dozen bytes: the size is decided with stand-ins, before the real
    // ones are known.
    if (Buffer.byteLength(renderDefinition(this.scope, standIns)) <= inlineLimitBytes)
      return { pipelineDefinition: definition };
    const object = new aws.s3.BucketObjectv2(
      this.named("definition"),
      {
        bucket,
        key: definition.apply((text) => `${prefixes.definitions}${contentDigest(text)}.json`),
        content: definition,
        contentType: "application/json",
      },
      this.child(),
    );
    return { pipelineDefinitionS3Location: { bucket: object.bucket, objectKey: object.key } };
  }
}

const standIns = {
  vpc: { Subnets: Array<string>(4).fill("x".repeat(32)), SecurityGroupIds: ["x".repeat(32)] },
  trainingRoleArn: "x".repeat(128),
  processingRoleArn: "x".repeat(128),
  announceFunctionArn: "x".repeat(128),
  mlflowAppArn: "x".repeat(128),
  trialQueueUrl: `https://${"x".repeat(120)}`,
};

function renderDefinition(...args: Parameters<typeof trainingPipeline>): string {
  const definition = trainingPipeline(...args);
  const problems = lintDefinition(definition);
  if (problems.length > 0)
    throw new pulumi.RunError(
      `The training pipeline's definition is unsound:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`,
    );
  return JSON.stringify(definition);
}
