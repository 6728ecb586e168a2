import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { Handler, HandlerVariables } from "../../contract/variables";
import { Component } from "../component";
import type { Role } from "../identity/identity";
import type { Scope } from "../scope";
import { handlerBundle } from "./bundle";

export interface HandlerFunctionArgs<Name extends Handler> {
  /** Folder in `functions/dist`, and last part of the function's name. */
  readonly handler: Name;
  readonly description: string;
  readonly role: Role;
  readonly keyArn: pulumi.Input<string>;
  readonly environment: HandlerVariables<Name, pulumi.Input<string>>;
  /** Queue of events that Lambda gave up after its tries; for functions that are called without waiting. */
  readonly deadLettersArn?: pulumi.Input<string>;
  /** 30 unless said. */
  readonly timeoutSeconds?: number;
  /** 256 unless said. */
  readonly memoryMb?: number;
  /** Copies that Lambda keeps for it, and the most there can be; undefined shares the account's. */
  readonly reservedConcurrency?: number | undefined;
}

/** A Lambda function of ours with its log group: bundled by esbuild, one file. */
export class HandlerFunction<Name extends Handler = Handler> extends Component {
  readonly function: aws.lambda.Function;

  constructor(name: string, scope: Scope, args: HandlerFunctionArgs<Name>, options: pulumi.ComponentResourceOptions) {
    super("reactions", "HandlerFunction", name, scope, options);
    const functionName = scope.names.of("function", args.handler);
    const logs = new aws.cloudwatch.LogGroup(
      this.named("logs"),
      { name: `/aws/lambda/${functionName}`, retentionInDays: scope.settings.retention.logDays, kmsKeyId: args.keyArn },
      this.child(),
    );
    this.function = new aws.lambda.Function(
      this.named("function"),
      {
        name: functionName,
        description: args.description,
        runtime: "nodejs22.x",
        handler: "index.handler",
        architectures: ["arm64"],
        memorySize: args.memoryMb ?? 256,
        timeout: args.timeoutSeconds ?? 30,
        role: args.role.arn,
        ...(args.reservedConcurrency ? { reservedConcurrentExecutions: args.reservedConcurrency } : {}),
        code: handlerBundle(args.handler),
        environment: { variables: { ...args.environment } },
        ...(args.deadLettersArn ? { deadLetterConfig: { targetArn: args.deadLettersArn } } : {}),
        loggingConfig: { logFormat: "JSON", logGroup: logs.name },
      },
      this.child({ dependsOn: [logs, args.role.duties] }),
    );
    this.registerOutputs({ functionArn: this.function.arn });
  }

  get arn(): pulumi.Output<string> {
    return this.function.arn;
  }
}
