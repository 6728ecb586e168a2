import { list, type Statement } from "../../../lifecycle/access/model";
import { account, allow, arn, type Hole, policyArn, roleArn } from "./small-world";

/** A hole that is made in the clean world, who then reaches which goal, and by which edge kinds. */
export interface Planted {
  /** The edge that the hole makes; where another of the same length is reported, it is there as well. */
  readonly edge: string;
  readonly role: string;
  readonly hole: Hole;
  readonly goal: string;
  /** Edge kinds after the person took their role. */
  readonly chain: readonly string[];
}

const object = (key: string, bucket = "artifacts"): string => `arn:aws:s3:::${bucket}/${key}`;
const sagemaker = (resource: string): string => arn("sagemaker", resource);
const pass = (name: string, service: string): Statement =>
  allow("iam:PassRole", roleArn(name), { StringEquals: { "iam:PassedToService": service } });

type Row = readonly [
  role: string,
  goal: string,
  statements: Statement | readonly Statement[],
  more?: readonly string[],
];

/** Holes that one edge makes: statements of a role, and the edges that follow until the goal. */
function of(edge: string, ...rows: readonly Row[]): Planted[] {
  return rows.map(([role, goal, statements, more = []]) => ({
    edge,
    role,
    goal,
    hole: { allow: { [role]: Array.isArray(statements) ? (statements as Statement[]) : [statements as Statement] } },
    chain: [edge, ...more],
  }));
}

const sm = "sagemaker.amazonaws.com";
const AUD = "auditor-changes";

const identities: readonly Planted[] = [
  ...of(
    "edit a trust",
    ["deployer", "deployer-as-person", allow("iam:UpdateAssumeRolePolicy", roleArn("approver"))],
    ["auditor", AUD, allow("iam:Update*", roleArn("*"))],
  ),
  ...of(
    "add rights",
    ["auditor", AUD, allow("iam:PutRolePolicy", roleArn("machine"))],
    ["auditor", AUD, allow("iam:AttachRolePolicy", roleArn("m*"), { ArnLike: { "iam:PolicyARN": policyArn("*") } })],
  ),
  ...of(
    "drop a boundary",
    ["auditor", AUD, allow("iam:DeleteRolePermissionsBoundary", "*")],
    ["auditor", AUD, allow("iam:PutRolePermissionsBoundary", roleArn("training-*"))],
  ),
  ...of(
    "rewrite a policy",
    ["auditor", AUD, allow("iam:CreatePolicyVersion", policyArn("boundary"))],
    ["auditor", AUD, allow("iam:Create*Version", policyArn("dev-*"))],
  ),
  ...of(
    "make a role",
    ["deployer", "deployer-as-person", allow("iam:CreateRole iam:PutRolePolicy", roleArn("made-*"))],
    [
      "data-scientist",
      "scientist-as-another",
      [
        allow("iam:CreateRole", roleArn("*"), { StringEquals: { "iam:PermissionsBoundary": policyArn("boundary") } }),
        allow("iam:AttachRolePolicy", roleArn("x-?")),
      ],
    ],
  ),
  ...of(
    "make a user",
    [
      "ml-engineer",
      "engineer-as-another",
      allow("iam:CreateUser iam:PutUserPolicy iam:CreateAccessKey", `arn:aws:iam::${account}:user/*`),
    ],
    ["deployer", "deployer-as-person", allow("iam:*User* iam:*AccessKey*", `arn:aws:iam::${account}:user/robots/*`)],
  ),
  ...of(
    "take a user's place",
    ["ml-engineer", "engineer-as-another", allow("iam:CreateAccessKey", `arn:aws:iam::${account}:user/cleo`)],
    ["data-scientist", "scientist-as-another", allow("iam:UpdateLoginProfile", `arn:aws:iam::${account}:user/b*`)],
  ),
  ...of(
    "edit an identity provider",
    ["deployer", "deployer-as-person", allow("iam:UpdateOpenIDConnectProviderThumbprint", "*"), ["be vouched for"]],
    ["auditor", AUD, allow("iam:DeleteOpenIDConnectProvider", `arn:aws:iam::${account}:oidc-provider/*`)],
  ),
  {
    edge: "take a role",
    role: "data-scientist",
    goal: "scientist-as-another",
    chain: ["take a role"],
    hole: {
      allow: { "data-scientist": [allow("sts:AssumeRole sts:SetSourceIdentity", roleArn("approver"))] },
      trust: {
        approver: [
          {
            Effect: "Allow",
            Principal: { AWS: roleArn("data-scientist") },
            Action: ["sts:AssumeRole", "sts:SetSourceIdentity"],
          },
        ],
      },
    },
  },
  {
    edge: "take a role",
    role: "deployer",
    goal: "release-build",
    chain: ["take a role"],
    hole: {
      allow: { deployer: [allow("sts:*")] },
      trust: {
        "release-build": [
          { Effect: "Allow", Principal: { AWS: [account] }, Action: ["sts:AssumeRole", "sts:SetSourceIdentity"] },
        ],
      },
    },
  },
  {
    edge: "use added rights",
    role: "deployer",
    goal: "evidence",
    chain: ["pass to a machine", "add rights", "use added rights", "write objects"],
    hole: {
      allow: {
        deployer: [
          pass("machine", "ec2.amazonaws.com"),
          allow("ec2:RunInstances"),
          allow("iam:PutRolePolicy", roleArn("machine")),
        ],
      },
    },
  },
  {
    edge: "use added rights",
    role: "deployer",
    goal: "evidence",
    chain: ["rewrite a policy", "use added rights", "write objects"],
    hole: { allow: { deployer: [allow("iam:CreatePolicyVersion", policyArn("dev-deployer"))] } },
  },
  {
    edge: "be vouched for",
    role: "auditor",
    goal: AUD,
    chain: ["edit an identity provider"],
    hole: { allow: { auditor: [allow("iam:*SAMLProvider iam:*OpenIDConnectProvider*")] } },
  },
];

