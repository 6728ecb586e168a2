import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { awsSource, detailType } from "../../contract/events";
import { Component } from "../component";
import type { Role } from "../identity/identity";
import { HandlerFunction } from "../reactions/function";
import type { Scope } from "../scope";

export interface TrainingFailuresArgs {
  readonly role: Role;
  readonly keyArn: pulumi.Input<string>;
  readonly bus: pulumi.Input<string>;
  readonly deadLetters: aws.sqs.Queue;
}

/** A training that ended without a model is told to those who answer for models, with its step and its log. */
export class TrainingFailures extends Component {
  readonly explain: HandlerFunction;
  readonly rule: aws.cloudwatch.EventRule;

  constructor(name: string, scope: Scope, args: TrainingFailuresArgs, options: pulumi.ComponentResourceOptions) {
    super("retraining", "TrainingFailures", name, scope, options);
    this.explain = new HandlerFunction(
      this.named("explain"),
      scope,
      {
        handler: "explain-failure",
        description: "Tells which step of a training failed, and why",
        role: args.role,
        keyArn: args.keyArn,
        environment: { EVENT_BUS: args.bus },
      },
      { parent: this },
    );
    this.rule = new aws.cloudwatch.EventRule(
      this.named("rule"),
      {
        name: scope.names.of("eventRule", "pipeline-failed"),
        description: "A training pipeline ended without a model",
        eventPattern: JSON.stringify(failedPattern(scope)),
      },
      this.child(),
    );
    new aws.cloudwatch.EventTarget(
      this.named("target"),
      {
        rule: this.rule.name,
        targetId: "explain",
        arn: this.explain.arn,
        deadLetterConfig: { arn: args.deadLetters.arn },
        retryPolicy: { maximumRetryAttempts: 20, maximumEventAgeInSeconds: 6 * 3600 },
      },
      this.child({ dependsOn: [this.explain.letCall(this.named("permission"), this.rule, this.child())] }),
    );
    this.registerOutputs({});
  }
}

/** The training pipeline's executions that ended badly. */
function failedPattern({ arns, pipelineName }: Scope): Readonly<Record<string, unknown>> {
  return {
    source: [awsSource.sagemaker],
    "detail-type": [detailType.pipelineExecution],
    detail: {
      pipelineArn: [arns.sagemaker(`pipeline/${pipelineName}`)],
      currentPipelineExecutionStatus: ["Failed", "Stopped"],
    },
  };
}
