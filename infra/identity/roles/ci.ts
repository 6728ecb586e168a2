import type { Scope } from "../../scope";
import { startBuilds } from "../documents/builds";
import { neverWriteDataset } from "../documents/data";
import { readReleased } from "../documents/release";
import { keepState } from "../documents/state";
import { allow, type Statement } from "../document";
import { prefixes } from "../../../contract/places";
import { deploy } from "./deployer";
import { define, type RoleDescription, rolesOf, type TrustedWorkflows } from "./role-definition";

export type CiRole = (typeof ciDefinitions)[number]["name"];

/** GitHub's token issuer, without its scheme: the provider's name in IAM and the prefix of its claims in conditions. */
export const githubIssuer = "token.actions.githubusercontent.com";

/** The provider that vouches for workflows: the one that exists, else ours. */
export function oidcProviderArn({ place: { accountId, partition }, settings: { deployer } }: Scope): string {
  return deployer.oidcProviderArn ?? `arn:${partition}:iam::${accountId}:oidc-provider/${githubIssuer}`;
}

/** Does what a person who deploys does, from one branch or one protected GitHub environment. */
const ciDeployer = define({
  name: "ci-deployer",
  kind: "workflow",
  description: ({ settings }) => `Runs pulumi up in workflows of ${settings.deployer.repository}`,
  // With an environment GitHub's claim names that and no longer the branch (GitHub docs, "OpenID Connect reference"):
  // the environment's rules say which branches.
  trusted: (scope) => {
    const { branch, environment } = scope.settings.deployer;
    return trustGithub(scope, environment ? `environment:${environment}` : `ref:refs/heads/${branch}`);
  },
  boundary: "deployer-boundary",
  managed: true,
  writes: ["definitions"],
  expected: { spec: "test/infra/identity/roles/ci.spec.ts" },
  exists: ({ settings }) => settings.deployer.repository !== undefined,
  duties: (scope) => ({
    ...deploy(scope),
    images: [
      startBuilds("BuildImages", scope, scope.imageProject, []),
      allow("SeeImageBuilds", ["codebuild:BatchGetBuilds"], [scope.arns.buildProject(scope.imageProject)]),
    ],
  }),
});

/** Reads, so that a pull request can show what it would change. */
const ciPreview = define({
  name: "ci-preview",
  kind: "workflow",
  description: ({ settings }) =>
    `Runs pulumi preview for pull requests of ${settings.deployer.repository}; changes nothing`,
  trusted: (scope) => trustGithub(scope, "pull_request"),
  boundary: "deployer-boundary",
  expected: { spec: "test/infra/identity/roles/ci.spec.ts" },
  exists: ({ settings }) => settings.deployer.repository !== undefined,
  duties: (scope) => ({
    stack: readStack(scope),
    network: [
      allow(
        "SeeNetwork",
        [
          // Where the account's own network is found; these know no resource.
          "ec2:DescribeAvailabilityZones",
          "ec2:DescribeSubnets",
          "ec2:DescribeVpcs",
        ],
        ["*"],
      ),
    ],
    state: keepState(scope).map((statement) => ({
      ...statement,
      Action: statement.Action.filter((action) => /:(Get|List|Decrypt|DescribeKey)/.test(action)),
    })),
    limits: neverWriteDataset(scope),
  }),
});

/** Roles of GitHub's workflows, by OpenID Connect: no access key lies anywhere. None where no repository is named. */
export const ciDefinitions = [ciDeployer, ciPreview] as const;

export function ciRoles(scope: Scope): Partial<Record<CiRole, RoleDescription>> {
  return rolesOf<CiRole>(ciDefinitions, scope);
}

/** @param claim what GitHub's token must say of the workflow, behind the repository. */
function trustGithub(scope: Scope, claim: string): TrustedWorkflows {
  return {
    provider: oidcProviderArn(scope),
    issuer: githubIssuer,
    subjects: [`repo:${scope.settings.deployer.repository}:${claim}`],
  };
}

/** Reads a whole stack, for previews of changes to it. No data of others, no secrets. */
function readStack(scope: Scope): Statement[] {
  const { arns, artifactsBucket, keyAlias, approvalKeyAlias, logKeyAlias, names, rolePath } = scope;
  const roles = [
    // What the provider reads of a role.
    "iam:GetRole*",
    "iam:ListAttachedRolePolicies",
    "iam:ListInstanceProfilesForRole",
    "iam:ListRolePolicies",
    "iam:ListRoleTags",
  ];
  const policies = [
    // What the provider reads of a managed policy.
    "iam:GetPolicy*",
    "iam:ListPolicy*",
  ];
  const functions = [
    // What the provider reads of a function.
    "lambda:GetFunction*",
    "lambda:GetPolicy",
    "lambda:ListFunctionEventInvokeConfigs",
    "lambda:ListTags",
    "lambda:ListVersionsByFunction",
  ];
  const rules = [
    // What the provider reads of a rule.
    "events:DescribeRule",
    "events:ListTagsForResource",
    "events:ListTargetsByRule",
  ];
  const messages = [
    // What the provider reads of a topic.
    "sns:GetSubscriptionAttributes",
    "sns:GetTopicAttributes",
    "sns:ListSubscriptionsByTopic",
    "sns:ListTagsForResource",
    // What the provider reads of a queue.
    "sqs:GetQueueAttributes",
    "sqs:GetQueueUrl",
    "sqs:ListQueueTags",
  ];
  return [
    ...readReleased([scope]).filter(({ Sid }) => Sid !== "SeeBuckets"),
    allow(
      "SeeBuckets",
      [
        // What the provider reads of a bucket.
        "s3:GetBucket*",
        "s3:GetEncryptionConfiguration",
        "s3:GetLifecycleConfiguration",
        "s3:ListBucket",
      ],
      [arns.bucket(artifactsBucket)],
    ),
    allow(
      "SeeObjects",
      [
        // The provider compares content and tags.
        "s3:GetObject",
        "s3:GetObjectTagging",
      ],
      [arns.object(artifactsBucket, `${prefixes.champion}*`)],
    ),
    allow("SeeRoles", [...roles, ...policies], [arns.role(rolePath, "*"), arns.policy(rolePath, "*")]),
    allow(
      "SeeKeys",
      [
        // What the provider reads of a key.
        "kms:DescribeKey",
        "kms:GetKeyPolicy",
        "kms:GetKeyRotationStatus",
        "kms:ListResourceTags",
      ],
      [arns.key("*")],
      { "ForAnyValue:StringEquals": { "kms:ResourceAliases": [keyAlias, approvalKeyAlias, logKeyAlias] } },
    ),
    allow(
      "SeeReactions",
      [...functions, ...rules, ...messages],
      [
        arns.lambda(`${names.prefix}-*`),
        arns.eventRule(`${names.prefix}-*`),
        arns.topic(`${names.prefix}-*`),
        arns.queue(`${names.prefix}-*`),
      ],
    ),
  ];
}
