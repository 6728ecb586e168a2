import { environmentPath } from "../../contract/names";

/** An endpoint, and how much it is used. */
export interface EndpointUse {
  readonly name: string;
  readonly arn: string;
  /** Value of its tag; undefined where it has none. */
  readonly environment: string | undefined;
  readonly status: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly instances: readonly { readonly type: string; readonly count: number }[];
  /** In the time that is looked at. */
  readonly invocations: number;
}

/** Something that carries the project's tags. */
export interface TaggedThing {
  readonly arn: string;
  readonly environment: string | undefined;
  /** Left on purpose, such as an audit bucket that outlives its environment. */
  readonly kept: boolean;
}

/** Something that costs, or may cost, and is of no use. */
export interface Waste {
  readonly kind: "idle endpoint" | "orphan";
  readonly arn: string;
  readonly environment: string | undefined;
  readonly why: string;
  /** A month; null where nobody knows its price. */
  readonly monthlyUsd: number | null;
  /** What removes it. */
  readonly command: string;
}

/** What was found, and what it rests on. */
export interface FoundWaste {
  readonly project: string;
  /** ISO 8601, by AWS's clock. */
  readonly at: string;
  readonly idleDays: number;
  readonly waste: readonly Waste[];
  /** Of what has a price; `unpriced` counts the rest. */
  readonly monthlyUsd: number;
  readonly unpriced: number;
  /** Environments whose state could not be read, and why: nothing of theirs is called an orphan. */
  readonly unread: readonly { readonly environment: string; readonly why: string }[];
}

export interface WasteFacts {
  readonly endpoints: readonly EndpointUse[];
  readonly tagged: readonly TaggedThing[];
  /** ARNs and ids of everything in the states of all stacks. */
  readonly declared: ReadonlySet<string>;
  /** Environments whose state could not be read: nothing of theirs is called an orphan. */
  readonly unread: readonly string[];
  /** ISO 8601, by AWS's clock. */
  readonly now: string;
  readonly idleDays: number;
  /** A month of one instance; undefined where it has no price. */
  readonly instanceUsd: (type: string) => number | undefined;
}

const dayMs = 86_400_000;

/**
 * What is of no use: endpoints that nobody called, and things with the project's tags that no stack knows. An endpoint
 * that is younger than the time that is looked at is idle only when a stack does not know it either: it may be new.
 */
export function findWaste(facts: WasteFacts): Waste[] {
  const idle = facts.endpoints.filter((one) => isIdle(one, facts));
  const orphans = facts.tagged.filter(
    (one) =>
      !one.kept && !facts.declared.has(one.arn) && !comesAndGoes(one) && !facts.unread.includes(one.environment ?? ""),
  );
  const idleArns = new Set(idle.map(({ arn }) => arn));
  return [
    ...idle.map((one) => idleWaste(one, facts)),
    ...orphans
      .filter(({ arn }) => !idleArns.has(arn))
      .map(({ arn, environment }): Waste => {
        const endpoint = facts.endpoints.find((one) => one.arn === arn);
        return {
          ...{ kind: "orphan", arn, environment },
          why: "it carries the project's tags, and no stack knows it",
          monthlyUsd: endpoint ? priceOf(endpoint, facts) : null,
          command: removal(arn),
        };
      }),
  ].sort((one, other) => (other.monthlyUsd ?? 0) - (one.monthlyUsd ?? 0));
}

function isIdle(
  { status, createdAt, invocations, arn }: EndpointUse,
  { now, idleDays, declared }: WasteFacts,
): boolean {
  const old = Date.parse(now) - Date.parse(createdAt) >= idleDays * dayMs;
  return status === "InService" && invocations === 0 && (old || !declared.has(arn));
}

function idleWaste(endpoint: EndpointUse, facts: WasteFacts): Waste {
  const { arn, name, environment, createdAt } = endpoint;
  const days = (Date.parse(facts.now) - Date.parse(createdAt)) / dayMs;
  const known = facts.declared.has(arn);
  return {
    ...{ kind: "idle endpoint", arn, environment },
    why: `nobody called it ${days >= facts.idleDays ? `within ${facts.idleDays} days` : "since it was made"}${known ? "" : ", and no stack knows it"}`,
    monthlyUsd: priceOf(endpoint, facts),
    // What a stack declares would be made again by its next update.
    command: known
      ? `npx peregrine teardown --stack ${environment}`
      : `aws sagemaker delete-endpoint --endpoint-name ${name}`,
  };
}

