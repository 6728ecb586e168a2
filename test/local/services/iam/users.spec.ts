import assert from "node:assert/strict";
import type { Members } from "../../../../local/members";
import { credentialsOf } from "../../../../local/iam/credentials";
import { Account, allow, document, officialModels } from "../../iam/account";

function newAccount(): { account: Account; iam: (operation: string, input?: Members) => Promise<Members> } {
  const account = new Account([], { models: officialModels });
  return { account, iam: (operation, input = {}) => account.call("iam", operation, input) };
}

describe("IAM users", () => {
  it("are the caller where none is named", async () => {
    const { iam } = newAccount();
    assert.equal((await iam("GetUser")).User.UserName, "ab");
    assert.equal((await iam("ListAccessKeys")).AccessKeyMetadata.length, 1);
  });

  it("hold two access keys, and go after these", async () => {
    const { iam } = newAccount();
    await iam("CreateUser", { UserName: "ann" });
    const keys = [await iam("CreateAccessKey", { UserName: "ann" }), await iam("CreateAccessKey", { UserName: "ann" })];
    await assert.rejects(iam("CreateAccessKey", { UserName: "ann" }), {
      name: "LimitExceeded",
      message: "Cannot exceed quota for AccessKeysPerUser: 2",
    });
    assert.match(keys[0]!.AccessKey.AccessKeyId, /^AKIA[A-Z2-7]{16}$/);
    assert.equal(keys[0]!.AccessKey.SecretAccessKey.length, 40);
    await assert.rejects(iam("DeleteUser", { UserName: "ann" }), {
      name: "DeleteConflict",
      message: "Cannot delete entity, must delete access keys first.",
    });
    for (const { AccessKey } of keys)
      await iam("DeleteAccessKey", { UserName: "ann", AccessKeyId: AccessKey.AccessKeyId });
    await iam("DeleteUser", { UserName: "ann" });
    await assert.rejects(iam("GetUser", { UserName: "ann" }), {
      name: "NoSuchEntity",
      message: "The user with name ann cannot be found.",
    });
  });

  it("act by their own policies and those of their groups", async () => {
    const { account, iam } = newAccount();
    await iam("CreateUser", { UserName: "ann" });
    const { AccessKey } = await iam("CreateAccessKey", { UserName: "ann" });
    const ann = credentialsOf(account.cloud)(AccessKey.AccessKeyId)!.principal;
    const list = (): Promise<unknown> => account.call("iam", "ListRoles", {}, ann);
    await assert.rejects(
      list(),
      /User: arn:aws:iam::111122223333:user\/ann is not authorized to perform: iam:ListRoles/,
    );
    await iam("CreateGroup", { GroupName: "readers" });
    await iam("PutGroupPolicy", {
      GroupName: "readers",
      PolicyName: "p",
      PolicyDocument: document(allow("iam:List*", "*")),
    });
    await iam("AddUserToGroup", { GroupName: "readers", UserName: "ann" });
    await list();
    assert.deepEqual(
      (await iam("GetGroup", { GroupName: "readers" })).Users.map((user: Members) => user.UserName),
      ["ann"],
    );
    await assert.rejects(iam("DeleteGroup", { GroupName: "readers" }), { name: "DeleteConflict" });
    await iam("RemoveUserFromGroup", { GroupName: "readers", UserName: "ann" });
    await assert.rejects(list(), /not authorized/);
  });

  it("keep keys and policies under a new name", async () => {
    const { account, iam } = newAccount();
    await iam("CreateUser", { UserName: "ann" });
    await iam("PutUserPolicy", {
      UserName: "ann",
      PolicyName: "p",
      PolicyDocument: document(allow("iam:GetUser", "arn:aws:iam::111122223333:user/${aws:username}")),
    });
    const { AccessKey } = await iam("CreateAccessKey", { UserName: "ann" });
    await iam("UpdateUser", { UserName: "ann", NewUserName: "anne" });
    const anne = credentialsOf(account.cloud)(AccessKey.AccessKeyId)!.principal;
    assert.equal((await account.call("iam", "GetUser", {}, anne)).User.UserName, "anne");
    await assert.rejects(account.call("iam", "GetUser", { UserName: "ab" }, anne), { name: "AccessDenied" });
  });
});

describe("the IAM account", () => {
  it("sums up what is in it, and lists what was made in it", async () => {
    const { account, iam } = newAccount();
    await account.role("r");
    await iam("CreateOpenIDConnectProvider", {
      Url: "https://token.actions.githubusercontent.com",
      ClientIDList: ["sts.amazonaws.com"],
    });
    const { SummaryMap } = await iam("GetAccountSummary");
    assert.deepEqual([SummaryMap.Roles, SummaryMap.Users, SummaryMap.PolicySizeQuota], [1, 1, 6144]);
    assert.deepEqual(
      (await account.cloud.inventory()).map((item) => item.arn),
      [
        "arn:aws:iam::111122223333:role/r",
        "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com",
      ],
    );
    assert.deepEqual((await iam("ListAccountAliases")).AccountAliases, []);
    assert.equal((await iam("GetAccountAuthorizationDetails", { Filter: ["Role"] })).RoleDetailList.length, 1);
  });
});
