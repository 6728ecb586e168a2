import assert from "node:assert/strict";
import type { Members } from "../../../../local/members";
import { Account, allow, deny, document, officialModels, policy } from "../../iam/account";

const id = "111122223333";
const arn = `arn:aws:iam::${id}:policy/p`;
const reading = document(allow("s3:GetObject", "*"));
const listing = document(allow("s3:ListBucket", "*"));

function newAccount(): { account: Account; iam: (operation: string, input?: Members) => Promise<Members> } {
  const account = new Account([], { models: officialModels });
  return { account, iam: (operation, input = {}) => account.call("iam", operation, input) };
}

describe("managed policies", () => {
  it("have up to five versions, one of them the default", async () => {
    const { iam } = newAccount();
    const { Policy } = await iam("CreatePolicy", { PolicyName: "p", PolicyDocument: reading, Description: "d" });
    assert.deepEqual([Policy.Arn, Policy.DefaultVersionId, Policy.AttachmentCount], [arn, "v1", 0]);
    const { PolicyVersion } = await iam("CreatePolicyVersion", {
      PolicyArn: arn,
      PolicyDocument: listing,
      SetAsDefault: true,
    });
    assert.deepEqual([PolicyVersion.VersionId, PolicyVersion.IsDefaultVersion], ["v2", true]);
    assert.equal(
      decodeURIComponent((await iam("GetPolicyVersion", { PolicyArn: arn, VersionId: "v1" })).PolicyVersion.Document),
      reading,
    );
    assert.deepEqual(
      (await iam("ListPolicyVersions", { PolicyArn: arn })).Versions.map((each: Members) => each.VersionId),
      ["v2", "v1"],
    );
    for (let version = 3; version <= 5; version++)
      await iam("CreatePolicyVersion", { PolicyArn: arn, PolicyDocument: listing });
    await assert.rejects(iam("CreatePolicyVersion", { PolicyArn: arn, PolicyDocument: listing }), {
      name: "LimitExceeded",
      message: /up to 5 versions/,
    });
    await assert.rejects(iam("DeletePolicyVersion", { PolicyArn: arn, VersionId: "v2" }), {
      name: "DeleteConflict",
      message: "Cannot delete the default version of a policy.",
    });
    await iam("SetDefaultPolicyVersion", { PolicyArn: arn, VersionId: "v1" });
    await assert.rejects(iam("DeletePolicy", { PolicyArn: arn }), {
      name: "DeleteConflict",
      message: /more than one version/,
    });
    for (const version of ["v2", "v3", "v4", "v5"])
      await iam("DeletePolicyVersion", { PolicyArn: arn, VersionId: version });
    await iam("DeletePolicy", { PolicyArn: arn });
    await assert.rejects(iam("GetPolicy", { PolicyArn: arn }), {
      name: "NoSuchEntity",
      message: `Policy ${arn} was not found.`,
    });
  });

  it("never use a version number again", async () => {
    const { iam } = newAccount();
    await iam("CreatePolicy", { PolicyName: "p", PolicyDocument: reading });
    await iam("CreatePolicyVersion", { PolicyArn: arn, PolicyDocument: listing });
    await iam("DeletePolicyVersion", { PolicyArn: arn, VersionId: "v2" });
    assert.equal(
      (await iam("CreatePolicyVersion", { PolicyArn: arn, PolicyDocument: listing })).PolicyVersion.VersionId,
      "v3",
    );
  });

  it("count what they are attached to and stay while they are", async () => {
    const { account, iam } = newAccount();
    await iam("CreatePolicy", { PolicyName: "p", PolicyDocument: reading });
    await account.role("r", undefined, { PermissionsBoundary: arn });
    await iam("AttachRolePolicy", { RoleName: "r", PolicyArn: arn });
    const { Policy } = await iam("GetPolicy", { PolicyArn: arn });
    assert.deepEqual([Policy.AttachmentCount, Policy.PermissionsBoundaryUsageCount], [1, 1]);
    assert.deepEqual((await iam("ListAttachedRolePolicies", { RoleName: "r" })).AttachedPolicies, [
      { PolicyName: "p", PolicyArn: arn },
    ]);
    assert.deepEqual(
      (await iam("ListEntitiesForPolicy", { PolicyArn: arn, PolicyUsageFilter: "PermissionsPolicy" })).PolicyRoles.map(
        (role: Members) => role.RoleName,
      ),
      ["r"],
    );
    await assert.rejects(iam("DeletePolicy", { PolicyArn: arn }), {
      name: "DeleteConflict",
      message: "Cannot delete a policy attached to entities.",
    });
    assert.deepEqual(
      (await iam("ListPolicies", { Scope: "Local", OnlyAttached: true })).Policies.map(
        (each: Members) => each.PolicyName,
      ),
      ["p"],
    );
  });

  it("hold 6144 characters", async () => {
    const { iam } = newAccount();
    const of = (length: number): string => {
      const empty = document(allow("s3:GetObject", "arn:aws:s3:::"));
      return document(allow("s3:GetObject", `arn:aws:s3:::${"b".repeat(length - empty.length)}`));
    };
    await iam("CreatePolicy", { PolicyName: "full", PolicyDocument: of(6144) });
    await assert.rejects(iam("CreatePolicy", { PolicyName: "over", PolicyDocument: of(6145) }), {
      name: "LimitExceeded",
      status: 409,
      message: "Cannot exceed quota for PolicySize: 6144",
    });
  });

  it("of AWS are there by name; others of AWS's are not", async () => {
    const { account, iam } = newAccount();
    await account.role("r");
    await iam("AttachRolePolicy", {
      RoleName: "r",
      PolicyArn: "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
    });
    const missing = "arn:aws:iam::aws:policy/AmazonEverything";
    await assert.rejects(iam("AttachRolePolicy", { RoleName: "r", PolicyArn: missing }), {
      name: "NoSuchEntity",
      message: `Policy ${missing} does not exist or is not attachable.`,
    });
    assert.match(
      decodeURIComponent(
        (await iam("GetPolicyVersion", { PolicyArn: "arn:aws:iam::aws:policy/AdministratorAccess", VersionId: "v1" }))
          .PolicyVersion.Document,
      ),
      /"Action":"\*"/,
    );
  });

  it("attach ten to a role at most", async () => {
    const { account, iam } = newAccount();
    await account.role("r");
    for (let index = 0; index <= 10; index++)
      await iam("CreatePolicy", { PolicyName: `p${index}`, PolicyDocument: reading });
    for (let index = 0; index < 10; index++)
      await iam("AttachRolePolicy", { RoleName: "r", PolicyArn: `${arn}${index}` });
    await assert.rejects(iam("AttachRolePolicy", { RoleName: "r", PolicyArn: `${arn}10` }), {
      name: "LimitExceeded",
      message: "Cannot exceed quota for PoliciesPerRole: 10",
    });
  });
});

