import assert from "node:assert/strict";
import { buildVariables, type ReleaseRequest } from "../../../../contract/release-request";
import { policyDocument, type Statement } from "../../../../infra/identity/document";
import { releaseBoundary } from "../../../../infra/identity/documents/release-boundary";
import { releaseTargets } from "../../../../infra/identity/documents/release";
import { type ReleaseRole, releaseRoles } from "../../../../infra/identity/roles/release";
import { sizesOf } from "../../../../infra/identity/policy-sizes";
import { type Recorder, record } from "../../../support/mocks";
import { runProgram } from "../../../support/program";
import { scopeOf } from "../../../support/scope";
import { datasetBucket } from "../../../support/dataset";

const state = { "peregrine:releaseBackendUrl": "s3://a-state-bucket-with-a-long-name?region=eu-central-1" };
const scope = scopeOf("dev", state);
const targets = releaseTargets(scope);
const roles = releaseRoles(scope) as Record<ReleaseRole, NonNullable<ReturnType<typeof releaseRoles>[ReleaseRole]>>;
const statements: Statement[] = Object.values(roles["release-build"].duties).flat();
const allowed = statements.filter(({ Effect }) => Effect === "Allow");
const boundary = releaseBoundary(scope, targets);

/** Whether an action name is covered by a pattern with asterisks. */
const covers = (pattern: string, action: string): boolean =>
  new RegExp(`^${pattern.replaceAll("*", ".*")}$`).test(action);
const allows = (list: readonly Statement[], action: string): boolean =>
  list.some((one) => one.Effect === "Allow" && one.Action.some((pattern) => covers(pattern, action)));
const denies = (list: readonly Statement[], action: string): boolean =>
  list.some(
    (one) =>
      one.Effect === "Deny" &&
      !one.Condition &&
      one.Resource?.includes("*") &&
      one.Action.some((pattern) => covers(pattern, action)),
  );

/** What no release may do: decisions, infrastructure, identities. */
const forbidden = [
  "sagemaker:CreateModelPackage",
  "sagemaker:DeleteModelPackage",
  "sagemaker:CreateTrainingJob",
  "sagemaker:StartPipelineExecution",
  "sagemaker:UpdatePipeline",
  "iam:CreateRole",
  "iam:PutRolePolicy",
  "iam:AttachRolePolicy",
  "iam:UpdateAssumeRolePolicy",
  "iam:DeleteRole",
  "iam:CreatePolicyVersion",
  "s3:CreateBucket",
  "s3:DeleteBucket",
  "s3:PutBucketPolicy",
  "s3:PutLifecycleConfiguration",
  "s3:DeleteObjectVersion",
  "kms:PutKeyPolicy",
  "kms:ScheduleKeyDeletion",
  "lambda:CreateFunction",
  "lambda:UpdateFunctionCode",
  "lambda:InvokeFunction",
  "events:PutRule",
  "events:DeleteRule",
  "events:PutTargets",
  "sns:CreateTopic",
  "sns:DeleteTopic",
  "sqs:DeleteQueue",
  "ecr:PutImage",
  "codebuild:UpdateProject",
  "codebuild:StartBuild",
  "sts:AssumeRole",
];

