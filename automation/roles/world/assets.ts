import { heldQueue } from "../../../contract/front-door";
import { witnessedBy, witnessing, witnessParameter, witnessQueue } from "../../../contract/witness";
import { escalationQueue } from "../../../contract/escalation";
import { alertTopic } from "../../../contract/names";
import { goldenMetric } from "../../../contract/golden-metric";
import { escalationQueuePolicy } from "../../../infra/alerts/escalation";
import { trailFilesQueuePolicy } from "../../../infra/audit/recorder";
import { witnessQueuePolicy } from "../../../infra/audit/witness";
import { approvalQueuePolicy } from "../../../infra/delivery/release-requests";
import { requestQueue } from "../../../contract/release-request";
import type { Asset, Person, Policy, Role, Statement } from "../../../lifecycle/access/model";
import { topicPolicy } from "../../../infra/alerts/alerts";
import { topicSuffixes } from "../../../infra/alerts/routes";
import { auditKeyPolicy } from "../../../infra/audit/policies";
import { approvalKeyPolicy } from "../../../infra/keys/approval-key";
import { logKeyPolicy } from "../../../infra/keys/log-key";
import { keyPolicy } from "../../../infra/keys/key-policy";
import { imageForReaders, packagesForReaders } from "../../../infra/registry/readers";
import { deadLetterPolicy } from "../../../infra/reactions/reactions";
import { proposalQueuePolicy } from "../../../infra/retraining/proposals";
import { oidcProviderArn } from "../../../infra/identity/roles/ci";
import { endpointAlarms } from "../../../infra/serving/alarms";
import type { Scope } from "../../../infra/scope";
import { bucketsOf } from "./buckets";
import { statesOf } from "./states";

const policy = (name: string, statements: readonly Statement[]): Policy | undefined =>
  statements.length > 0 ? { name, statements } : undefined;

/**
 * Things whose tags requests about them carry; of buckets, objects and parameters AWS says none here, or ours have
 * none.
 */
const tagged: ReadonlySet<Asset["kind"]> = new Set([
  "function",
  "project",
  "rule",
  "bus",
  "queue",
  "topic",
  "endpoint",
  "pipeline",
  "package-group",
  "domain",
  "profile",
  "lifecycle-script",
  "repository",
  "key",
  "trail",
  "log-group",
  "alarm",
  "mlflow",
]);

/** Everything of an environment that requests are about. */
export function assetsOf(scope: Scope, roles: readonly Role[], people: readonly Person[]): Asset[] {
  const { environment } = scope;
  const account = scope.place.accountId;
  const make = (kind: Asset["kind"], name: string, arn: string, more: Partial<Asset> = {}): Asset => ({
    kind,
    id: `${environment} ${name}`,
    arn,
    account,
    environment,
    ...(tagged.has(kind) ? { tags: scope.tags } : {}),
    ...more,
  });
  return [
    ...identities(scope, roles),
    ...bucketsOf(scope, people),
    ...statesOf(scope),
    ...reactions(scope, make),
    ...platform(scope, make),
    ...studio(scope, people, make),
    ...watches(scope, make),
    ...keys(scope, roles, make),
  ];
}

type Make = (kind: Asset["kind"], name: string, arn: string, more?: Partial<Asset>) => Asset;

/** Roles, and the managed policies that they have or are bounded by. */
function identities(scope: Scope, roles: readonly Role[]): Asset[] {
  const { environment } = scope;
  const own = roles.filter((role) => role.environment === environment);
  const policies = new Set(
    own.flatMap((role) => [
      ...role.policies.map(({ name }) => name).filter((name) => name.startsWith("arn:")),
      ...(role.boundary ? [role.boundary.arn] : []),
    ]),
  );
  return [
    ...own.map((role): Asset => ({
      id: `role ${role.arn}`,
      kind: "role",
      arn: role.arn,
      account: role.account,
      environment,
    })),
    ...[...policies].map((arn): Asset => ({
      id: `policy ${arn}`,
      kind: "policy",
      arn,
      account: scope.place.accountId,
      environment,
    })),
  ];
}