describe("the policy simulator", () => {
  it("answers by the evaluator: allowed, implicitly and explicitly denied", async () => {
    const { account, iam } = newAccount();
    const role = await account.role(
      "r",
      policy(
        allow("s3:*", "arn:aws:s3:::b/*"),
        deny("s3:DeleteObject", "*", { Condition: { StringEquals: { "aws:PrincipalTag/team": "x" } } }),
      ),
    );
    const { EvaluationResults } = await iam("SimulatePrincipalPolicy", {
      PolicySourceArn: role,
      ActionNames: ["s3:GetObject", "s3:DeleteObject", "ec2:RunInstances"],
      ResourceArns: ["arn:aws:s3:::b/k"],
      ContextEntries: [{ ContextKeyName: "aws:PrincipalTag/team", ContextKeyType: "string", ContextKeyValues: ["x"] }],
    });
    assert.deepEqual(
      EvaluationResults.map((each: Members) => [each.EvalActionName, each.EvalDecision]),
      [
        ["s3:GetObject", "allowed"],
        ["s3:DeleteObject", "explicitDeny"],
        ["ec2:RunInstances", "implicitDeny"],
      ],
    );
    await assert.rejects(
      iam("SimulatePrincipalPolicy", { PolicySourceArn: `${role}2`, ActionNames: ["s3:GetObject"] }),
      { name: "NoSuchEntity" },
    );
  });

  it("says which context nobody gave, and answers for each resource", async () => {
    const { account, iam } = newAccount();
    const role = await account.role(
      "r",
      policy(
        allow("s3:GetObject", "arn:aws:s3:::b/*", {
          Condition: { StringEquals: { "aws:SourceIdentity": "anna" }, Bool: { "aws:SecureTransport": "true" } },
        }),
        allow("s3:GetObject", "arn:aws:s3:::c/*"),
      ),
    );
    const simulate = async (more: Members = {}): Promise<Members> =>
      (
        await iam("SimulatePrincipalPolicy", {
          PolicySourceArn: role,
          ActionNames: ["s3:GetObject"],
          ResourceArns: ["arn:aws:s3:::b/k", "arn:aws:s3:::c/k"],
          ...more,
        })
      ).EvaluationResults[0];
    const blind = await simulate();
    assert.deepEqual(
      [blind.EvalDecision, blind.MissingContextValues],
      ["implicitDeny", ["aws:SecureTransport", "aws:SourceIdentity"]],
    );
    assert.deepEqual(
      blind.ResourceSpecificResults.map((each: Members) => [
        each.EvalResourceName,
        each.EvalResourceDecision,
        each.MissingContextValues,
      ]),
      [
        ["arn:aws:s3:::b/k", "implicitDeny", ["aws:SecureTransport", "aws:SourceIdentity"]],
        ["arn:aws:s3:::c/k", "allowed", []],
      ],
    );
    const told = await simulate({
      ContextEntries: [
        ["aws:SourceIdentity", "anna"],
        ["aws:SecureTransport", "true"],
      ].map(([ContextKeyName, value]) => ({ ContextKeyName, ContextKeyType: "string", ContextKeyValues: [value] })),
    });
    assert.deepEqual([told.EvalDecision, told.MissingContextValues], ["allowed", []]);
  });

  it("knows a role's boundary, and takes no resource's policy for a role", async () => {
    const { account, iam } = newAccount();
    const { Policy } = await iam("CreatePolicy", {
      PolicyName: "limit",
      PolicyDocument: document(allow("ec2:*", "*")),
    });
    const role = await account.role("r", policy(allow("*", "*")));
    await iam("PutRolePermissionsBoundary", { RoleName: "r", PermissionsBoundary: Policy.Arn });
    const asked = { PolicySourceArn: role, ActionNames: ["s3:GetObject"], ResourceArns: ["arn:aws:s3:::b/k"] };
    const { EvaluationResults } = await iam("SimulatePrincipalPolicy", asked);
    assert.deepEqual(
      [EvaluationResults[0].EvalDecision, EvaluationResults[0].PermissionsBoundaryDecisionDetail],
      ["implicitDeny", { AllowedByPermissionsBoundary: false }],
    );
    const ResourcePolicy = JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: "arn:aws:s3:::b/*" }],
    });
    await assert.rejects(iam("SimulatePrincipalPolicy", { ...asked, ResourcePolicy }), {
      name: "InvalidInput",
      message: "Simulation of resource-based policies isn't supported for IAM roles.",
    });
    await assert.rejects(
      iam("SimulatePrincipalPolicy", { ...asked, CallerArn: "arn:aws:sts::111122223333:assumed-role/r/s" }),
      { name: "InvalidInput" },
    );
  });

  it("takes policies of the request", async () => {
    const { iam } = newAccount();
    const simulate = async (more: Members): Promise<unknown> =>
      (
        await iam("SimulateCustomPolicy", {
          PolicyInputList: [document(allow("*", "*"))],
          ActionNames: ["s3:GetObject"],
          ...more,
        })
      ).EvaluationResults[0];
    assert.equal(((await simulate({})) as Members).EvalDecision, "allowed");
    const bounded = (await simulate({
      PermissionsBoundaryPolicyInputList: [document(allow("ec2:*", "*"))],
    })) as Members;
    assert.deepEqual(
      [bounded.EvalDecision, bounded.PermissionsBoundaryDecisionDetail],
      ["implicitDeny", { AllowedByPermissionsBoundary: false }],
    );
  });
});
