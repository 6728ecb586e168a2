import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../component";
import type { Role } from "../identity/identity";
import { HandlerFunction } from "../reactions/function";
import type { Scope } from "../scope";

export interface FeedbackArgs {
  readonly role: Role;
  readonly keyArn: pulumi.Input<string>;
  readonly artifactsBucket: pulumi.Input<string>;
}

/** Where people and their tools say what is right and wrong in the endpoint's answers: a URL that wants a signature. */
export class Feedback extends Component {
  readonly handler: HandlerFunction<"feedback">;
  readonly url: aws.lambda.FunctionUrl;

  constructor(
    name: string,
    scope: Scope,
    { role, keyArn, artifactsBucket }: FeedbackArgs,
    options: pulumi.ComponentResourceOptions,
  ) {
    super("feedback", "Feedback", name, scope, options);
    this.handler = new HandlerFunction(
      this.named("handler"),
      scope,
      {
        handler: "feedback",
        description: "Takes labels of answers and keeps them as ground truth",
        role,
        keyArn,
        environment: { ARTIFACTS_BUCKET: artifactsBucket, ENDPOINT_NAME: scope.endpointName },
      },
      { parent: this },
    );
    this.url = new aws.lambda.FunctionUrl(
      this.named("url"),
      { functionName: this.handler.function.name, authorizationType: "AWS_IAM" },
      this.child(),
    );
    this.registerOutputs({ url: this.url.functionUrl });
  }
}
