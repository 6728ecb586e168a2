import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { AccountFacts, AlarmFacts, ServingFacts, WatchFacts } from "../../contract/remediation";
import type { Scope } from "../scope";

const byName = <Item extends { readonly name: string }>(items: readonly Item[]): Item[] =>
  [...items].sort((one, other) => (one.name < other.name ? -1 : 1));

/**
 * What ought to be, as the program itself has it: every resource that is registered below the platform is noted, and
 * what becomes of it is written down at the end. So there is no second list that could forget one.
 */
export class FactCollector {
  private readonly noted: pulumi.Resource[] = [];
  /**
   * What the program asks for of each. An output that nobody set is unknown in a preview (Pulumi's SDK), and what AWS
   * answers may be what somebody put there, such as a function's code.
   */
  private readonly asked = new Map<pulumi.Resource, object>();

  /** Notes a resource that is registered. */
  readonly note: pulumi.ResourceTransformation = ({ resource, props }) => {
    this.noted.push(resource);
    this.asked.set(resource, props as object);
    return undefined;
  };

  account(scope: Scope): pulumi.Output<AccountFacts> {
    return pulumi
      .output({
        buckets: this.of(aws.s3.Bucket).map(({ bucket }) => ({ name: bucket })),
        policies: this.of(aws.s3.BucketPolicy).map(({ bucket, policy }) => ({ bucket, policy })),
        versioned: this.of(aws.s3.BucketVersioning).map(({ bucket }) => ({ bucket })),
        closed: this.of(aws.s3.BucketPublicAccessBlock).map(({ bucket }) => ({ bucket })),
        roles: this.of(aws.iam.Role).map(({ name, arn, permissionsBoundary }) => ({ name, arn, permissionsBoundary })),
        inline: this.of(aws.iam.RolePolicy).map(({ role, name, policy }) => ({ role, name, policy })),
        attached: this.of(aws.iam.RolePolicyAttachment).map(({ role, policyArn }) => ({ role, policyArn })),
        keyIds: this.of(aws.kms.Key).map(({ keyId }) => ({ id: keyId })),
        trails: this.of(aws.cloudtrail.Trail).map(({ name }) => ({ name })),
      })
      .apply((is) => ({
        version: 1 as const,
        buckets: byName(
          is.buckets.map(({ name }) => {
            const policy = is.policies.find(({ bucket }) => bucket === name)?.policy;
            return {
              name,
              ...(policy === undefined ? {} : { policy }),
              versioned: is.versioned.some(({ bucket }) => bucket === name),
              closed: is.closed.some(({ bucket }) => bucket === name),
            };
          }),
        ),
        roles: byName(
          is.roles.map(({ name, arn, permissionsBoundary }) => ({
            name,
            arn,
            ...(permissionsBoundary ? { boundary: permissionsBoundary } : {}),
            inline: Object.fromEntries(
              is.inline.filter(({ role }) => role === name).map(({ name: policy, policy: text }) => [policy, text]),
            ),
            // A spent budget attaches a policy that this program makes, and to which roles it knows only then.
            attached: [
              ...is.attached.filter(({ role }) => role === name).map(({ policyArn }) => policyArn),
              scope.stopPolicyArn,
            ].sort(),
          })),
        ),
        keys: [...is.keyIds].sort((one, other) => (one.id < other.id ? -1 : 1)),
        trails: byName(is.trails),
        approver: scope.roleArn("approver"),
      }));
  }

  serving(scope: Scope): pulumi.Output<ServingFacts> {
    return pulumi
      .output(
        this.of(aws.sagemaker.Endpoint).map(({ name, arn, endpointConfigName }) => ({
          name,
          arn,
          config: endpointConfigName,
        })),
      )
      .apply((endpoints) => {
        const live = endpoints.find(({ name }) => name === scope.endpointName);
        // Every configuration of the program captures (`infra/serving/configuration.ts`).
        return {
          version: 1 as const,
          ...(live ? { endpoint: { ...live, captures: true, tags: sorted(scope.tags) } } : {}),
        };
      });
  }

