import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { callDetailType } from "../../contract/events";
import { factsKeys, registryCalls, watchedCalls } from "../../contract/remediation";
import { Component } from "../component";
import type { Role } from "../identity/identity";
import { HandlerFunction } from "../reactions/function";
import { rate } from "../reactions/rate";
import type { Scope } from "../scope";
import type { FactCollector } from "./facts";

export interface RemediationArgs {
  readonly role: Role;
  readonly keyArn: pulumi.Input<string>;
  readonly artifactsBucket: pulumi.Input<string>;
  readonly bus: pulumi.Input<string>;
  readonly deadLetters: aws.sqs.Queue;
}

/**
 * What puts right what somebody changed after its deployment: called by the call that changed it, and on schedule by a
 * rule that trusts no event. The names of its rules begin as those of all that starts releases do, so that what keeps
 * deployers from those keeps them from these.
 */
export class Remediation extends Component {
  readonly handler: HandlerFunction<"heal">;
  readonly rules: readonly aws.cloudwatch.EventRule[];

  constructor(name: string, scope: Scope, args: RemediationArgs, options: pulumi.ComponentResourceOptions) {
    super("remediation", "Remediation", name, scope, options);
    const { everyMinutes, mode, waivers } = scope.settings.remediation;
    this.handler = new HandlerFunction(
      this.named("heal"),
      scope,
      {
        handler: "heal",
        description: "Puts right what somebody changed after its deployment, or tells people",
        role: args.role,
        keyArn: args.keyArn,
        deadLettersArn: args.deadLetters.arn,
        timeoutSeconds: 120,
        memoryMb: 512,
        environment: {
          ENVIRONMENT: scope.environment,
          ARTIFACTS_BUCKET: args.artifactsBucket,
          EVENT_BUS: args.bus,
          KEY: args.keyArn,
          MODEL_PACKAGE_GROUP: scope.modelPackageGroup,
          MODE: mode,
          WAIVERS: JSON.stringify(waivers),
        },
      },
      { parent: this },
    );
    this.rules = [
      this.call("calls", args, {
        description: "Somebody changed what ought to stay as it is",
        eventPattern: JSON.stringify(changePattern(scope)),
      }),
      this.call("sweep", args, {
        description: "A look at everything that ought to stay as it is",
        scheduleExpression: rate(everyMinutes),
      }),
    ];
    this.registerOutputs({});
  }

  private call(
    part: string,
    { deadLetters }: RemediationArgs,
    when: Pick<aws.cloudwatch.EventRuleArgs, "description" | "eventPattern" | "scheduleExpression">,
  ): aws.cloudwatch.EventRule {
    const rule = new aws.cloudwatch.EventRule(
      this.named(part),
      { name: this.scope.names.of("eventRule", `release-guard-${part}`), ...when },
      this.child(),
    );
    new aws.cloudwatch.EventTarget(
      this.named(`${part}-target`),
      {
        rule: rule.name,
        targetId: "heal",
        arn: this.handler.arn,
        deadLetterConfig: { arn: deadLetters.arn },
        // The sweep sees what no event told of.
        retryPolicy: { maximumRetryAttempts: 3, maximumEventAgeInSeconds: 300 },
      },
      this.child({ dependsOn: [this.handler.letCall(this.named(`${part}-permission`), rule, this.child())] }),
    );
    return rule;
  }
}

/** What an administrator alone may say ought to be. Written when all else stands. */
export class AccountFactsObject extends Component {
  constructor(name: string, scope: Scope, facts: FactCollector, options: pulumi.ComponentResourceOptions) {
    super("remediation", "AccountFacts", name, scope, options);
    write(this.named("object"), scope, factsKeys.account, facts.account(scope), this.child());
    this.registerOutputs({});
  }
}

/** What changes with a release. */
export class ReleaseFacts extends Component {
  constructor(name: string, scope: Scope, facts: FactCollector, options: pulumi.ComponentResourceOptions) {
    super("remediation", "ReleaseFacts", name, scope, options);
    write(this.named("serving"), scope, factsKeys.serving, facts.serving(scope), this.child());
    write(this.named("watch"), scope, factsKeys.watch, facts.watch(), this.child());
    this.registerOutputs({});
  }
}

function write(
  name: string,
  scope: Scope,
  key: string,
  facts: pulumi.Output<object>,
  options: pulumi.CustomResourceOptions,
): void {
  new aws.s3.BucketObjectv2(
    name,
    {
      bucket: scope.artifactsBucket,
      key,
      content: facts.apply((known) => `${JSON.stringify(known, null, 1)}\n`),
      contentType: "application/json",
    },
    options,
  );
}

/**
 * Calls after which something may be wrong; not the healer's own, which would call it again and again. Whoever has no
 * session, has no role.
 */
export function changePattern(scope: Scope): Readonly<Record<string, unknown>> {
  const own = scope.roleArn("heal");
  const sources = Object.entries(watchedCalls);
  return {
    "detail-type": [callDetailType],
    detail: {
      $or: sources.map(([source, { calls }]) => ({
        eventSource: [source],
        eventName: [...calls, ...(source.startsWith("sagemaker") ? registryCalls : [])],
      })),
      errorCode: [{ exists: false }],
      userIdentity: {
        $or: [
          { sessionContext: { sessionIssuer: { arn: [{ "anything-but": [own] }] } } },
          { sessionContext: { sessionIssuer: { arn: [{ exists: false }] } } },
        ],
      },
    },
  };
}