/** What belongs to an account and to no environment of it: the account itself, its users, providers, the dataset. */
export function sharedAssets(
  scope: Scope,
  people: readonly Person[],
  environmentsWithProvider: readonly string[],
): Asset[] {
  const account = scope.place.accountId;
  return [
    { id: `account ${account}`, kind: "account", arn: `arn:aws:iam::${account}:root`, account },
    ...people
      .filter((person) => person.account === account)
      .map(({ name, arn }): Asset => ({ id: `user ${name} of ${account}`, kind: "user", arn, account })),
    ...(environmentsWithProvider.length > 0
      ? [
          {
            id: `provider of workflows of ${account}`,
            kind: "identity-provider" as const,
            arn: oidcProviderArn(scope),
            account,
          },
        ]
      : []),
  ];
}

/** What builds, functions, rules and messages there are. */
function reactions(scope: Scope, make: Make): Asset[] {
  const { arns, names, settings } = scope;
  const releases = settings.delivery.targets.length > 0;
  const lambda = (name: string, role: string): Asset =>
    make("function", `function ${name}`, arns.lambda(names.of("function", name)), { role: scope.roleArn(role) });
  const rule = (name: string): Asset => make("rule", `rule ${name}`, arns.eventRule(names.of("eventRule", name)));
  return [
    lambda("announce-candidate", "announce-candidate"),
    lambda("feedback", "feedback"),
    ...(settings.rollBackByAlarm ? [lambda("start-release-before", "fall-back"), rule("release-before")] : []),
    ...(settings.frontDoor
      ? [
          lambda("front-door", "front-door"),
          lambda("answer-held", "front-door"),
          make("queue", "queue held", arns.queue(heldQueue(scope.environment))),
        ]
      : []),
    ...(settings.remediation.mode === "off"
      ? []
      : [lambda("heal", "heal"), rule("release-guard-calls"), rule("release-guard-sweep")]),
    ...(settings.audit.trail !== "organization"
      ? [
          lambda("record-changes", "record-changes"),
          make("queue", "queue of log files", arns.queue(scope.trailFilesQueue), {
            policy: policy("queue policy", trailFilesQueuePolicy(scope)),
          }),
          rule("trail-files"),
        ]
      : []),
    ...witnesses(scope, make),
    ...(scope.escalates
      ? [
          lambda("escalate", "escalate"),
          rule("heartbeat"),
          make("queue", "queue of escalations", arns.queue(escalationQueue(scope.environment)), {
            policy: policy("queue policy", escalationQueuePolicy(scope)),
          }),
        ]
      : []),
    lambda("forecast", "forecast"),
    lambda("publish-kpis", "publish-kpis"),
    ...(settings.report.schedule !== "off" ? [lambda("report", "report")] : []),
    lambda("explain-failure", "training-failure"),
    ...(settings.experiments.everyMinutes > 0 ? [lambda("look-at-experiment", "look-at-experiment")] : []),
    ...(scope.retrainsHere
      ? [
          lambda("decide-retraining", "retraining"),
          lambda("find-new-data", "new-data"),
          make("queue", "queue retraining", arns.queue(scope.retrainingQueue), {
            policy: policy("queue policy", proposalQueuePolicy(scope)),
          }),
        ]
      : []),
    ...(scope.triesInStaging
      ? [
          lambda("deploy-candidate", "staging-trial"),
          lambda("end-trial", "staging-trial"),
          make("queue", "queue trials", arns.queue(scope.trialQueue)),
          rule("trial-ended"),
        ]
      : []),
    ...(releases
      ? [
          lambda("start-release", "release-request"),
          ...settings.delivery.targets.map((target) =>
            make("queue", `queue requests for ${target}`, arns.queue(requestQueue(target))),
          ),
          make("queue", "queue of approvals", arns.queue(scope.approvalQueue), {
            policy: policy("queue policy", approvalQueuePolicy(scope)),
          }),
        ]
      : []),
    ...(releases
      ? [
          make("project", "release project", arns.buildProject(scope.releaseProject), {
            role: scope.roleArn("release-build"),
          }),
          rule("release-approved"),
          rule("release-failed"),
        ]
      : []),
    ...(settings.image.builds
      ? [
          make("project", "image project", arns.buildProject(scope.imageProject), {
            role: scope.roleArn("image-build"),
          }),
        ]
      : []),
    rule("forward"),
    lambda("tell", "tell"),
    rule("tell"),
    rule("digests"),
    make("bus", "bus", arns.events(`event-bus/${names.of("eventBus", "events")}`)),
    ...(settings.cost.nights.endpoint === "off"
      ? [
          make(
            "schedule",
            "schedule of nights",
            arns.scheduler(`schedule/${names.of("scheduleGroup", "schedules")}/${names.of("schedule", "evening")}`),
          ),
        ]
      : []),
    make("queue", "queue dead-letters", arns.queue(scope.deadLetterQueue), {
      policy: policy("queue policy", deadLetterPolicy(scope, scope.deadLetterQueue)),
    }),
    ...topicSuffixes(scope.settings.alertRoutes).map((suffix) => {
      const topic = alertTopic(scope.environment, suffix);
      return make("topic", `topic alerts-${suffix}`, arns.topic(topic), {
        policy: policy("topic policy", topicPolicy(scope, topic, !suffix.startsWith("info"))),
      });
    }),
    make("parameter", "parameter release", arns.parameter(scope.releaseParameter)),
    make("parameter", "parameter ledger-head", arns.parameter(scope.ledgerHeadParameter), { labels: ["evidence"] }),
    make("parameter", "parameter log-head", arns.parameter(scope.logHeadParameter), { labels: ["evidence"] }),
  ];
}