const passing: readonly Planted[] = [
  ...of(
    "pass to a training job",
    [
      "data-scientist",
      "scientist-as-another",
      [pass("training-execution", sm), allow("sagemaker:CreateTrainingJob", sagemaker("training-job/mine-*"))],
    ],
    [
      "auditor",
      AUD,
      [allow("iam:PassRole", roleArn("processing-*")), allow("sagemaker:CreateHyperParameterTuningJob")],
    ],
  ),
  ...of(
    "pass to a processing job",
    [
      "data-scientist",
      "scientist-as-another",
      [
        pass("processing-execution", sm),
        allow("sagemaker:CreateProcessingJob", "*", {
          "ForAllValues:StringEquals": { "sagemaker:InstanceTypes": ["ml.m5.large"] },
        }),
      ],
    ],
    [
      "auditor",
      AUD,
      [allow("iam:PassRole", roleArn("processing-*")), allow("sagemaker:Create*Job", sagemaker("processing-job/*"))],
    ],
  ),
  ...of(
    "pass to a model",
    [
      "auditor",
      AUD,
      [
        pass("endpoint-execution", sm),
        allow("sagemaker:CreateModel sagemaker:CreateEndpointConfig sagemaker:CreateEndpoint", sagemaker("*/mine-*")),
      ],
    ],
    [
      "data-scientist",
      "scientist-as-another",
      [pass("endpoint-execution", sm), allow("sagemaker:CreateModel sagemaker:CreateTransformJob")],
    ],
  ),
  ...of(
    "pass to a pipeline",
    [
      "data-scientist",
      "scientist-as-another",
      [pass("pipeline-execution", sm), allow("sagemaker:CreatePipeline", sagemaker("pipeline/*"))],
    ],
    ["auditor", AUD, [pass("pipeline-execution", sm), allow("sagemaker:UpdatePipeline", sagemaker("pipeline/other"))]],
  ),
  ...of(
    "pass to Studio",
    [
      "data-scientist",
      "scientist-as-another",
      [pass("studio-ml-engineer", sm), allow("sagemaker:CreateUserProfile", sagemaker("user-profile/d-dev/*"))],
    ],
    ["deployer", "deployer-as-person", [pass("studio-data-scientist", sm), allow("sagemaker:UpdateDomain")]],
  ),
  ...of(
    "pass to a notebook instance",
    ["auditor", AUD, [pass("notebooks", sm), allow("sagemaker:CreateNotebookInstance")]],
    [
      "data-scientist",
      "scientist-as-another",
      [allow("iam:PassRole"), allow("sagemaker:CreateNotebook*", sagemaker("notebook-instance/me"))],
    ],
  ),
  ...of(
    "pass to monitoring",
    ["auditor", AUD, [pass("notebooks", sm), allow("sagemaker:CreateMonitoringSchedule")]],
    [
      "data-scientist",
      "scientist-as-another",
      [
        pass("notebooks", sm),
        allow("sagemaker:CreateDataQualityJobDefinition sagemaker:CreateMonitoringSchedule", sagemaker("*/mine")),
      ],
    ],
  ),
  ...of(
    "pass to MLflow",
    ["auditor", AUD, [pass("notebooks", sm), allow("sagemaker:CreateMlflowApp")]],
    ["data-scientist", "scientist-as-another", [pass("notebooks", sm), allow("sagemaker:CreateMlflowTrackingServer")]],
  ),
  ...of(
    "pass to a function",
    [
      "auditor",
      AUD,
      [
        pass("announce-candidate", "lambda.amazonaws.com"),
        allow("lambda:CreateFunction", arn("lambda", "function:mine")),
      ],
    ],
    [
      "data-scientist",
      "scientist-as-another",
      [
        allow("iam:PassRole", roleArn("announce-*")),
        allow("lambda:UpdateFunctionConfiguration", arn("lambda", "function:hers")),
      ],
    ],
  ),
  ...of(
    "pass to a build",
    [
      "deployer",
      "deployer-as-person",
      [
        pass("release-build", "codebuild.amazonaws.com"),
        allow("codebuild:CreateProject", arn("codebuild", "project/mine")),
      ],
    ],
    [
      "auditor",
      AUD,
      [
        pass("image-build", "codebuild.amazonaws.com"),
        allow("codebuild:UpdateProject", arn("codebuild", "project/mine")),
      ],
    ],
  ),
  ...of(
    "pass to Scheduler",
    ["auditor", AUD, [pass("night-schedule", "scheduler.amazonaws.com"), allow("scheduler:CreateSchedule")]],
    [
      "data-scientist",
      "scientist-as-another",
      [allow("iam:PassRole"), allow("scheduler:UpdateSchedule", arn("scheduler", "schedule/mine/*"))],
    ],
  ),
  ...of(
    "pass to a rule",
    [
      "auditor",
      AUD,
      [pass("release-request", "events.amazonaws.com"), allow("events:PutTargets", arn("events", "rule/mine"))],
    ],
    [
      "data-scientist",
      "scientist-as-another",
      [allow("iam:PassRole", roleArn("release-*")), allow("events:Put*", arn("events", "rule/hers"))],
    ],
  ),
  ...of(
    "pass to the budget",
    ["auditor", AUD, [pass("budget-action", "budgets.amazonaws.com"), allow("budgets:CreateBudgetAction")]],
    ["data-scientist", "scientist-as-another", [allow("iam:PassRole"), allow("budgets:*")]],
  ),
  ...of(
    "pass to CloudFormation",
    ["auditor", AUD, [pass("stacks", "cloudformation.amazonaws.com"), allow("cloudformation:CreateStack")]],
    ["data-scientist", "scientist-as-another", [allow("iam:PassRole"), allow("cloudformation:*")]],
  ),
  ...of(
    "pass to a machine",
    ["auditor", AUD, [pass("machine", "ec2.amazonaws.com"), allow("ec2:RunInstances")]],
    ["data-scientist", "scientist-as-another", [allow("iam:PassRole"), allow("ec2:Run*", arn("ec2", "instance/*"))]],
  ),
  ...of(
    "pass to a state machine",
    ["auditor", AUD, [pass("flow", "states.amazonaws.com"), allow("states:CreateStateMachine")]],
    ["data-scientist", "scientist-as-another", [allow("iam:PassRole"), allow("states:*")]],
  ),
];

