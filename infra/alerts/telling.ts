import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { writeAlarmDescription } from "../../contract/alarm-description";
import type { AlertTargets } from "../../contract/alert-targets";
import { type AlertArea, alertAreas, severities, type Severity } from "../../contract/alerts";
import { alertTopic } from "../../contract/names";
import { Component } from "../component";
import type { Role } from "../identity/identity";
import { HandlerFunction } from "../reactions/function";
import { rate } from "../reactions/rate";
import type { Scope } from "../scope";
import type { Alerts } from "./alerts";
import { teamOf, topicSuffix } from "./routes";

export interface AlertTellingArgs {
  readonly alerts: Alerts;
  readonly role: Role;
  readonly keyArn: pulumi.Input<string>;
  readonly artifactsBucket: pulumi.Input<string>;
  /** Queue of alerts that the function gave up. */
  readonly deadLetters: aws.sqs.Queue;
}

/** An alarm's permission names no single alarm: there are new ones with every release. */
const alarmCaller = "lambda.alarms.cloudwatch.amazonaws.com";

/**
 * One function between all that has something to say and the people who hear it: alarms call it, and so does the rule
 * for the platform's own events. It says everything in one form, once for each model and cause, and keeps to a cap. Who
 * watches it goes past it: its own alarm and that of the dead letters have topics as their actions.
 */
export class AlertTelling extends Component {
  readonly function: HandlerFunction;
  readonly alarm: aws.cloudwatch.MetricAlarm;
  /** Resources that alarms and rules need before they can call. */
  private readonly permissions: pulumi.Resource[] = [];

  constructor(name: string, scope: Scope, args: AlertTellingArgs, options: pulumi.ComponentResourceOptions) {
    super("alerts", "AlertTelling", name, scope, options);
    this.function = new HandlerFunction(
      this.named("function"),
      scope,
      {
        handler: "tell",
        description: "Tells people what alarms and events have to say",
        role: args.role,
        keyArn: args.keyArn,
        deadLettersArn: args.deadLetters.arn,
        environment: {
          ENVIRONMENT: scope.environment,
          STATE_BUCKET: args.artifactsBucket,
          TARGETS: JSON.stringify(targetsOf(scope)),
        },
      },
      { parent: this },
    );
    this.permissions.push(
      new aws.lambda.Permission(
        this.named("alarms-permission"),
        {
          action: "lambda:InvokeFunction",
          function: this.function.arn,
          principal: alarmCaller,
          sourceAccount: scope.place.accountId,
          sourceArn: scope.arns.alarm(`${scope.names.prefix}-*`),
        },
        this.child(),
      ),
    );
    this.sendDigests(args.deadLetters);
    this.alarm = this.watchItself(args.alerts);
    this.registerOutputs({ functionArn: this.function.arn });
  }

  /** The action of alarms; known once the function may be called by them. */
  get action(): pulumi.Output<string> {
    return pulumi.all([this.function.arn, ...this.permissions.map(({ urn }) => urn)]).apply(([arn]) => arn!);
  }

  /** Lets a rule call the function. @returns what a target of the rule depends on. */
  letCall(name: string, rule: aws.cloudwatch.EventRule): aws.lambda.Permission {
    return this.function.letCall(this.named(`${name}-permission`), rule, this.child());
  }

  /** What the cap held back is told as soon as there is room. */
  private sendDigests(deadLetters: aws.sqs.Queue): void {
    const rule = new aws.cloudwatch.EventRule(
      this.named("digests"),
      {
        name: this.scope.names.of("eventRule", "digests"),
        description: "Alerts that were held back are told in one message",
        scheduleExpression: rate(5),
      },
      this.child(),
    );
    new aws.cloudwatch.EventTarget(
      this.named("digests-target"),
      {
        rule: rule.name,
        targetId: "tell",
        arn: this.function.arn,
        deadLetterConfig: { arn: deadLetters.arn },
        // The next one comes in five minutes.
        retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 300 },
      },
      this.child({ dependsOn: [this.letCall("digests", rule)] }),
    );
  }

  private watchItself(alerts: Alerts): aws.cloudwatch.MetricAlarm {
    const { environment, names } = this.scope;
    return new aws.cloudwatch.MetricAlarm(
      this.named("errors-alarm"),
      {
        name: names.of("alarm", "alerts-untold"),
        alarmDescription: writeAlarmDescription({
          what: "Alerts could not be told. Look at the alarms themselves until this is repaired.",
          severity: "critical",
          area: "platform",
          cause: "alerts-untold",
          runbook: "docs/runbooks/README.md",
          command: `aws logs filter-log-events --log-group-name /aws/lambda/${names.of("function", "tell")} && npx peregrine doctor --stack ${environment}`,
        }),
        namespace: "AWS/Lambda",
        metricName: "Errors",
        dimensions: { FunctionName: names.of("function", "tell") },
        statistic: "Sum",
        comparisonOperator: "GreaterThanThreshold",
        threshold: 0,
        period: 60,
        evaluationPeriods: 1,
        // Without a call there is nothing to tell.
        treatMissingData: "notBreaching",
        alarmActions: [alerts.arn("critical")],
        okActions: [alerts.arn("critical")],
      },
      this.child(),
    );
  }
}

/** Who hears about each area at each severity. */
export function targetsOf({ arns, environment, settings: { alertRoutes, owner } }: Scope): AlertTargets {
  const bySeverity = (area: AlertArea) =>
    Object.fromEntries(
      severities.map((severity) => [
        severity,
        {
          team: teamOf(alertRoutes, severity, area) ?? owner,
          topicArn: arns.topic(alertTopic(environment, topicSuffix(alertRoutes, severity, area))),
        },
      ]),
    ) as AlertTargets[AlertArea];
  return Object.fromEntries(alertAreas.map((area) => [area, bySeverity(area)])) as Record<
    AlertArea,
    Record<Severity, AlertTargets[AlertArea][Severity]>
  >;
}