describe("the role of release builds", () => {
  it("stays below IAM's limits, with a state bucket and its key", () => {
    for (const { policy, size, limit } of sizesOf(roles["release-build"]))
      assert.ok(size < limit, `${policy}: ${size} of ${limit} characters`);
    assert.ok(policyDocument(boundary).length < 6_144);
    assert.deepEqual(
      statements
        .map(({ Sid }) => Sid)
        .filter((id, index, all) => all.indexOf(id) !== index || !/^[A-Za-z0-9]+$/.test(id)),
      [],
    );
  });

  for (const action of forbidden)
    it(`is not allowed ${action}`, () => {
      assert.equal(allows(allowed, action), false);
    });

  it("may reject a candidate and say nothing else of it, whatever is attached to it later", () => {
    const deciding = allowed.filter(({ Action }) =>
      Action.some((action) => covers(action, "sagemaker:UpdateModelPackage")),
    );
    assert.deepEqual(
      deciding.map(({ Resource, Condition }) => [Resource, Condition]),
      [
        [
          ["arn:aws:sagemaker:eu-central-1:123456789012:model-package/peregrine-dev-detector/*"],
          { StringEquals: { "sagemaker:ModelApprovalStatus": "Rejected" } },
        ],
      ],
    );
    const kept = boundary.find(({ Sid }) => Sid === "NeverApprove")!;
    assert.deepEqual(
      [kept.Effect, kept.Action, kept.Resource, kept.Condition],
      [
        "Deny",
        ["sagemaker:UpdateModelPackage"],
        ["*"],
        { StringNotEquals: { "sagemaker:ModelApprovalStatus": "Rejected" } },
      ],
    );
  });

  it("ends steps of the registry's own pipeline, and no others", () => {
    const ending = allowed.filter(({ Action }) =>
      Action.some((action) => action.includes("SendPipelineExecutionStep")),
    );
    assert.deepEqual(
      ending.map(({ Resource }) => Resource),
      [["arn:aws:sagemaker:eu-central-1:123456789012:pipeline/peregrine-dev-training/execution/*"]],
    );
  });

  it("is kept from deciding, from identities and from buckets by its boundary as well, whatever is attached to it later", () => {
    for (const action of forbidden)
      assert.ok(
        denies(boundary, action) ||
          !allows(boundary, action) ||
          ["s3:DeleteObjectVersion", "codebuild:StartBuild"].includes(action),
        action,
      );
  });

  it("makes no model that reaches a network, whatever is attached to it later", () => {
    const open = boundary.find(({ Sid }) => Sid === "IsolatedModelsOnly")!;
    assert.deepEqual(
      [open.Effect, open.Action, open.Resource, open.Condition],
      ["Deny", ["sagemaker:CreateModel"], ["*"], { BoolIfExists: { "sagemaker:NetworkIsolation": "false" } }],
    );
  });

  it("passes exactly the targets' endpoint roles, only to SageMaker", () => {
    const passing = allowed.filter(({ Action }) => Action.some((action) => covers(action, "iam:PassRole")));
    const exact = ["staging", "prod"].map(
      (name) => `arn:aws:iam::123456789012:role/peregrine/${name}/peregrine-${name}-endpoint-execution`,
    );
    assert.deepEqual(
      passing.map(({ Resource, Condition }) => [Resource, Condition]),
      [[exact, { StringEquals: { "iam:PassedToService": "sagemaker.amazonaws.com" } }]],
    );
    assert.deepEqual(boundary.find(({ NotResource }) => NotResource)?.NotResource, exact);
  });

  it("changes named things of the targets only; of the registry it writes the champion alone", () => {
    const harmless = /:(Get|List|Describe|Search|Query|Batch)|^kms:(Decrypt|GenerateDataKey|Encrypt)$/;
    for (const { Sid, Action, Resource, Condition } of allowed) {
      if (Action.every((action) => harmless.test(action))) continue;
      // Metrics know no resource: their namespace stands in.
      if (Action.every((action) => action === "cloudwatch:PutMetricData")) {
        assert.deepEqual(Condition, {
          StringEquals: { "cloudwatch:namespace": ["Peregrine/staging/release", "Peregrine/prod/release"] },
        });
        continue;
      }
      for (const arn of Resource!) {
        assert.notEqual(arn, "*", Sid);
        // Of trials: the steps that wait for them, and packages that may be rejected.
        if (["EndTrials", "RejectCandidates"].includes(Sid)) continue;
        if (/peregrine-dev/.test(arn))
          assert.match(
            arn,
            /^arn:aws:s3:::peregrine-dev-artifacts-\d+\/champion\/\*$|log-group:\/aws\/codebuild\/peregrine-dev-release:\*$/,
            Sid,
          );
      }
    }
  });

  it("may look at quotas and images before it begins, tell the golden alarm, and note the ledger's head; within its boundary", () => {
    for (const action of [
      "servicequotas:ListServiceQuotas",
      "servicequotas:ListAWSDefaultServiceQuotas",
      "ecr:DescribeImages",
      "cloudwatch:PutMetricData",
      "ssm:PutParameter",
    ])
      for (const held of [allowed, boundary]) assert.ok(allows(held, action), action);
    assert.ok(
      allowed.some(
        ({ Action, Resource }) =>
          Action.includes("ssm:PutParameter") &&
          Resource?.some((arn) => arn.endsWith(":parameter/peregrine/prod/ledger-head")),
      ),
    );
  });

  it("never writes the dataset", () => {
    for (const { Action, Resource } of allowed)
      if (Resource?.some((arn) => arn.includes(datasetBucket)))
        assert.ok(Action.every((action) => /^s3:(Get|List)/.test(action)));
    assert.ok(boundary.some(({ Sid }) => Sid === "NeverWriteDataset"));
  });

  it("keeps the stacks' state only where the settings name a place for it", () => {
    const withoutState = Object.values(releaseRoles(scopeOf("dev"))["release-build"]!.duties)
      .flat()
      .map(({ Sid }) => Sid);
    assert.deepEqual(
      statements.map(({ Sid }) => Sid).filter((sid) => !withoutState.includes(sid)),
      ["FindState", "ReadBackend", "KeepState", "KeepSecrets"],
    );
    const files = statements.find(({ Sid }) => Sid === "KeepState")!.Resource!;
    assert.equal(files.length, 12);
    for (const environment of ["dev", "staging", "prod"])
      assert.ok(
        files.includes(`arn:aws:s3:::a-state-bucket-with-a-long-name/.pulumi/stacks/peregrine/${environment}.*`),
        files.join(),
      );
    assert.deepEqual(statements.find(({ Sid }) => Sid === "KeepSecrets")!.Condition, {
      "ForAnyValue:StringEquals": {
        "kms:ResourceAliases": [
          "alias/peregrine-dev-state",
          "alias/peregrine-staging-state",
          "alias/peregrine-prod-state",
        ],
      },
    });
  });
});

