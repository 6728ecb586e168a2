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

/** When, and by whom, a function is called on a schedule. */
export interface ScheduledCallArgs {
  readonly schedule: Pick<
    aws.scheduler.ScheduleArgs,
    "name" | "description" | "scheduleExpression" | "flexibleTimeWindow"
  >;
  readonly group: aws.scheduler.ScheduleGroup;
  /** Role that may call the function, and nothing else. */
  readonly start: Role;
  readonly deadLetters: aws.sqs.Queue;
  readonly retryPolicy: { readonly maximumRetryAttempts: number; readonly maximumEventAgeInSeconds: number };
}

/** For what is done once a day or less: at some time within the hour, and tried again for six. */
export const unhurried = {
  window: { mode: "FLEXIBLE", maximumWindowInMinutes: 60 },
  retryPolicy: { maximumRetryAttempts: 5, maximumEventAgeInSeconds: 6 * 3600 },
} as const;

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
        ...handlerBundle(args.handler),
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

  /**
   * Lets a rule call the function.
   * @param owner options that make a resource a child of who has the rule.
   * @returns what a target of the rule depends on.
   */
  letCall(name: string, rule: aws.cloudwatch.EventRule, owner: pulumi.CustomResourceOptions): aws.lambda.Permission {
    return new aws.lambda.Permission(
      name,
      {
        action: "lambda:InvokeFunction",
        function: this.arn,
        principal: "events.amazonaws.com",
        sourceArn: rule.arn,
      },
      owner,
    );
  }

  /**
   * Has EventBridge Scheduler call the function, and tell it for when the call was planned.
   * @param owner options that make a resource a child of who has the schedule.
   */
  callOnSchedule(
    name: string,
    { schedule, group, start, deadLetters, retryPolicy }: ScheduledCallArgs,
    owner: pulumi.CustomResourceOptions,
  ): void {
    new aws.scheduler.Schedule(
      name,
      {
        ...schedule,
        groupName: group.name,
        target: {
          arn: this.arn,
          roleArn: start.arn,
          input: JSON.stringify({ time: "<aws.scheduler.scheduled-time>" }),
          deadLetterConfig: { arn: deadLetters.arn },
          retryPolicy,
        },
      },
      { ...owner, dependsOn: [start.duties] },
    );
  }
}