function priceOf({ instances }: EndpointUse, { instanceUsd }: WasteFacts): number | null {
  const each = instances.map(({ type, count }) => {
    const usd = instanceUsd(type);
    return usd === undefined ? undefined : usd * count;
  });
  return each.some((usd) => usd === undefined) ? null : each.reduce<number>((sum, usd) => sum + usd!, 0);
}

/**
 * What the platform makes beside its stacks, and what costs nothing once it is done: jobs, executions of pipelines, model
 * packages, lineage, log groups of services, and what automation keeps in mind.
 */
function comesAndGoes({ arn, environment }: TaggedThing): boolean {
  return (
    /:sagemaker:[^:]*:[^:]*:(training-job|processing-job|transform-job|model-package|action|artifact|context|model-card|mlflow-app|pipeline\/[^/]+\/execution)\b/.test(
      arn,
    ) ||
    /:log-group:\/aws\//.test(arn) ||
    // What automation remembers: the release that is desired, heads of ledger and log.
    arn.includes(`:parameter${environmentPath(environment ?? "")}`)
  );
}

/** How things of each kind are removed, by what their ARN has after the account. */
const removals: readonly (readonly [pattern: RegExp, command: (match: RegExpExecArray) => string])[] = [
  ...(["endpoint", "endpoint-config", "model", "pipeline", "monitoring-schedule"] as const).map(
    (kind) =>
      [
        new RegExp(`:sagemaker:[^:]*:[^:]*:${kind}/(.+)$`),
        ([, name]: RegExpExecArray) => `aws sagemaker delete-${kind} --${kind}-name ${name}`,
      ] as const,
  ),
  [
    /:sagemaker:[^:]*:[^:]*:app\/([^/]+)\/([^/]+)\/([^/]+)\/([^/]+)$/,
    ([, domain, space, type, name]) =>
      `aws sagemaker delete-app --domain-id ${domain} --space-name ${space} --app-type ${type} --app-name ${name}`,
  ],
  [
    /:sagemaker:[^:]*:[^:]*:notebook-instance\/(.+)$/,
    ([, name]) => `aws sagemaker stop-notebook-instance --notebook-instance-name ${name}`,
  ],
  [/:lambda:[^:]*:[^:]*:function:(.+)$/, ([, name]) => `aws lambda delete-function --function-name ${name}`],
  [/^arn:[^:]+:s3:::(.+)$/, ([, name]) => `aws s3 rb s3://${name} --force`],
  [
    /:kms:[^:]*:[^:]*:key\/(.+)$/,
    ([, id]) => `aws kms schedule-key-deletion --key-id ${id} --pending-window-in-days 30`,
  ],
  [/^.+:sns:.+$/, ([arn]) => `aws sns delete-topic --topic-arn ${arn}`],
  [
    /:sqs:([^:]*):([^:]*):(.+)$/,
    ([, region, account, name]) =>
      `aws sqs delete-queue --queue-url https://sqs.${region}.amazonaws.com/${account}/${name}`,
  ],
  [/:cloudwatch:[^:]*:[^:]*:alarm:(.+)$/, ([, name]) => `aws cloudwatch delete-alarms --alarm-names ${name}`],
  [/:logs:[^:]*:[^:]*:log-group:([^:]+)/, ([, name]) => `aws logs delete-log-group --log-group-name ${name}`],
  [/:codebuild:[^:]*:[^:]*:project\/(.+)$/, ([, name]) => `aws codebuild delete-project --name ${name}`],
  [/:ecr:[^:]*:[^:]*:repository\/(.+)$/, ([, name]) => `aws ecr delete-repository --repository-name ${name} --force`],
  [/:ec2:[^:]*:[^:]*:natgateway\/(.+)$/, ([, id]) => `aws ec2 delete-nat-gateway --nat-gateway-id ${id}`],
  [/:ec2:[^:]*:[^:]*:vpc-endpoint\/(.+)$/, ([, id]) => `aws ec2 delete-vpc-endpoints --vpc-endpoint-ids ${id}`],
  [/:ec2:[^:]*:[^:]*:elastic-ip\/(.+)$/, ([, id]) => `aws ec2 release-address --allocation-id ${id}`],
];

/** What removes something; where this table does not know, what shows it. */
function removal(arn: string): string {
  for (const [pattern, command] of removals) {
    const match = pattern.exec(arn);
    if (match) return command(match);
  }
  return `aws resourcegroupstaggingapi get-resources --resource-arn-list ${arn}`;
}
