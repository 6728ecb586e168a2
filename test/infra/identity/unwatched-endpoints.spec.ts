import assert from "node:assert/strict";
import { environments } from "../../../contract/environments";
import { policyDocument } from "../../../infra/identity/document";
import { permissionsBoundary } from "../../../infra/identity/documents/boundary";
import { allRoles, statementsOf } from "../../../infra/identity/roles/all-roles";
import { noticeRules } from "../../../infra/reactions/rules";
import { Scope } from "../../../infra/scope";
import type { Principal } from "../../../local/iam/principal";
import { compilePattern } from "../../../local/services/events/patterns";
import { Account, ACCOUNT } from "../../local/services/codebuild/account";
import { scopeOf, settingsOf } from "../../support/scope";

/** Deploying is never unwatched: who may make an endpoint brings everything that watches it. */
describe("an endpoint beside the platform", () => {
  const scope = new Scope(settingsOf("dev"), { accountId: ACCOUNT, partition: "aws" });
  let account: Account;
  let engineer: Principal;

  before(async () => {
    account = await Account.open();
    const policy = async (PolicyName: string, document: string): Promise<string> => {
      const { Policy } = await account.call("iam", "CreatePolicy", { PolicyName, PolicyDocument: document });
      return Policy.Arn as string;
    };
    const name = scope.roleName("ml-engineer");
    // Who takes the role is not the question here.
    await account.call("iam", "CreateRole", {
      RoleName: name,
      Path: scope.rolePath,
      PermissionsBoundary: await policy("boundary", policyDocument(permissionsBoundary(scope))),
      AssumeRolePolicyDocument: JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal: { Service: "sagemaker.amazonaws.com" }, Action: "sts:AssumeRole" }],
      }),
    });
    const duties = allRoles(scope)["ml-engineer"]!.duties;
    for (const [duty, statements] of Object.entries(duties))
      await account.call("iam", "PutRolePolicy", {
        RoleName: name,
        PolicyName: duty,
        PolicyDocument: policyDocument(statements),
      });
    // Whatever somebody gives them one day: the boundary stays.
    await account.call("iam", "PutRolePolicy", {
      RoleName: name,
      PolicyName: "too-much",
      PolicyDocument: JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: "sagemaker:*", Resource: "*" }],
      }),
    });
    engineer = account.local.cloud.internals.assume(scope.roleArn("ml-engineer"), "sagemaker.amazonaws.com", "ben");
  });
  after(() => account?.close());

  it("cannot be made by an ML engineer by API, under whatever name, even with all rights of SageMaker", async () => {
    for (const name of [scope.endpointName, `${scope.names.prefix}-mine`, "mine"])
      for (const [operation, input] of [
        [
          "CreateEndpointConfig",
          {
            EndpointConfigName: name,
            ProductionVariants: [
              { VariantName: "a", ModelName: name, InitialInstanceCount: 1, InstanceType: "ml.m5.xlarge" },
            ],
          },
        ],
        ["CreateEndpoint", { EndpointName: name, EndpointConfigName: name }],
        ["UpdateEndpoint", { EndpointName: name, EndpointConfigName: name }],
      ] as const)
        await assert.rejects(
          account.call("sagemaker", operation, input, engineer),
          new RegExp(`not authorized to perform: sagemaker:${operation}.*explicit deny in a permissions boundary`),
          `${operation} ${name}`,
        );
  });

  it("can be made by the release path and the night schedule alone, in every environment", () => {
    for (const environment of environments) {
      const makers = Object.entries(allRoles(scopeOf(environment)))
        .filter(([, role]) =>
          statementsOf(role).some(
            ({ Effect, Action }) =>
              Effect === "Allow" &&
              Action.some((action) =>
                ["sagemaker:CreateEndpoint", "sagemaker:CreateEndpoint*", "sagemaker:*"].includes(action),
              ),
          ),
        )
        .map(([name]) => name);
      assert.deepEqual(
        makers.filter((name) => !["release-build", "night-schedule"].includes(name)),
        [],
        environment,
      );
    }
  });

  it("of an administrator is told to the serving team at once; the platform's own is not", () => {
    const { pattern, severity, area } = noticeRules(scope)["endpoint-beside"]!;
    assert.deepEqual([severity, area], ["critical", "serving"]);
    const matches = compilePattern(JSON.stringify(pattern));
    const told = (EndpointName: string, EndpointStatus = "IN_SERVICE") =>
      matches({
        version: "0",
        id: "1",
        account: ACCOUNT,
        time: "2026-11-29T04:00:00Z",
        region: "eu-central-1",
        source: "aws.sagemaker",
        "detail-type": "SageMaker Endpoint State Change",
        resources: [scope.arns.sagemaker(`endpoint/${EndpointName}`)],
        detail: { EndpointName, EndpointStatus },
      });
    assert.equal(told("peregrine-dev-mine"), true);
    assert.equal(told(scope.endpointName), false);
    assert.equal(told("peregrine-staging-mine"), false, "staging's own rule tells it");
    assert.equal(told("peregrine-dev-mine", "DELETING"), false);
  });
});