describe("the role that starts release builds", () => {
  it("is Lambda's; it takes approvals and requests, sees and starts builds of that one project, and writes its log", () => {
    const { trusted, duties } = roles["release-request"];
    const queue = (name: string) => `arn:aws:sqs:eu-central-1:123456789012:peregrine-requests-${name}`;
    const project = ["arn:aws:codebuild:eu-central-1:123456789012:project/peregrine-dev-release"];
    assert.deepEqual(trusted, { service: "lambda.amazonaws.com" });
    assert.deepEqual(
      Object.values(duties)
        .flat()
        .map(({ Sid, Resource }) => [Sid, Resource])
        .slice(0, 3),
      [
        ["TakeRequests", ["approvals-dev", "staging", "prod"].map(queue)],
        ["SeeBuilds", project],
        ["StartRequested", project],
      ],
    );
  });
});

describe("the roles that start builds", () => {
  it("set the variables of their purpose and override nothing of what a build is", () => {
    const starts = Object.entries(roles).flatMap(([name, role]) =>
      Object.values(role.duties)
        .flat()
        .filter(({ Action }) => Action.includes("codebuild:StartBuild"))
        .map((statement) => ({ name, statement })),
    );
    assert.deepEqual(
      starts.map(({ name }) => name),
      ["release-request", "staging-trial"],
    );
    for (const {
      name,
      statement: { Condition },
    } of starts) {
      for (const key of [
        "source.buildspec",
        "source.location",
        "serviceRole",
        "environment.image",
        "environment.privilegedMode",
      ])
        assert.equal(Condition!["Null"]![`codebuild:${key}`], "true", `${name}: ${key}`);
      assert.ok(
        (
          Condition!["ForAllValues:StringEquals"]!["codebuild:environment.environmentVariables.name"] as string[]
        ).includes("MODEL_PACKAGE_ARN"),
        name,
      );
    }
  });
});