  watch(): pulumi.Output<WatchFacts> {
    return pulumi
      .output({
        alarms: this.of(aws.cloudwatch.MetricAlarm).map((one) => alarmOf(one.name, this.askedOf(one))),
        groups: this.of(aws.cloudwatch.LogGroup).map((one) => ({
          name: one.name,
          days: this.askedOf<aws.cloudwatch.LogGroupArgs>(one).retentionInDays,
        })),
        rules: this.of(aws.cloudwatch.EventRule).map((one) => ({
          name: one.name,
          bus: this.askedOf<aws.cloudwatch.EventRuleArgs>(one).eventBusName,
        })),
        schedules: this.of(aws.scheduler.Schedule).map(({ name, groupName }) => ({ name, group: groupName })),
        functions: this.of(aws.lambda.Function).map((one) => ({
          name: one.name,
          code: this.askedOf<{ readonly codeSha256: pulumi.Input<string> }>(one).codeSha256,
        })),
      })
      .apply(({ alarms, groups, rules, schedules, functions }) => ({
        version: 1 as const,
        alarms: (alarms as AlarmFacts[]).sort((one, other) => (one.AlarmName < other.AlarmName ? -1 : 1)),
        logGroups: byName(groups.flatMap(({ name, days }) => (days ? [{ name, days }] : []))),
        rules: byName(rules.map(({ name, bus }) => ({ name, bus: bus ?? "default" }))),
        schedules: byName(schedules),
        functions: byName(functions),
      }));
  }

  private askedOf<Args extends object>(resource: pulumi.Resource): Args {
    return this.asked.get(resource) as Args;
  }

  private of<Kind extends pulumi.CustomResource>(kind: { isInstance(resource: unknown): resource is Kind }): Kind[] {
    return this.noted.filter((resource) => kind.isInstance(resource));
  }
}

const sorted = (tags: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(tags).sort(([one], [other]) => (one < other ? -1 : 1)));

/** An alarm as `PutMetricAlarm` takes it. */
function alarmOf(name: pulumi.Output<string>, asked: aws.cloudwatch.MetricAlarmArgs): pulumi.Output<AlarmFacts> {
  return pulumi.output({ ...asked, name }).apply((is) => {
    const queries = is.metricQueries ?? [];
    return {
      AlarmName: is.name,
      AlarmDescription: is.alarmDescription ?? "",
      ActionsEnabled: is.actionsEnabled ?? true,
      AlarmActions: is.alarmActions ?? [],
      OKActions: is.okActions ?? [],
      ...(queries.length > 0
        ? { Metrics: queries.map(queryOf) }
        : {
            Namespace: is.namespace,
            MetricName: is.metricName,
            ...(is.statistic ? { Statistic: is.statistic } : { ExtendedStatistic: is.extendedStatistic }),
            Dimensions: dimensionsOf(is.dimensions),
            Period: is.period,
          }),
      EvaluationPeriods: is.evaluationPeriods,
      ...(is.datapointsToAlarm ? { DatapointsToAlarm: is.datapointsToAlarm } : {}),
      Threshold: is.threshold,
      ComparisonOperator: is.comparisonOperator,
      TreatMissingData: is.treatMissingData,
    };
  }) as pulumi.Output<unknown> as pulumi.Output<AlarmFacts>;
}

function queryOf({ id, expression, label, returnData, metric }: aws.types.output.cloudwatch.MetricAlarmMetricQuery) {
  return {
    Id: id,
    ...(expression ? { Expression: expression } : {}),
    ...(label ? { Label: label } : {}),
    ReturnData: returnData ?? false,
    ...(metric
      ? {
          MetricStat: {
            Metric: {
              Namespace: metric.namespace,
              MetricName: metric.metricName,
              Dimensions: dimensionsOf(metric.dimensions),
            },
            Period: metric.period,
            Stat: metric.stat,
          },
        }
      : {}),
  };
}

function dimensionsOf(dimensions: Readonly<Record<string, string>> | undefined) {
  return Object.entries(dimensions ?? {})
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([Name, Value]) => ({ Name, Value }));
}