/** What remembers other environments' logs. */
function witnesses(scope: Scope, make: Make): Asset[] {
  const { arns, environment, names } = scope;
  const witnessed = witnessedBy(environment);
  if (witnessed.length === 0) return [];
  return [
    make("function", `function ${witnessing}`, arns.lambda(names.of("function", witnessing)), {
      role: scope.roleArn(witnessing),
    }),
    ...witnessed.flatMap((name) => [
      make("queue", `queue that shows the log of ${name}`, arns.queue(witnessQueue(name)), {
        policy: policy("queue policy", witnessQueuePolicy(scope, name)),
      }),
      make("parameter", `parameter with what was seen of ${name}`, arns.parameter(witnessParameter(name)), {
        labels: ["evidence"],
      }),
    ]),
  ];
}

/** What trains, registers and serves. */
function platform(scope: Scope, make: Make): Asset[] {
  const { arns, modelPackageGroup, settings } = scope;
  return [
    make("endpoint", "endpoint", arns.sagemaker(`endpoint/${scope.endpointName}`), {
      role: scope.roleArn("endpoint-execution"),
    }),
    make("pipeline", "training pipeline", arns.sagemaker(`pipeline/${scope.pipelineName}`), {
      role: scope.roleArn("pipeline-execution"),
    }),
    ...(settings.monitoring.mode === "self-hosted"
      ? [
          make("pipeline", "monitoring pipeline", arns.sagemaker(`pipeline/${scope.monitoringPipeline}`), {
            role: scope.roleArn("monitoring-execution"),
          }),
        ]
      : []),
    make("package-group", "packages", arns.sagemaker(`model-package-group/${modelPackageGroup}`), {
      parts: { packages: arns.sagemaker(`model-package/${modelPackageGroup}/*`) },
      policy: policy("package group policy", packagesForReaders(scope)),
    }),
    make("mlflow", "MLflow", arns.sagemaker("mlflow-app/app-probe"), { role: scope.roleArn("mlflow") }),
    ...(settings.image.ownsRepository
      ? [
          make("repository", "image repository", arns.repository(scope.imageRepository), {
            policy: policy("repository policy", imageForReaders(scope)),
          }),
        ]
      : []),
  ];
}