const code: readonly Planted[] = [
  ...of(
    "replace function code",
    ["auditor", AUD, allow("lambda:UpdateFunctionCode", arn("lambda", "function:dev-*"))],
    ["data-scientist", "scientist-as-another", allow("lambda:Update*")],
  ),
  {
    edge: "remake a function",
    role: "data-scientist",
    goal: "scientist-as-another",
    chain: ["pass to a function"],
    hole: {
      allow: {
        "data-scientist": [
          allow("lambda:DeleteFunction lambda:CreateFunction", arn("lambda", "function:dev-announce")),
          pass("announce-candidate", "lambda.amazonaws.com"),
        ],
      },
    },
  },
  {
    edge: "remake a function",
    role: "auditor",
    goal: AUD,
    chain: ["pass to a function"],
    hole: {
      allow: {
        auditor: [
          allow("lambda:*Function", arn("lambda", "function:dev-*")),
          pass("announce-candidate", "lambda.amazonaws.com"),
        ],
      },
    },
  },
  ...of(
    "override a build",
    ["deployer", "deployer-as-person", allow("codebuild:StartBuild", arn("codebuild", "project/dev-release"))],
    [
      "data-scientist",
      "production-without-approver",
      allow("codebuild:StartBuild", "*", {
        StringEquals: { "codebuild:environment.environmentVariables.name": ["NODE_OPTIONS"] },
        Null: { "codebuild:source.buildspec": "true" },
      }),
      ["releases serve"],
    ],
  ),
  ...of(
    "change a project",
    ["deployer", "release-build", allow("codebuild:UpdateProject", arn("codebuild", "project/*"))],
    ["ml-engineer", "release-build", allow("codebuild:Update*", arn("codebuild", "project/dev-*"))],
  ),
  ...of(
    "rewrite a pipeline",
    ["data-scientist", "scientist-as-another", allow("sagemaker:UpdatePipeline", sagemaker("pipeline/training"))],
    ["auditor", AUD, allow("sagemaker:Update*", sagemaker("pipeline/t*"))],
  ),
  ...of(
    "rewrite a lifecycle script",
    [
      "deployer",
      "deployer-as-person",
      allow("sagemaker:CreateStudioLifecycleConfig sagemaker:UpdateDomain"),
      ["script runs"],
    ],
    [
      "data-scientist",
      "scientist-as-another",
      allow("sagemaker:*StudioLifecycleConfig", sagemaker("studio-lifecycle-config/dev-*")),
      ["script runs"],
    ],
  ),
  ...of(
    "start somebody's app",
    ["data-scientist", "scientist-as-another", allow("sagemaker:CreateApp", sagemaker("app/d-dev/ben/*"))],
    ["studio-data-scientist", "scientist-as-another", allow("sagemaker:CreateApp", sagemaker("app/*"))],
  ),
  ...of(
    "edit a notebook instance",
    ["auditor", AUD, allow("sagemaker:UpdateNotebookInstance")],
    [
      "data-scientist",
      "scientist-as-another",
      allow("sagemaker:UpdateNotebookInstanceLifecycleConfig", sagemaker("notebook-instance/dev")),
    ],
  ),
  ...of(
    "replace an image",
    [
      "data-scientist",
      "scientist-as-another",
      allow("ecr:PutImage ecr:PutImageTagMutability", arn("ecr", "repository/images")),
      ["image runs"],
    ],
    ["auditor", AUD, allow("ecr:PutImage ecr:BatchDeleteImage", arn("ecr", "repository/*"))],
  ),
  ...of(
    "write objects",
    ["ml-engineer", "release-build", allow("s3:PutObject", object("sources/project.zip")), ["source archive runs"]],
    ["data-scientist", "scientist-as-another", allow("s3:PutObject", object("studio/*")), ["script runs"]],
    [
      "data-scientist",
      "scientist-as-another",
      allow("s3:Put*", object("definitions/training.json")),
      ["definition runs"],
    ],
  ),
];