describe("the role that starts what was asked for", () => {
  it("may set the variables of every request, and no others", () => {
    const experiment = "x-0123456789ab";
    const modelPackageArn = "arn:aws:sagemaker:eu-central-1:123456789012:model-package/peregrine-dev-detector/1";
    const requests: Readonly<Record<ReleaseRequest["action"], ReleaseRequest>> = {
      release: { action: "release", modelPackageArn },
      rollback: { action: "rollback" },
      "start-experiment": { action: "start-experiment", modelPackageArn, file: "{}" },
      "end-experiment": { action: "end-experiment", experiment },
    };
    const wanted = Object.values(requests).flatMap((one) => Object.keys(buildVariables("staging", one, "ben")));
    const { Condition } = Object.values(roles["release-request"].duties)
      .flat()
      .find(({ Sid }) => Sid === "StartRequested")!;
    const granted = Condition!["ForAllValues:StringEquals"]!["codebuild:environment.environmentVariables.name"];
    assert.deepEqual([...(granted as string[])].sort(), [...new Set(wanted)].sort());
  });
});

describe("the role that starts trials", () => {
  const { trusted, duties } = roles["staging-trial"];
  const own = Object.values(duties).flat();

  it("is Lambda's, and reaches the queue, the project, the pipeline's executions and its logs", () => {
    assert.deepEqual(trusted, { service: "lambda.amazonaws.com" });
    assert.deepEqual(
      own.map(({ Sid, Resource }) => [Sid, Resource]),
      [
        ["TakeRequests", ["arn:aws:sqs:eu-central-1:123456789012:peregrine-dev-trials"]],
        ["StartTrials", ["arn:aws:codebuild:eu-central-1:123456789012:project/peregrine-dev-release"]],
        ["SeeTrials", ["arn:aws:codebuild:eu-central-1:123456789012:project/peregrine-dev-release"]],
        [
          "WriteLogs",
          ["deploy-candidate", "end-trial"].map(
            (name) => `arn:aws:logs:eu-central-1:123456789012:log-group:/aws/lambda/peregrine-dev-${name}:*`,
          ),
        ],
        ["EndTrials", ["arn:aws:sagemaker:eu-central-1:123456789012:pipeline/peregrine-dev-training/execution/*"]],
      ],
    );
  });

  it("is allowed nothing that its boundary forbids", () => {
    for (const action of own.flatMap(({ Action }) => Action))
      assert.ok(allows(boundary, action) && !denies(boundary, action), action);
  });

  it("does not exist where staging is no target", () => {
    assert.deepEqual(Object.keys(releaseRoles(scopeOf("dev", { "peregrine:releaseTargets": "prod" }))), [
      "release-build",
      "release-request",
    ]);
    const build = releaseRoles(scopeOf("dev", { "peregrine:releaseTargets": "prod" }))["release-build"]!;
    assert.ok(
      !Object.values(build.duties)
        .flat()
        .some(({ Action }) => Action.includes("sagemaker:UpdateModelPackage")),
    );
  });
});

describe("roles of releases in the program", () => {
  let recorder: Recorder;
  before(async () => {
    recorder = await record("dev");
    await runProgram("dev");
  });

  it("have the narrower boundary, which alone lets them cross into the targets", () => {
    const boundaries = Object.fromEntries(
      recorder
        .ofType("aws:iam/role:Role")
        .map(({ inputs }) => [inputs["name"], inputs["permissionsBoundary"].split("/").at(-1)]),
    );
    assert.equal(boundaries["peregrine-dev-release-build"], "peregrine-dev-identity-release-boundary");
    assert.equal(boundaries["peregrine-dev-release-request"], "peregrine-dev-identity-release-boundary");
    assert.deepEqual(
      Object.entries(boundaries).filter(([, name]) => name === "peregrine-dev-identity-release-boundary").length,
      3,
    );
  });
});
