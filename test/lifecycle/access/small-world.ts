import {
  type Asset,
  type Person,
  type Policy,
  type Role,
  type RoleKind,
  type Statement,
  type World,
} from "../../../lifecycle/access/model";
import { derivedEdgesOf } from "../../../automation/roles/world/derived-edges";

export const account = "111111111111";
const region = "eu-central-1";
export const arn = (service: string, resource: string): string => `arn:aws:${service}:${region}:${account}:${resource}`;
export const roleArn = (name: string, environment = "dev"): string =>
  `arn:aws:iam::${account}:role/${environment}/${name}`;
export const policyArn = (name: string): string => `arn:aws:iam::${account}:policy/${name}`;

/** What is changed in the clean world. */
export interface Hole {
  /** Statements added to a role: `auditor`, or `prod/deployer`. */
  readonly allow?: Readonly<Record<string, readonly Statement[]>>;
  /** Statements added to the trust of a role. */
  readonly trust?: Readonly<Record<string, readonly Statement[]>>;
  /** Statements added to the policy of a thing, by its id. */
  readonly policy?: Readonly<Record<string, readonly Statement[]>>;
  /** A package's status is the decision, as it was before decisions were signed. */
  readonly byStatus?: boolean;
}

export const allow = (
  actions: string,
  resource: string | readonly string[] = "*",
  condition?: Statement["Condition"],
): Statement => ({
  Effect: "Allow",
  Action: actions.split(" "),
  Resource: resource,
  ...(condition ? { Condition: condition } : {}),
});

const people: readonly (readonly [name: string, role: string])[] = [
  ["anna", "data-scientist"],
  ["arno", "data-scientist"],
  ["ben", "ml-engineer"],
  ["bela", "ml-engineer"],
  ["cleo", "approver"],
  ["dora", "auditor"],
  ["emil", "deployer"],
];
const services: readonly (readonly [name: string, service: string])[] = [
  ["training-execution", "sagemaker.amazonaws.com"],
  ["processing-execution", "sagemaker.amazonaws.com"],
  ["pipeline-execution", "sagemaker.amazonaws.com"],
  ["endpoint-execution", "sagemaker.amazonaws.com"],
  ["notebooks", "sagemaker.amazonaws.com"],
  ["announce-candidate", "lambda.amazonaws.com"],
  ["release-build", "codebuild.amazonaws.com"],
  ["image-build", "codebuild.amazonaws.com"],
  ["night-schedule", "scheduler.amazonaws.com"],
  ["release-request", "events.amazonaws.com"],
  ["budget-action", "budgets.amazonaws.com"],
  ["stacks", "cloudformation.amazonaws.com"],
  ["machine", "ec2.amazonaws.com"],
  ["flow", "states.amazonaws.com"],
];

const object = (key: string): string => `arn:aws:s3:::artifacts/${key}`;
/** What each role may do in the clean world: its work, and nothing that another believes. */
const work: Readonly<Record<string, readonly Statement[]>> = {
  "data-scientist": [allow("s3:GetObject", object("runs/*"))],
  "studio-data-scientist": [allow("s3:PutObject", object("users/") + "${aws:SourceIdentity}/*")],
  "ml-engineer": [
    allow("sagemaker:StartPipelineExecution", arn("sagemaker", "pipeline/training")),
    allow("s3:GetObject", object("*")),
  ],
  approver: [allow("kms:Sign", arn("kms", "key/approvals")), allow("s3:PutObject", object("approvals/*"))],
  auditor: [allow("s3:GetObject", object("ledger/*"))],
  deployer: [
    allow("lambda:GetFunction", "*"),
    allow("s3:GetObject s3:PutObject", "arn:aws:s3:::states/.pulumi/stacks/*/dev.json"),
  ],
  "training-execution": [allow("s3:PutObject", [object("runs/*"), object("checkpoints/*")])],
  "release-build": [
    allow("s3:PutObject", [object("releases/*"), object("ledger/*")]),
    allow("sagemaker:UpdateEndpoint", "*"),
  ],
};

const boundary: Policy & { arn: string } = {
  name: "boundary",
  arn: policyArn("boundary"),
  statements: [
    { Sid: "Services", Effect: "Allow", Action: ["*"], Resource: "*" },
    {
      Sid: "NoIdentities",
      Effect: "Deny",
      Action: ["iam:Create*", "iam:Put*", "iam:Attach*", "iam:Update*", "iam:Delete*"],
      Resource: "*",
    },
    { Sid: "NoRoles", Effect: "Deny", Action: ["sts:AssumeRole"], Resource: "*" },
  ],
};

