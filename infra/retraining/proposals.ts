import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { environments } from "../../contract/environments";
import { platformSource } from "../../contract/events";
import { eventBusName, retrainingQueue, watchEvent } from "../../contract/monitoring";
import { namePrefix } from "../../contract/names";
import { Component } from "../component";
import type { Statement } from "../identity/document";
import type { Scope } from "../scope";

/** Last part of the rule's name, in each environment. */
const rule = "retraining";

/** Events that propose a retraining: drift and lost quality as they are, and what others say in words of their own. */
const proposalPattern = {
  source: [platformSource("model")],
  "detail-type": [watchEvent.drift, watchEvent.quality, watchEvent.retrainingProposed],
};

/** Proposals of this environment go to the queue of the one that retrains its model. */
export class RetrainingProposals extends Component {
  readonly rule: aws.cloudwatch.EventRule;

  constructor(
    name: string,
    scope: Scope,
    args: {
      readonly bus: pulumi.Input<string>;
      readonly deadLetters: aws.sqs.Queue;
      /** Environment that retrains. */
      readonly to: string;
      /** What lets the events in, where it is in the same stack. */
      readonly dependsOn: readonly pulumi.Resource[];
    },
    options: pulumi.ComponentResourceOptions,
  ) {
    super("retraining", "Proposals", name, scope, options);
    this.rule = new aws.cloudwatch.EventRule(
      this.named("rule"),
      {
        name: scope.names.of("eventRule", rule),
        eventBusName: args.bus,
        description: "What proposes a retraining goes to who decides",
        eventPattern: JSON.stringify(proposalPattern),
      },
      this.child(),
    );
    new aws.cloudwatch.EventTarget(
      this.named("target"),
      {
        rule: this.rule.name,
        eventBusName: args.bus,
        targetId: "decide",
        arn: scope.arns.queue(retrainingQueue(args.to)),
        deadLetterConfig: { arn: args.deadLetters.arn },
        retryPolicy: { maximumRetryAttempts: 185, maximumEventAgeInSeconds: 86_400 },
      },
      this.child({ dependsOn: [...args.dependsOn] }),
    );
    this.registerOutputs({});
  }
}

/** The rules of all environments put proposals there; people do so by their own policies. */
export function proposalQueuePolicy({ arns, environment }: Scope): Statement[] {
  return [
    {
      Sid: "ProposalsArrive",
      Effect: "Allow",
      Principal: { Service: "events.amazonaws.com" },
      Action: ["sqs:SendMessage"],
      Resource: [arns.queue(retrainingQueue(environment))],
      Condition: {
        ArnEquals: {
          "aws:SourceArn": environments.map((name) =>
            arns.eventRule(`${eventBusName(name)}/${namePrefix(name)}-${rule}`),
          ),
        },
      },
    },
  ];
}