/** A domain with a profile for each person of whom Studio has a role. */
function studio(scope: Scope, people: readonly Person[], make: Make): Asset[] {
  const { arns, settings } = scope;
  if (!settings.studio.enabled) return [];
  const names = new Map(
    people.flatMap(({ name, roles }) =>
      ["data-scientist", "ml-engineer"]
        .filter((role) => roles.includes(scope.roleArn(role)))
        .map((role) => [name, role] as const),
    ),
  );
  return [
    make("domain", "Studio domain", arns.sagemaker("domain/d-probe")),
    make(
      "lifecycle-script",
      "lifecycle script",
      arns.sagemaker(`studio-lifecycle-config/${scope.names.of("studioLifecycleConfig", "libraries", "0123abcd")}`),
    ),
    ...[...names].map(([name, role]) =>
      make("profile", `profile ${name}`, arns.sagemaker(`user-profile/d-probe/${name}`), {
        role: scope.roleArn(`studio-${role}`),
        parts: { name },
        context: {
          "sagemaker:OwnerUserProfileArn": arns.sagemaker(`user-profile/d-probe/${name}`),
          "sagemaker:SpaceSharingType": "Private",
        },
      }),
    ),
  ];
}

/** What notices: trail, logs, alarms. */
function watches(scope: Scope, make: Make): Asset[] {
  const { arns, names, settings } = scope;
  const alarms = [
    ...Object.entries(endpointAlarms(scope)).map(([name, { namespace }]) => [name, namespace] as const),
    ["golden", goldenMetric(scope.environment).namespace] as const,
  ];
  const ours = settings.audit.trail !== "organization";
  const { network } = settings;
  return [
    // PutMetricData refuses namespaces that begin with AWS/ (CloudWatch API).
    ...alarms.map(([name, namespace]) =>
      make(
        "alarm",
        `alarm ${name}`,
        arns.alarm(names.of("alarm", "detector", name)),
        namespace.startsWith("AWS/") ? {} : { parts: { namespace } },
      ),
    ),
    make("alarm", "alarm dead-letters", arns.alarm(names.of("alarm", "dead-letters"))),
    make("alarm", "alarm alerts-untold", arns.alarm(names.of("alarm", "alerts-untold"))),
    ...(ours
      ? [
          make("trail", "trail", arns.trail(scope.trailName), { labels: ["trail"] }),
          make("log-group", "log group of the trail", arns.logGroup(scope.trailLogGroup), { labels: ["trail"] }),
        ]
      : []),
    ...(network.mode !== "default-vpc" && network.flowLogs !== "off"
      ? [make("log-group", "flow logs", arns.logGroup(scope.networkLogGroup))]
      : []),
    make("log-group", "logs of the endpoint", arns.logGroup(`/aws/sagemaker/Endpoints/${scope.endpointName}`)),
  ];
}

function keys(scope: Scope, roles: readonly Role[], make: Make): Asset[] {
  const { arns, environment, keyAlias, auditKeyAlias } = scope;
  const key = (name: string, alias: string, statements: readonly Statement[], labels?: readonly string[]): Asset =>
    make("key", name, arns.key(`${environment}-${name.replaceAll(" ", "-")}`), {
      context: { "kms:ResourceAliases": alias },
      parts: { alias: arns.keyAlias(alias) },
      labels,
      ...(statements.length > 0 ? { policy: { name: "key policy", statements }, policyMustAllow: true } : {}),
    });
  return [
    key("key", keyAlias, keyPolicy(scope)),
    ...(scope.settings.audit.trail === "organization"
      ? []
      : [key("audit key", auditKeyAlias, auditKeyPolicy(scope), ["trail"])]),
    key("log key", scope.logKeyAlias, logKeyPolicy(scope), ["evidence"]),
    ...(signsDecisions(roles)
      ? [key("approvals key", scope.approvalKeyAlias, approvalKeyPolicy(scope), ["evidence"])]
      : []),
  ];
}

/** Whether decisions are signed documents: approvers may sign. */
export function signsDecisions(roles: readonly Role[]): boolean {
  return roles.some(
    ({ name, policies }) =>
      name === "approver" &&
      policies.some(({ statements }) => statements.some(({ Action }) => [Action ?? []].flat().includes("kms:Sign"))),
  );
}