function role(environment: string, name: string, kind: RoleKind, trust: Statement): Role {
  const statements = environment === "dev" ? (work[name] ?? []) : [];
  // The work of a deployer is a managed policy.
  const policy = {
    name: name === "deployer" ? policyArn(`${environment}-deployer`) : "duties",
    statements: [{ Effect: "Allow" as const, Action: ["sts:GetCallerIdentity"], Resource: "*" }, ...statements],
  };
  return {
    arn: roleArn(name, environment),
    name,
    kind,
    account,
    environment,
    trust: { name: "trust policy", statements: [trust] },
    policies: [policy],
    ...(kind === "service" ? { boundary } : {}),
  };
}

const trustPeople: Statement = {
  Effect: "Allow",
  Principal: { AWS: `arn:aws:iam::${account}:root` },
  Action: ["sts:AssumeRole", "sts:SetSourceIdentity"],
  Condition: { StringEquals: { "sts:SourceIdentity": "${aws:username}" } },
};
const trustService = (service: string): Statement => ({
  Effect: "Allow",
  Principal: { Service: service },
  Action: ["sts:AssumeRole"],
});

function rolesOf(environment: string): Role[] {
  const persons = [...new Set(people.map(([, name]) => name))].filter(
    (name) => environment === "dev" || name !== "data-scientist",
  );
  return [
    ...persons.map((name) => role(environment, name, "person", trustPeople)),
    ...(environment === "dev"
      ? ["studio-data-scientist", "studio-ml-engineer"].map((name) =>
          role(environment, name, "studio", trustService("sagemaker.amazonaws.com")),
        )
      : []),
    role(environment, "ci-preview", "workflow", {
      Effect: "Allow",
      Principal: { Federated: `arn:aws:iam::${account}:oidc-provider/workflows` },
      Action: ["sts:AssumeRoleWithWebIdentity"],
    }),
    ...services.map(([name, service]) => role(environment, name, "service", trustService(service))),
  ];
}

function assetsOf(environment: string): Asset[] {
  const make = (kind: Asset["kind"], name: string, where: string, more: Partial<Asset> = {}): Asset => ({
    kind,
    id: `${environment} ${name}`,
    arn: where,
    account,
    environment,
    ...more,
  });
  const bucket = environment === "dev" ? "artifacts" : "artifacts-prod";
  const prefix = (name: string, labels?: readonly string[]): Asset =>
    make("prefix", name, `arn:aws:s3:::${bucket}/${name}*`, { within: `${environment} artifacts bucket`, labels });
  const tags = { environment };
  const as = (name: string): string => roleArn(name, environment);
  return [
    ...rolesOf(environment).map((one): Asset => ({
      id: `role ${one.arn}`,
      kind: "role",
      arn: one.arn,
      account,
      environment,
    })),
    {
      id: `policy ${policyArn(`${environment}-deployer`)}`,
      kind: "policy",
      arn: policyArn(`${environment}-deployer`),
      account,
      environment,
    },
    make("bucket", "artifacts bucket", `arn:aws:s3:::${bucket}`),
    ...["runs/", "checkpoints/", "weights/", "releases/", "sources/", "definitions/", "studio/"].map((name) =>
      prefix(name),
    ),
    prefix("ledger/", ["evidence"]),
    prefix("approvals/", ["evidence"]),
    { ...prefix("users/anna/", ["users"]), parts: { name: "anna" } },
    { ...prefix("users/ben/", ["users"]), parts: { name: "ben" } },
    make("bucket", "audit bucket", `arn:aws:s3:::audit-${environment}`, { labels: ["trail"] }),
    {
      ...make("prefix", "trail files", `arn:aws:s3:::audit-${environment}/*`, {
        within: `${environment} audit bucket`,
        labels: ["evidence", "trail"],
      }),
    },
    {
      ...make("state", "state", `arn:aws:s3:::states/.pulumi/stacks/*/${environment}.json`, { labels: ["state"] }),
      id: `state of ${environment}`,
    },
    make("parameter", "parameter release", arn("ssm", `parameter/${environment}/release`)),
    make("parameter", "parameter ledger-head", arn("ssm", `parameter/${environment}/ledger-head`), {
      labels: ["evidence"],
    }),
    make("function", "function announce", arn("lambda", `function:${environment}-announce`), {
      role: as("announce-candidate"),
      tags,
    }),
    make("project", "release project", arn("codebuild", `project/${environment}-release`), {
      role: as("release-build"),
      tags,
    }),
    make("rule", "rule approved", arn("events", `rule/${environment}-approved`), { tags }),
    make("bus", "bus", arn("events", `event-bus/${environment}`), { tags }),
    make("schedule", "schedule", arn("scheduler", `schedule/${environment}/evening`)),
    make("queue", "queue requests", arn("sqs", `${environment}-requests`), { tags }),
    make("topic", "topic alerts", arn("sns", `${environment}-alerts`), { tags }),
    make("endpoint", "endpoint", arn("sagemaker", `endpoint/${environment}`), { role: as("endpoint-execution"), tags }),
    make(
      "pipeline",
      "training pipeline",
      arn("sagemaker", `pipeline/${environment === "dev" ? "training" : "training-prod"}`),
      { role: as("pipeline-execution"), tags },
    ),
    make("package-group", "packages", arn("sagemaker", `model-package-group/${environment}`), {
      parts: { packages: arn("sagemaker", `model-package/${environment}/*`) },
      tags,
    }),
    make("domain", "Studio domain", arn("sagemaker", `domain/d-${environment}`), { tags }),
    ...(environment === "dev"
      ? (
          [
            ["anna", "data-scientist"],
            ["ben", "ml-engineer"],
          ] as const
        ).map(([name, one]) =>
          make("profile", `profile ${name}`, arn("sagemaker", `user-profile/d-dev/${name}`), {
            role: as(`studio-${one}`),
            tags,
            parts: { name },
            context: { "sagemaker:OwnerUserProfileArn": arn("sagemaker", `user-profile/d-dev/${name}`) },
          }),
        )
      : []),
    make("lifecycle-script", "lifecycle script", arn("sagemaker", `studio-lifecycle-config/${environment}-libraries`), {
      tags,
    }),
    make("notebook", "notebook", arn("sagemaker", `notebook-instance/${environment}`), { role: as("notebooks"), tags }),
    make("key", "key", arn("kms", `key/${environment}`), {
      tags,
      parts: { alias: arn("kms", `alias/${environment}`) },
      context: { "kms:ResourceAliases": `alias/${environment}` },
    }),
    make("key", "audit key", arn("kms", `key/${environment}-audit`), {
      tags,
      labels: ["trail"],
      parts: { alias: arn("kms", `alias/${environment}-audit`) },
      context: { "kms:ResourceAliases": `alias/${environment}-audit` },
    }),
    make("trail", "trail", arn("cloudtrail", `trail/${environment}`), { tags, labels: ["trail"] }),
    make("log-group", "log group of the trail", arn("logs", `log-group:/${environment}/trail`), {
      tags,
      labels: ["trail"],
    }),
    make("alarm", "alarm golden", arn("cloudwatch", `alarm:${environment}-golden`), {
      tags,
      parts: { namespace: `Peregrine/${environment}` },
    }),
    make("alarm", "alarm errors", arn("cloudwatch", `alarm:${environment}-errors`), { tags }),
  ];
}

