import assert from "node:assert/strict";
import type { Members } from "../../../../local/members";
import { Account, allow, deny, document, officialModels, policy } from "../../iam/account";

const id = "111122223333";
const trust = document(allow("sts:AssumeRole", undefined, { Principal: { Service: "sagemaker.amazonaws.com" } }));
const reading = document(allow("s3:GetObject", "arn:aws:s3:::b/*"));

function newAccount(): { account: Account; iam: (operation: string, input?: Members) => Promise<Members> } {
  const account = new Account([], { models: officialModels });
  return { account, iam: (operation, input = {}) => account.call("iam", operation, input) };
}

describe("IAM roles", () => {
  it("are created, read, changed and deleted", async () => {
    const { iam } = newAccount();
    const { Role } = await iam("CreateRole", {
      RoleName: "train",
      Path: "/peregrine/dev/",
      AssumeRolePolicyDocument: trust,
      Description: "d",
      MaxSessionDuration: 7200,
      Tags: [{ Key: "environment", Value: "dev" }],
    });
    assert.equal(Role.Arn, `arn:aws:iam::${id}:role/peregrine/dev/train`);
    assert.match(Role.RoleId, /^AROA[A-Z2-7]{17}$/);
    const got = (await iam("GetRole", { RoleName: "train" })).Role;
    assert.equal(decodeURIComponent(got.AssumeRolePolicyDocument), trust);
    assert.deepEqual(
      [got.Description, got.MaxSessionDuration, got.Tags],
      ["d", 7200, [{ Key: "environment", Value: "dev" }]],
    );
    await iam("UpdateRole", { RoleName: "train", Description: "e", MaxSessionDuration: 3600 });
    const other = document(allow("sts:AssumeRole", undefined, { Principal: { Service: "lambda.amazonaws.com" } }));
    await iam("UpdateAssumeRolePolicy", { RoleName: "train", PolicyDocument: other });
    await iam("TagRole", { RoleName: "train", Tags: [{ Key: "owner", Value: "me" }] });
    await iam("UntagRole", { RoleName: "train", TagKeys: ["environment"] });
    const changed = (await iam("GetRole", { RoleName: "train" })).Role;
    assert.deepEqual(
      [changed.Description, decodeURIComponent(changed.AssumeRolePolicyDocument), changed.Tags],
      ["e", other, [{ Key: "owner", Value: "me" }]],
    );
    assert.deepEqual(
      (await iam("ListRoles", { PathPrefix: "/peregrine/" })).Roles.map((role: Members) => role.RoleName),
      ["train"],
    );
    assert.deepEqual((await iam("ListRoles", { PathPrefix: "/other/" })).Roles, []);
    await iam("DeleteRole", { RoleName: "train" });
    await assert.rejects(iam("GetRole", { RoleName: "train" }), {
      name: "NoSuchEntity",
      status: 404,
      message: "The role with name train cannot be found.",
    });
  });

  it("have unique names whatever their letter case", async () => {
    const { iam } = newAccount();
    await iam("CreateRole", { RoleName: "train", AssumeRolePolicyDocument: trust });
    await assert.rejects(iam("CreateRole", { RoleName: "Train", AssumeRolePolicyDocument: trust }), {
      name: "EntityAlreadyExists",
      status: 409,
      message: "Role with name Train already exists.",
    });
  });

  it("trust only principals that exist, by a policy of at most 2048 characters", async () => {
    const { iam } = newAccount();
    const naming = (AWS: string): string => document(allow("sts:AssumeRole", undefined, { Principal: { AWS } }));
    const missing = `arn:aws:iam::${id}:role/missing`;
    await assert.rejects(iam("CreateRole", { RoleName: "a", AssumeRolePolicyDocument: naming(missing) }), {
      name: "MalformedPolicyDocument",
      message: `Invalid principal in policy: "AWS":"${missing}"`,
    });
    await assert.rejects(iam("CreateRole", { RoleName: "a", AssumeRolePolicyDocument: '{"foo":1}' }), {
      name: "MalformedPolicyDocument",
      status: 400,
    });
    const long = document(
      allow("sts:AssumeRole", undefined, {
        Principal: { Service: "sagemaker.amazonaws.com" },
        Condition: { StringEquals: { "aws:SourceAccount": "1".repeat(2048) } },
      }),
    );
    await assert.rejects(iam("CreateRole", { RoleName: "a", AssumeRolePolicyDocument: long }), {
      name: "LimitExceeded",
      status: 409,
      message: "Cannot exceed quota for ACLSizePerRole: 2048",
    });
    await iam("CreateRole", { RoleName: "a", AssumeRolePolicyDocument: naming(id) });
    await iam("CreateRole", { RoleName: "b", AssumeRolePolicyDocument: naming(`arn:aws:iam::${id}:role/a`) });
  });

  it("carry inline policies of 10240 characters together, white space not counted", async () => {
    const { iam } = newAccount();
    await iam("CreateRole", { RoleName: "a", AssumeRolePolicyDocument: trust });
    await iam("PutRolePolicy", {
      RoleName: "a",
      PolicyName: "read",
      PolicyDocument: JSON.stringify(JSON.parse(reading), null, 8),
    });
    assert.deepEqual(
      JSON.parse(
        decodeURIComponent((await iam("GetRolePolicy", { RoleName: "a", PolicyName: "read" })).PolicyDocument),
      ),
      JSON.parse(reading),
    );
    assert.deepEqual((await iam("ListRolePolicies", { RoleName: "a" })).PolicyNames, ["read"]);
    const large = document(
      allow(
        "s3:GetObject",
        Array.from({ length: 40 }, (_, index) => `arn:aws:s3:::${"b".repeat(60)}${index}/*`),
      ),
    );
    for (const name of ["one", "two", "three"])
      await iam("PutRolePolicy", { RoleName: "a", PolicyName: name, PolicyDocument: large });
    await assert.rejects(iam("PutRolePolicy", { RoleName: "a", PolicyName: "four", PolicyDocument: large }), {
      name: "LimitExceeded",
      message: "Maximum policy size of 10240 bytes exceeded for role a",
    });
    await iam("PutRolePolicy", { RoleName: "a", PolicyName: "three", PolicyDocument: large });
    await assert.rejects(iam("PutRolePolicy", { RoleName: "a", PolicyName: "bad", PolicyDocument: "{" }), {
      name: "MalformedPolicyDocument",
    });
    await assert.rejects(iam("GetRolePolicy", { RoleName: "a", PolicyName: "bad" }), {
      name: "NoSuchEntity",
      message: "The role policy with name bad cannot be found.",
    });
  });

  it("cannot be deleted before what hangs on them", async () => {
    const { iam } = newAccount();
    await iam("CreateRole", { RoleName: "a", AssumeRolePolicyDocument: trust });
    await iam("PutRolePolicy", { RoleName: "a", PolicyName: "p", PolicyDocument: reading });
    await iam("AttachRolePolicy", { RoleName: "a", PolicyArn: "arn:aws:iam::aws:policy/AdministratorAccess" });
    await iam("CreateInstanceProfile", { InstanceProfileName: "i" });
    await iam("AddRoleToInstanceProfile", { InstanceProfileName: "i", RoleName: "a" });
    const refused = async (message: string): Promise<void> =>
      assert.rejects(iam("DeleteRole", { RoleName: "a" }), { name: "DeleteConflict", status: 409, message });
    await refused("Cannot delete entity, must remove roles from instance profile first.");
    await iam("RemoveRoleFromInstanceProfile", { InstanceProfileName: "i", RoleName: "a" });
    await refused("Cannot delete entity, must detach all policies first.");
    await iam("DetachRolePolicy", { RoleName: "a", PolicyArn: "arn:aws:iam::aws:policy/AdministratorAccess" });
    await refused("Cannot delete entity, must delete policies first.");
    await iam("DeleteRolePolicy", { RoleName: "a", PolicyName: "p" });
    await iam("DeleteRole", { RoleName: "a" });
  });

  it("are listed in pages", async () => {
    const { iam } = newAccount();
    for (const name of ["c", "a", "b"]) await iam("CreateRole", { RoleName: name, AssumeRolePolicyDocument: trust });
    const first = await iam("ListRoles", { MaxItems: 2 });
    assert.deepEqual([first.Roles.map((role: Members) => role.RoleName), first.IsTruncated], [["a", "b"], true]);
    const second = await iam("ListRoles", { MaxItems: 2, Marker: first.Marker });
    assert.deepEqual(
      [second.Roles.map((role: Members) => role.RoleName), second.IsTruncated, second.Marker],
      [["c"], false, undefined],
    );
  });

  it("linked to services are AWS's to change", async () => {
    const { iam } = newAccount();
    const { Role } = await iam("CreateServiceLinkedRole", {
      AWSServiceName: "sagemaker.application-autoscaling.amazonaws.com",
    });
    assert.equal(Role.RoleName, "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint");
    await assert.rejects(iam("PutRolePolicy", { RoleName: Role.RoleName, PolicyName: "p", PolicyDocument: reading }), {
      name: "UnmodifiableEntity",
    });
    await iam("DeleteServiceLinkedRole", { RoleName: Role.RoleName });
    assert.deepEqual((await iam("ListRoles")).Roles, []);
  });

  it("forget in their trust policies who is gone: one of the same name is not trusted", async () => {
    const { account } = newAccount();
    await account.call("iam", "CreateUser", { UserName: "ann" });
    const ann = `arn:aws:iam::${id}:user/ann`;
    const trusted = async (): Promise<unknown> =>
      (
        JSON.parse(
          decodeURIComponent(
            (await account.call("iam", "GetRole", { RoleName: "target" })).Role.AssumeRolePolicyDocument as string,
          ),
        ) as Members
      ).Statement[0].Principal.AWS;
    await account.role("target", undefined, {
      AssumeRolePolicyDocument: document(
        allow("sts:AssumeRole", undefined, {
          Principal: { AWS: [ann, id] },
          Condition: { StringNotEquals: { "aws:PrincipalArn": ann } },
        }),
      ),
    });
    const { User } = await account.call("iam", "GetUser", { UserName: "ann" });
    await account.call("iam", "UpdateUser", { UserName: "ann", NewUserName: "anna" });
    assert.deepEqual(await trusted(), [`${ann}a`, id]);
    await account.call("iam", "DeleteUser", { UserName: "anna" });
    assert.deepEqual(await trusted(), [User.UserId, id]);
  });

  it("trust one session of a role by its ARN, and a deleted role's successor not at all", async () => {
    const { account } = newAccount();
    const first = await account.role("first");
    const target = await account.role("target", undefined, {
      AssumeRolePolicyDocument: document(allow("sts:AssumeRole", undefined, { Principal: { AWS: first } })),
    });
    assert.equal((await account.assume(target, {}, await account.assume(first))).roleArn, target);
    await account.call("iam", "DeleteRole", { RoleName: "first" });
    await account.role("first");
    await assert.rejects(account.assume(target, {}, await account.assume(first)), { name: "AccessDenied" });
  });

  it("are guarded by permissions on their ARN, with IAM's condition keys", async () => {
    const { account } = newAccount();
    const boundary = `arn:aws:iam::${id}:policy/boundary`;
    await account.call("iam", "CreatePolicy", { PolicyName: "boundary", PolicyDocument: document(allow("*", "*")) });
    const deployer = await account.assume(
      await account.role(
        "deployer",
        policy(
          allow("iam:TagRole", `arn:aws:iam::${id}:role/app/*`),
          allow("iam:CreateRole", `arn:aws:iam::${id}:role/app/*`, {
            Condition: { StringEquals: { "iam:PermissionsBoundary": boundary } },
          }),
          allow("iam:AttachRolePolicy", "*", {
            Condition: { ArnEquals: { "iam:PolicyARN": `arn:aws:iam::${id}:policy/*` } },
          }),
          deny("iam:DeleteRolePermissionsBoundary", "*"),
        ),
      ),
    );
    const create = (more: Members): Promise<unknown> =>
      account.call(
        "iam",
        "CreateRole",
        { RoleName: "x", Path: "/app/", AssumeRolePolicyDocument: trust, ...more },
        deployer,
      );
    await assert.rejects(create({}), {
      name: "AccessDenied",
      status: 403,
      message: `User: arn:aws:sts::${id}:assumed-role/deployer/session is not authorized to perform: iam:CreateRole on resource: arn:aws:iam::${id}:role/app/x because no identity-based policy allows the iam:CreateRole action`,
    });
    await assert.rejects(create({ Path: "/other/", PermissionsBoundary: boundary }), { name: "AccessDenied" });
    await create({ PermissionsBoundary: boundary, Tags: [{ Key: "a", Value: "b" }] });
    await assert.rejects(
      account.call(
        "iam",
        "AttachRolePolicy",
        { RoleName: "x", PolicyArn: "arn:aws:iam::aws:policy/AdministratorAccess" },
        deployer,
      ),
      { name: "AccessDenied" },
    );
    await account.call("iam", "AttachRolePolicy", { RoleName: "x", PolicyArn: boundary }, deployer);
    await assert.rejects(
      account.call("iam", "DeleteRolePermissionsBoundary", { RoleName: "x" }, deployer),
      /explicit deny in an identity-based policy/,
    );
  });
});