const data: readonly Planted[] = [
  ...of(
    "write objects",
    ["data-scientist", "dataset", allow("s3:PutObject", object("*", "dataset"))],
    ["ml-engineer", "evidence", allow("s3:*Object", object("led*"))],
    ["data-scientist", "others-folders", allow("s3:PutObject", object("users/*"))],
  ),
  ...of(
    "delete objects",
    ["deployer", "evidence", allow("s3:DeleteObjectVersion", object("ledger/*"))],
    ["approver", "evidence", allow("s3:DeleteObject", object("approvals/*"))],
  ),
  ...of(
    "read objects",
    ["ci-preview", "preview-changes", allow("s3:GetObject", "arn:aws:s3:::states/*")],
    ["ml-engineer", "states", allow("s3:GetObjectVersion", "arn:aws:s3:::states/.pulumi/*")],
  ),
  ...of(
    "write a parameter",
    ["ml-engineer", "evidence", allow("ssm:PutParameter", arn("ssm", "parameter/dev/*"))],
    [
      "prod/deployer",
      "production-without-approver",
      allow("ssm:DeleteParameter", arn("ssm", "parameter/prod/release")),
      ["desired release is served"],
    ],
  ),
  ...of(
    "edit a package",
    [
      "auditor",
      AUD,
      allow("sagemaker:UpdateModelPackage", sagemaker("model-package/*"), {
        Null: { "sagemaker:ModelApprovalStatus": "true" },
      }),
    ],
    [
      "auditor",
      AUD,
      allow("sagemaker:UpdateModelPackage", "*", { StringNotEquals: { "sagemaker:ModelApprovalStatus": "Approved" } }),
    ],
  ),
  ...of(
    "register a package",
    [
      "auditor",
      AUD,
      allow("sagemaker:CreateModelPackage", sagemaker("model-package/dev/*"), {
        StringNotEquals: { "sagemaker:ModelApprovalStatus": "Approved" },
      }),
    ],
    [
      "auditor",
      AUD,
      allow("sagemaker:CreateModelPackage", "*", {
        StringEquals: { "sagemaker:ModelApprovalStatus": "PendingManualApproval" },
      }),
    ],
  ),
  ...of(
    "approve a package",
    [
      "auditor",
      AUD,
      allow("sagemaker:UpdateModelPackage", sagemaker("model-package/dev/*"), {
        StringEquals: { "sagemaker:ModelApprovalStatus": ["Approved"] },
      }),
    ],
    [
      "ci-preview",
      "preview-changes",
      allow("sagemaker:CreateModelPackage", "*", { StringLike: { "sagemaker:ModelApprovalStatus": "App*" } }),
    ],
  ),
  ...of(
    "sign with a key",
    ["auditor", AUD, allow("kms:Sign", arn("kms", "key/approvals"))],
    [
      "ml-engineer",
      "engineer-decides",
      [
        allow("kms:Sign", "*", { "ForAnyValue:StringEquals": { "kms:ResourceAliases": "alias/none" } }),
        allow("kms:Sign", arn("kms", "key/app*")),
        allow("s3:PutObject", object("approvals/*")),
      ],
      ["write objects", "signed decision is believed"],
    ],
  ),
  {
    edge: "archive is served",
    role: "prod/ml-engineer",
    goal: "production-without-approver",
    chain: ["write objects", "archive is served"],
    hole: { allow: { "prod/ml-engineer": [allow("s3:PutObject", object("releases/*", "artifacts-prod"))] } },
  },
  {
    edge: "archive runs",
    role: "ml-engineer",
    goal: "evidence",
    chain: ["write objects", "archive runs", "write objects"],
    hole: {
      allow: {
        "ml-engineer": [allow("s3:PutObject", object("releases/x"))],
        "endpoint-execution": [allow("s3:PutObject", object("ledger/*"))],
      },
    },
  },
  {
    edge: "checkpoint runs",
    role: "data-scientist",
    goal: "scientist-as-another",
    chain: ["write objects", "checkpoint runs"],
    hole: { allow: { "data-scientist": [allow("s3:PutObject", object("checkpoints/*"))] } },
  },
  {
    edge: "checkpoint runs",
    role: "data-scientist",
    goal: "scientist-as-another",
    chain: ["write objects", "checkpoint runs"],
    hole: { allow: { "data-scientist": [allow("s3:PutObject", object("weights/y.pt"))] } },
  },
  {
    edge: "desired release is served",
    role: "prod/deployer",
    goal: "production-without-approver",
    chain: ["write objects", "write a parameter", "desired release is served"],
    hole: {
      allow: {
        "prod/deployer": [
          allow("s3:PutObject", object("ledger/*", "artifacts-prod")),
          allow("ssm:PutParameter", arn("ssm", "parameter/prod/ledger-head")),
        ],
      },
    },
  },
  {
    edge: "archive runs",
    role: "prod/ml-engineer",
    goal: "evidence",
    chain: ["write objects", "archive runs", "write a parameter"],
    hole: {
      allow: {
        "prod/ml-engineer": [allow("s3:PutObject", object("releases/*", "artifacts-prod"))],
        "prod/endpoint-execution": [allow("ssm:PutParameter")],
      },
    },
  },
  {
    edge: "source archive runs",
    role: "ml-engineer",
    goal: "production-without-approver",
    chain: ["write objects", "source archive runs", "releases serve"],
    hole: { allow: { "ml-engineer": [allow("s3:PutObject", object("sources/*"))] } },
  },
  {
    edge: "definition runs",
    role: "studio-data-scientist",
    goal: "scientist-as-another",
    chain: ["write objects", "definition runs"],
    hole: { allow: { "studio-data-scientist": [allow("s3:PutObject", object("def*"))] } },
  },
  {
    edge: "package is believed",
    role: "ml-engineer",
    goal: "production-without-approver",
    chain: ["edit a package", "package is believed"],
    hole: {
      byStatus: true,
      allow: {
        "ml-engineer": [
          allow("sagemaker:UpdateModelPackage", "*", { Null: { "sagemaker:ModelApprovalStatus": "true" } }),
        ],
      },
    },
  },
  {
    edge: "package is believed",
    role: "deployer",
    goal: "production-without-approver",
    chain: ["open a package group", "use an opening", "package is believed"],
    hole: { byStatus: true, allow: { deployer: [allow("sagemaker:PutModelPackageGroupPolicy")] } },
  },
  {
    edge: "evidence is believed",
    role: "ml-engineer",
    goal: "production-without-approver",
    chain: ["write objects", "evidence is believed"],
    hole: { byStatus: true, allow: { "ml-engineer": [allow("s3:PutObject", object("runs/*"))] } },
  },
  {
    edge: "evidence is believed",
    role: "data-scientist",
    goal: "production-without-approver",
    chain: ["pass to a training job", "write objects", "evidence is believed"],
    hole: {
      byStatus: true,
      allow: { "data-scientist": [allow("sagemaker:CreateTrainingJob"), pass("training-execution", sm)] },
    },
  },
  {
    edge: "approval is believed",
    role: "deployer",
    goal: "production-without-approver",
    chain: ["approve a package", "approval is believed", "approval is believed"],
    hole: {
      byStatus: true,
      allow: {
        deployer: [
          allow("sagemaker:UpdateModelPackage", "*", { StringEquals: { "sagemaker:ModelApprovalStatus": "Approved" } }),
        ],
      },
    },
  },
  {
    edge: "approval is believed",
    role: "deployer",
    goal: "production-without-approver",
    chain: ["sign with a key", "write objects", "signed decision is believed", "approval is believed"],
    hole: { allow: { deployer: [allow("kms:Sign"), allow("s3:PutObject", object("approvals/*"))] } },
  },
  {
    edge: "state is believed",
    role: "ml-engineer",
    goal: "engineer-as-another",
    chain: ["write objects", "state is believed"],
    hole: { allow: { "ml-engineer": [allow("s3:PutObject", "arn:aws:s3:::states/*")] } },
  },
  {
    edge: "state is believed",
    role: "prod/deployer",
    goal: "release-build",
    chain: ["write objects", "state is believed"],
    hole: { allow: { "prod/deployer": [allow("s3:PutObject", "arn:aws:s3:::states/.pulumi/stacks/*/prod.json")] } },
  },
  {
    edge: "candidate is made",
    role: "approver",
    goal: "four-eyes",
    chain: ["sign with a key", "write objects", "signed decision is believed", "write objects", "candidate is made"],
    hole: { allow: { approver: [allow("s3:PutObject", object("runs/*"))] } },
  },
  {
    edge: "candidate is made",
    role: "approver",
    goal: "four-eyes",
    chain: [
      "sign with a key",
      "write objects",
      "signed decision is believed",
      "register a package",
      "candidate is made",
    ],
    hole: {
      allow: {
        approver: [
          allow("sagemaker:CreateModelPackage", "*", {
            StringNotEquals: { "sagemaker:ModelApprovalStatus": "Approved" },
          }),
        ],
      },
    },
  },
];

