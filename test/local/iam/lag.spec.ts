import assert from "node:assert/strict";
import type { Members } from "../../../local/members";
import { dependentFacts } from "../../../local/iam/dependents/facts";
import { useKey } from "../../../local/iam/dependents/keys";
import { Account, allow, document, policy } from "./account";

const things = { id: "things", operations: { Look: () => ({}) } };
const lagMs = 10_000;

/** An account whose clock stands still until it is moved. */
function setUp() {
  const account = new Account([things], { lags: { iamMs: lagMs, aliasMs: 300_000 } });
  const began = account.cloud.clock.nowMs();
  let passed = 0;
  account.cloud.clock.nowMs = () => began + passed;
  return { account, pass: (ms: number) => void (passed += ms) };
}

describe("a right that was given a moment ago", () => {
  const trust = (service: string): string =>
    document(allow("sts:AssumeRole", undefined, { Principal: { Service: service } }));

  it("is refused until IAM's change is seen, and one that was taken away holds as long", async () => {
    const { account, pass } = setUp();
    const roleArn = await account.role("reader");
    await assert.rejects(account.assume(roleArn), /not authorized to perform: sts:AssumeRole/);
    pass(lagMs);
    const session = await account.assume(roleArn);
    const look = (): Promise<Members> => account.call("things", "Look", {}, session);
    const change = (operation: string, more: Members = {}): Promise<Members> =>
      account.call("iam", operation, { RoleName: "reader", PolicyName: "inline", ...more });

    await change("PutRolePolicy", { PolicyDocument: document(allow("things:Look", "*")) });
    assert.match(
      decodeURIComponent((await change("GetRolePolicy")).PolicyDocument as string),
      /things:Look/,
      "IAM answers what was written",
    );
    await assert.rejects(
      look(),
      /reader\/session is not authorized to perform: things:Look on resource: \* because no identity-based policy allows the things:Look action/,
    );
    pass(lagMs);
    await look();
    await change("DeleteRolePolicy");
    await look();
    pass(lagMs);
    await assert.rejects(look(), /not authorized/);
  });

  it("comes by a managed policy's new version as late as by an attachment", async () => {
    const { account, pass } = setUp();
    const roleArn = await account.role("reader");
    const { Policy } = await account.call("iam", "CreatePolicy", {
      PolicyName: "look",
      PolicyDocument: document(allow("things:Other", "*")),
    });
    await account.call("iam", "AttachRolePolicy", { RoleName: "reader", PolicyArn: Policy.Arn });
    pass(lagMs);
    const session = await account.assume(roleArn);
    await account.call("iam", "CreatePolicyVersion", {
      PolicyArn: Policy.Arn,
      PolicyDocument: document(allow("things:Look", "*")),
      SetAsDefault: true,
    });
    await assert.rejects(account.call("things", "Look", {}, session), /not authorized/);
    pass(lagMs);
    await account.call("things", "Look", {}, session);
  });

  it("is unknown to services as well: neither a new role nor a new trust policy lets them in at once", async () => {
    const { account, pass } = setUp();
    const { Role } = await account.call("iam", "CreateRole", {
      RoleName: "builder",
      AssumeRolePolicyDocument: trust("lambda.amazonaws.com"),
    });
    const take = (service: string): string => account.cloud.internals.assume(Role.Arn as string, service, "x").arn;
    assert.throws(() => take("lambda.amazonaws.com"), /not authorized to perform: sts:AssumeRole/);
    pass(lagMs);
    assert.match(take("lambda.amazonaws.com"), /assumed-role\/builder\/x-$/);
    await account.call("iam", "UpdateAssumeRolePolicy", {
      RoleName: "builder",
      PolicyDocument: trust("codebuild.amazonaws.com"),
    });
    assert.throws(() => take("codebuild.amazonaws.com"), /not authorized/);
    pass(lagMs);
    assert.match(take("codebuild.amazonaws.com"), /builder/);
  });

  it("is there from the start for who comes with the account", async () => {
    const { account } = setUp();
    await account.call("things", "Look");
  });

  it("goes by a key's alias minutes after the alias, while the key behind it is found at once", async () => {
    const { account, pass } = setUp();
    const facts = dependentFacts(account.cloud);
    const keyArn = account.cloud.arn("kms", "key/k-1");
    const aliases = (): unknown =>
      useKey(facts, account.cloud.asked(account.admin, "s3", "GetObject", "s3.amazonaws.com"), {
        key: keyArn,
        via: "s3",
        actions: ["Decrypt"],
      })[0]!.context!["kms:ResourceAliases"];
    facts.pointAlias("alias/data", "k-1");
    assert.deepEqual([facts.arnOf("alias/data"), aliases()], [keyArn, undefined]);
    pass(299_999);
    assert.equal(aliases(), undefined);
    pass(1);
    assert.deepEqual(aliases(), ["alias/data"]);
    facts.pointAlias("alias/data", "k-2");
    assert.deepEqual(aliases(), ["alias/data"], "a former key keeps the name as long");
    pass(300_000);
    assert.equal(aliases(), undefined);
  });

  it("waits for nobody where nothing lags", async () => {
    const account = new Account([things]);
    const session = await account.assume(await account.role("reader", policy(allow("things:Look", "*"))));
    await account.call("things", "Look", {}, session);
  });
});