/** Two environments of one account in which everybody does their work and nobody reaches what is forbidden. */
export function smallWorld(hole: Hole = {}): World {
  const bound: readonly Role[] = ["dev", "prod"].flatMap(rolesOf);
  const named = <T>(table: Readonly<Record<string, T>> | undefined, { name, environment }: Role): T | undefined =>
    table?.[environment === "dev" ? name : `${environment}/${name}`];
  const roles = bound.map((one): Role => {
    const extra = named(hole.allow, one) ?? [];
    const policies = extra.length > 0 ? [...one.policies, { name: "the hole", statements: extra }] : one.policies;
    const trust = { name: "trust policy", statements: [...one.trust.statements, ...(named(hole.trust, one) ?? [])] };
    return { ...one, policies, trust };
  });
  const persons: Person[] = people.map(([name, one]) => ({
    name,
    arn: `arn:aws:iam::${account}:user/${name}`,
    account,
    roles: roles.filter((candidate) => candidate.name === one).map((candidate) => candidate.arn),
  }));
  const shared: Asset[] = [
    { id: `account ${account}`, kind: "account", arn: `arn:aws:iam::${account}:root`, account },
    { id: `policy ${boundary.arn}`, kind: "policy", arn: boundary.arn, account },
    {
      id: "provider of workflows",
      kind: "identity-provider",
      arn: `arn:aws:iam::${account}:oidc-provider/workflows`,
      account,
    },
    ...persons.map((person): Asset => ({ id: `user ${person.name}`, kind: "user", arn: person.arn, account })),
    { id: "image repository", kind: "repository", arn: arn("ecr", "repository/images"), account },
    { id: "dataset bucket", kind: "bucket", arn: "arn:aws:s3:::dataset", account, labels: ["dataset"] },
    {
      id: "dataset",
      kind: "prefix",
      arn: "arn:aws:s3:::dataset/*",
      account,
      within: "dataset bucket",
      labels: ["dataset"],
    },
    {
      id: "dev approvals key",
      kind: "key",
      arn: arn("kms", "key/approvals"),
      account,
      environment: "dev",
      tags: { environment: "dev" },
      parts: { alias: arn("kms", "alias/approvals") },
    },
  ];
  const plain = [...["dev", "prod"].flatMap(assetsOf), ...shared];
  const assets = plain.map((asset): Asset =>
    hole.policy?.[asset.id]
      ? { ...asset, policy: { name: `policy of ${asset.id}`, statements: hole.policy[asset.id]! } }
      : asset,
  );
  const derivedEdges = derivedEdgesOf({
    roles,
    assets,
    registry: "dev",
    targets: ["prod"],
    signed: hole.byStatus !== true,
    mitigated: () => false,
  });
  return { region, roles, people: persons, assets, derivedEdges };
}