const serving: readonly Planted[] = [
  ...of(
    "serve another model",
    [
      "prod/ml-engineer",
      "production-without-approver",
      allow("sagemaker:CreateModel sagemaker:CreateEndpointConfig sagemaker:UpdateEndpoint", sagemaker("*/*")),
      ["archive is served"],
    ],
    [
      "prod/deployer",
      "production-without-approver",
      allow("sagemaker:CreateEndpointConfig sagemaker:DeleteEndpoint sagemaker:CreateEndpoint", "*"),
      ["archive is served"],
    ],
  ),
  ...of(
    "serve an earlier release",
    ["auditor", AUD, allow("sagemaker:UpdateEndpoint", sagemaker("endpoint/*"))],
    ["ci-preview", "preview-changes", allow("sagemaker:DeleteEndpoint", sagemaker("endpoint/dev"))],
  ),
  {
    edge: "set container variables",
    role: "auditor",
    goal: AUD,
    chain: ["pass to a model"],
    hole: {
      allow: {
        auditor: [
          allow("sagemaker:CreateModel sagemaker:CreateEndpointConfig sagemaker:UpdateEndpoint", "*"),
          pass("endpoint-execution", sm),
        ],
      },
    },
  },
  {
    edge: "set container variables",
    role: "data-scientist",
    goal: "scientist-as-another",
    chain: ["pass to a model"],
    hole: {
      allow: { "data-scientist": [allow("sagemaker:*Model sagemaker:*Endpoint*"), pass("endpoint-execution", sm)] },
    },
  },
  ...of(
    "open a presigned door",
    [
      "data-scientist",
      "scientist-as-another",
      allow("sagemaker:CreatePresignedDomainUrl", sagemaker("user-profile/*")),
    ],
    [
      "deployer",
      "deployer-as-person",
      allow("sagemaker:CreatePresigned*", sagemaker("user-profile/d-dev/ben"), {
        StringEquals: { "aws:ResourceTag/environment": "dev" },
      }),
    ],
  ),
  ...of(
    "open a presigned notebook",
    [
      "data-scientist",
      "scientist-as-another",
      allow("sagemaker:CreatePresignedNotebookInstanceUrl", sagemaker("notebook-instance/*")),
    ],
    ["auditor", AUD, allow("sagemaker:CreatePresigned*", sagemaker("notebook-instance/dev"))],
  ),
  ...of(
    "start a pipeline",
    ["auditor", AUD, allow("sagemaker:StartPipelineExecution", sagemaker("pipeline/training"))],
    ["ci-preview", "preview-changes", allow("sagemaker:Retry*")],
  ),
  ...of(
    "call a function",
    ["auditor", AUD, allow("lambda:InvokeFunction")],
    ["ci-preview", "preview-changes", allow("lambda:Invoke*", arn("lambda", "function:dev-*"))],
  ),
  ...of(
    "send a message",
    ["auditor", AUD, allow("sqs:SendMessage", arn("sqs", "dev-*"))],
    ["ci-preview", "preview-changes", allow("sns:Publish")],
    ["auditor", AUD, allow("events:PutEvents")],
  ),
  ...of(
    "start a build",
    [
      "auditor",
      AUD,
      allow("codebuild:StartBuild", "*", { Null: { "codebuild:source": "true", "codebuild:environment": "true" } }),
    ],
    [
      "ci-preview",
      "preview-changes",
      allow("codebuild:StartBuild", arn("codebuild", "project/dev-release"), {
        Null: { "codebuild:source": "true", "codebuild:environment": "true" },
      }),
    ],
  ),
];

