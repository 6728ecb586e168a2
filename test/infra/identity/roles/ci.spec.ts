import assert from "node:assert/strict";
import { type CiRole, ciRoles } from "../../../../infra/identity/roles/ci";
import { humanRoles } from "../../../../infra/identity/roles/people";
import type { RoleDescription } from "../../../../infra/identity/roles/role-definition";
import { environments } from "../../../../contract/environments";
import { statementsOf } from "../../../../infra/identity/roles/all-roles";
import { sizesOf } from "../../../../infra/identity/policy-sizes";
import { built } from "../../../support/build";
import { problemsOf } from "../../../support/iam-actions";
import { scopeOf } from "../../../support/scope";
import { operationsRoles } from "../../../../infra/identity/roles/operations";

const repository = {
  "peregrine:ciRepository": "example/peregrine",
  "peregrine:releaseBackendUrl": "s3://state-of-stacks",
};
const protectedBy = { ...repository, "peregrine:ciEnvironment": "production" };
const rolesOf = (stack: string, changes = repository) =>
  ciRoles(scopeOf(stack, changes)) as Record<CiRole, RoleDescription>;
const trustOf = async (role: CiRole, changes: Readonly<Record<string, string>>) =>
  JSON.parse(
    (await built("prod", changes)).recorder.one("aws:iam/role:Role", `peregrine-prod-ci-${role}-role`).inputs[
      "assumeRolePolicy"
    ],
  ).Statement[0];

describe("roles of CI", () => {
  it("are not there unless a repository is named", async () => {
    assert.deepEqual(ciRoles(scopeOf("prod")), {});
    const { recorder } = await built("prod");
    assert.equal(recorder.ofType("aws:iam/openIdConnectProvider:OpenIdConnectProvider").length, 0);
  });

  it("trust GitHub's tokens for AWS, of one branch of one repository", async () => {
    const { Action, Condition, Principal } = await trustOf("ci-deployer", repository);
    assert.deepEqual(Action, ["sts:AssumeRoleWithWebIdentity"]);
    assert.deepEqual(Principal, {
      Federated: "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com",
    });
    assert.deepEqual(Condition, {
      StringEquals: {
        "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
        "token.actions.githubusercontent.com:sub": ["repo:example/peregrine:ref:refs/heads/main"],
      },
    });
  });

  it("trust a protected GitHub environment instead of the branch where one is named", async () => {
    assert.deepEqual(
      (await trustOf("ci-deployer", protectedBy)).Condition.StringEquals["token.actions.githubusercontent.com:sub"],
      ["repo:example/peregrine:environment:production"],
    );
  });

  it("let pull requests preview and nothing else", async () => {
    assert.deepEqual(
      (await trustOf("ci-preview", protectedBy)).Condition.StringEquals["token.actions.githubusercontent.com:sub"],
      ["repo:example/peregrine:pull_request"],
    );
    for (const { Effect, Action, Sid } of statementsOf(rolesOf("prod")["ci-preview"]))
      if (Effect === "Allow")
        assert.deepEqual(
          Action.filter((action) => !/:(Get|List|Describe|Search|Query|Decrypt)/.test(action)),
          [],
          Sid,
        );
  });

  it("deploy what a person deploys, under the boundary of deployers, and build the image", () => {
    const ci = rolesOf("prod")["ci-deployer"];
    const person = humanRoles(scopeOf("prod", repository)).deployer!;
    assert.equal(ci.boundary, "deployer-boundary");
    const { images, ...rest } = ci.duties;
    assert.deepEqual(rest, person.duties);
    assert.deepEqual(
      images!.map(({ Action, Resource }) => [Action, Resource]),
      [
        [["codebuild:StartBuild"], ["arn:aws:codebuild:eu-central-1:123456789012:project/peregrine-prod-image"]],
        [["codebuild:BatchGetBuilds"], ["arn:aws:codebuild:eu-central-1:123456789012:project/peregrine-prod-image"]],
      ],
    );
    // The project says what a build is: a caller overrides nothing of it.
    assert.equal(images![0]!.Condition!["Null"]!["codebuild:source.buildspec"], "true");
    assert.deepEqual(images![0]!.Condition!["ForAllValues:StringEquals"], {
      "codebuild:environment.environmentVariables.name": [],
    });
  });

  it("are under the boundary of deployers", async () => {
    const { recorder } = await built("prod", repository);
    for (const role of ["ci-deployer", "ci-preview"])
      assert.match(
        recorder.one("aws:iam/role:Role", `peregrine-prod-ci-${role}-role`).inputs["permissionsBoundary"],
        /identity-deployer-boundary/,
      );
  });

  it("share a provider that exists", async () => {
    const existing = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com";
    const { recorder } = await built("prod", { ...repository, "peregrine:ciOidcProviderArn": existing });
    assert.equal(recorder.ofType("aws:iam/openIdConnectProvider:OpenIdConnectProvider").length, 0);
    const own = (await built("prod", repository)).recorder.one(
      "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
    ).inputs;
    assert.deepEqual(
      [own["url"], own["clientIdLists"]],
      ["https://token.actions.githubusercontent.com", ["sts.amazonaws.com"]],
    );
  });

  for (const stack of environments)
    it(`stay below IAM's limits in ${stack}`, () => {
      for (const role of Object.values(rolesOf(stack)))
        for (const { policy, size, limit } of sizesOf(role)) assert.ok(size < limit, `${policy}: ${size} of ${limit}`);
    });

  it("name actions, resources and condition keys as AWS knows them", async () => {
    const statements = [
      ...Object.values(rolesOf("dev")).flatMap(statementsOf),
      ...Object.values(
        operationsRoles(
          scopeOf("dev", {
            "peregrine:monitoringMode": "self-hosted",
            "peregrine:alertRoutes": '["a serving critical slack:T0123ABC/C0456DEF"]',
          }),
        ),
      ).flatMap(statementsOf),
    ];
    const own = statements.filter(({ Sid }) =>
      [
        "SeeNetwork",
        "SeeImageBuilds",
        "Forward",
        "RunMonitoring",
        "StartMonitoring",
        "KeepDeadLetters",
        "PullBaseImage",
        "PushImage",
      ].includes(Sid),
    );
    assert.equal(new Set(own.map(({ Sid }) => Sid)).size, 8);
    assert.deepEqual((await Promise.all(own.map(problemsOf))).flat(), []);
  });
});
