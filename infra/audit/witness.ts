import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { namePrefix, environmentPath, roleName } from "../../contract/names";
import { recorder } from "../../contract/trail";
import { witnessedBy, witnessing, witnessQueue } from "../../contract/witness";
import { Component } from "../component";
import { policyDocument, type Statement } from "../identity/document";
import type { Role } from "../identity/identity";
import { ourRoles } from "../identity/writers";
import { HandlerFunction } from "../reactions/function";
import type { Scope } from "../scope";

export interface WitnessArgs {
  readonly role: Role;
  readonly keyArn: pulumi.Input<string>;
  readonly deadLetters: aws.sqs.Queue;
}

/** Six times the function's time-out (Lambda developer guide, "Using Lambda with Amazon SQS"). */
const visibilitySeconds = 180;
/** A checkpoint that contradicts what was seen does so the third time as well. */
const maxReceives = 3;

/**
 * Remembers the newest checkpoint of other environments' logs, each shown by its writers in a queue, as far as each log
 * goes on from what was shown before. Nothing of those environments is read, and nothing in them can take back what was
 * seen here.
 */
export class LogWitness extends Component {
  readonly handler: HandlerFunction<typeof witnessing>;

  constructor(name: string, scope: Scope, args: WitnessArgs, options: pulumi.ComponentResourceOptions) {
    super("audit", "LogWitness", name, scope, options);
    const environments = witnessedBy(scope.environment);
    this.handler = new HandlerFunction(
      this.named("handler"),
      scope,
      {
        handler: witnessing,
        description: "Remembers the newest checkpoints of other environments' logs",
        role: args.role,
        keyArn: args.keyArn,
        environment: { WITNESSED: environments.join(",") },
      },
      { parent: this },
    );
    for (const environment of environments) {
      const queue = new aws.sqs.Queue(
        this.named(environment),
        {
          name: witnessQueue(environment),
          visibilityTimeoutSeconds: visibilitySeconds,
          sqsManagedSseEnabled: true,
          redrivePolicy: args.deadLetters.arn.apply((deadLetterTargetArn) =>
            JSON.stringify({ deadLetterTargetArn, maxReceiveCount: maxReceives }),
          ),
        },
        this.child(),
      );
      new aws.sqs.QueuePolicy(
        this.named(`${environment}-policy`),
        { queueUrl: queue.url, policy: policyDocument(witnessQueuePolicy(scope, environment)) },
        this.child(),
      );
      new aws.lambda.EventSourceMapping(
        this.named(`${environment}-source`),
        {
          eventSourceArn: queue.arn,
          functionName: this.handler.arn,
          batchSize: 10,
          functionResponseTypes: ["ReportBatchItemFailures"],
        },
        this.child({ dependsOn: [args.role.duties] }),
      );
    }
    this.registerOutputs({});
  }
}

/**
 * Of our roles only those show a log that write it; besides them the account's administrators, who release by hand. What
 * they show is believed for its signature alone.
 */
export function witnessQueuePolicy(scope: Scope, environment: string): Statement[] {
  const { arns } = scope;
  const writers = [
    arns.role(environmentPath(environment), `${namePrefix(environment)}-${recorder}`),
    // Of whichever environment the registry is.
    arns.role(environmentPath("*"), roleName("*", "release-build")),
  ];
  return [
    {
      Sid: "WritersOfTheLogShow",
      Effect: "Deny",
      Principal: "*",
      Action: ["sqs:SendMessage"],
      Resource: [arns.queue(witnessQueue(environment))],
      Condition: { ArnLike: { "aws:PrincipalArn": ourRoles(scope) }, ArnNotLike: { "aws:PrincipalArn": writers } },
    },
  ];
}