const openings: readonly Planted[] = [
  ...of(
    "open a bucket",
    ["deployer", "evidence", allow("s3:PutBucketPolicy", "arn:aws:s3:::artifacts"), ["use an opening"]],
    ["deployer", "trail", allow("s3:DeleteBucketPolicy", "arn:aws:s3:::audit-*")],
    ["data-scientist", "dataset", allow("s3:PutBucketAcl", "arn:aws:s3:::dataset")],
  ),
  ...of(
    "open a queue",
    ["auditor", AUD, allow("sqs:SetQueueAttributes")],
    ["ci-preview", "preview-changes", allow("sqs:AddPermission", arn("sqs", "dev-requests"))],
  ),
  ...of(
    "open a topic",
    ["auditor", AUD, allow("sns:SetTopicAttributes")],
    ["ci-preview", "preview-changes", allow("sns:AddPermission")],
  ),
  ...of(
    "open a function",
    ["auditor", AUD, allow("lambda:AddPermission")],
    ["ci-preview", "preview-changes", allow("lambda:CreateFunctionUrlConfig")],
  ),
  ...of(
    "open a repository",
    ["data-scientist", "scientist-as-another", allow("ecr:SetRepositoryPolicy"), ["use an opening", "image runs"]],
    ["auditor", AUD, allow("ecr:Set*", arn("ecr", "repository/images"))],
  ),
  ...of(
    "open a package group",
    ["auditor", AUD, allow("sagemaker:PutModelPackageGroupPolicy")],
    ["ci-preview", "preview-changes", allow("sagemaker:Put*", sagemaker("model-package-group/dev"))],
  ),
  ...of(
    "open a bus",
    ["auditor", AUD, allow("events:PutPermission")],
    ["ci-preview", "preview-changes", allow("events:PutPermission", arn("events", "event-bus/dev"))],
  ),
  ...of(
    "open a key",
    ["deployer", "trail", allow("kms:PutKeyPolicy", arn("kms", "key/*"))],
    [
      "ml-engineer",
      "engineer-decides",
      [allow("kms:PutKeyPolicy", arn("kms", "key/approvals")), allow("s3:PutObject", object("approvals/*"))],
      ["use an opening", "write objects", "signed decision is believed"],
    ],
  ),
  ...of(
    "lend a key",
    ["auditor", AUD, allow("kms:CreateGrant", "*", { Bool: { "kms:GrantIsForAWSResource": "false" } })],
    ["deployer", "trail", allow("kms:CreateGrant", arn("kms", "key/dev-audit"))],
  ),
  ...of(
    "rename a key",
    ["deployer", "trail", allow("kms:UpdateAlias", [arn("kms", "key/*"), arn("kms", "alias/*")])],
    ["auditor", AUD, allow("kms:DeleteAlias kms:CreateAlias")],
  ),
  ...of(
    "retag",
    ["auditor", AUD, allow("sqs:TagQueue")],
    [
      "auditor",
      AUD,
      allow("cloudtrail:AddTags", "*", { "ForAllValues:StringEquals": { "aws:TagKeys": ["environment", "note"] } }),
    ],
    [
      "data-scientist",
      "scientist-as-another",
      [
        allow("sagemaker:AddTags", sagemaker("user-profile/*")),
        allow("sagemaker:CreatePresignedDomainUrl", sagemaker("user-profile/*"), {
          StringEquals: { "aws:ResourceTag/environment": "mine" },
        }),
      ],
      ["open a presigned door"],
    ],
  ),
  {
    edge: "use an opening",
    role: "data-scientist",
    goal: "others-folders",
    chain: ["open a bucket", "use an opening"],
    hole: { allow: { "data-scientist": [allow("s3:PutBucketPolicy", "arn:aws:s3:::artifacts")] } },
  },
  // A policy of the thing itself lets somebody in, and no policy of theirs does.
  {
    edge: "write objects",
    role: "auditor",
    goal: AUD,
    chain: ["write objects"],
    hole: {
      policy: {
        "dev runs/": [
          {
            Effect: "Allow",
            Principal: { AWS: roleArn("auditor") },
            Action: ["s3:PutObject"],
            Resource: object("runs/*"),
          },
        ],
      },
    },
  },
  {
    edge: "open a queue",
    role: "auditor",
    goal: AUD,
    chain: ["send a message"],
    hole: {
      policy: {
        "dev queue requests": [
          {
            Effect: "Allow",
            Principal: { AWS: [roleArn("auditor")] },
            Action: ["sqs:*"],
            Resource: arn("sqs", "dev-requests"),
          },
        ],
      },
    },
  },
];

const silence: readonly Planted[] = [
  ...of(
    "feed an alarm",
    [
      "data-scientist",
      "others-alarms",
      allow("cloudwatch:PutMetricData", "*", { StringLike: { "cloudwatch:namespace": "Peregrine/*" } }),
    ],
    [
      "auditor",
      AUD,
      allow("cloudwatch:PutMetricData", "*", { StringEquals: { "cloudwatch:namespace": "Peregrine/dev" } }),
    ],
  ),
  ...of(
    "silence an alarm",
    ["data-scientist", "others-alarms", allow("cloudwatch:DeleteAlarms")],
    ["auditor", AUD, allow("cloudwatch:SetAlarmState", arn("cloudwatch", "alarm:dev-*"))],
  ),
  ...of(
    "silence a rule",
    ["auditor", AUD, allow("events:DisableRule")],
    ["ci-preview", "preview-changes", allow("events:RemoveTargets", arn("events", "rule/*"))],
  ),
  ...of(
    "silence a schedule",
    ["auditor", AUD, allow("scheduler:DeleteSchedule")],
    ["ci-preview", "preview-changes", allow("scheduler:Update*", arn("scheduler", "schedule/dev/*"))],
  ),
  ...of(
    "silence a topic",
    ["auditor", AUD, allow("sns:DeleteTopic")],
    ["ci-preview", "preview-changes", allow("sns:Unsubscribe", arn("sns", "dev-*"))],
  ),
  ...of(
    "silence a queue",
    ["auditor", AUD, allow("sqs:PurgeQueue")],
    ["ci-preview", "preview-changes", allow("sqs:Delete*")],
  ),
  ...of(
    "silence a function",
    ["auditor", AUD, allow("lambda:PutFunctionConcurrency")],
    ["ci-preview", "preview-changes", allow("lambda:DeleteFunction")],
  ),
  ...of(
    "delete a project",
    ["auditor", AUD, allow("codebuild:StopBuild")],
    ["ci-preview", "preview-changes", allow("codebuild:DeleteProject", arn("codebuild", "project/*"))],
  ),
  ...of(
    "stop a trail",
    ["deployer", "trail", allow("cloudtrail:StopLogging")],
    ["prod/deployer", "trail", allow("cloudtrail:Put*", arn("cloudtrail", "trail/prod"))],
  ),
  ...of(
    "forget logs",
    ["deployer", "trail", allow("logs:PutRetentionPolicy", arn("logs", "log-group:/dev/*"))],
    ["prod/deployer", "trail", allow("logs:Delete*")],
  ),
  ...of(
    "let a bucket forget",
    ["deployer", "trail", allow("s3:PutLifecycleConfiguration", "arn:aws:s3:::audit-dev")],
    ["prod/deployer", "trail", allow("s3:PutBucketObjectLockConfiguration")],
    ["ml-engineer", "evidence", allow("s3:PutLifecycleConfiguration", "arn:aws:s3:::artifacts"), ["bucket forgets"]],
  ),
  {
    edge: "bucket forgets",
    role: "deployer",
    goal: "evidence",
    chain: ["let a bucket forget", "bucket forgets"],
    hole: { allow: { deployer: [allow("s3:DeleteBucket", "arn:aws:s3:::*")] } },
  },
  ...of(
    "unlock objects",
    ["deployer", "evidence", allow("s3:BypassGovernanceRetention s3:PutObjectRetention", object("*", "audit-dev"))],
    ["auditor", AUD, allow("s3:Bypass* s3:PutObjectRetention", object("ledger/*"))],
  ),
  ...of(
    "end a key",
    ["deployer", "trail", allow("kms:DisableKey", "*", { StringEquals: { "aws:ResourceTag/environment": "dev" } })],
    ["auditor", AUD, allow("kms:Schedule*")],
  ),
  ...of(
    "delete packages",
    ["auditor", AUD, allow("sagemaker:DeleteModelPackage", sagemaker("model-package/dev/*"))],
    ["ci-preview", "preview-changes", allow("sagemaker:DeleteModelPackageGroup")],
  ),
];

export const planted: readonly Planted[] = [
  ...identities,
  ...passing,
  ...code,
  ...data,
  ...serving,
  ...openings,
  ...silence,
];

/** Edge kinds that occur in the chains of holes. */
export const coveredEdges = (): Map<string, number> => {
  const count = new Map<string, number>();
  for (const { edge, chain } of planted)
    for (const one of new Set([edge, ...list(chain)])) count.set(one, (count.get(one) ?? 0) + 1);
  return count;
};
