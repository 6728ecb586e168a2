import assert from "node:assert/strict";
import { differing, judge, type Question } from "../../../automation/roles/matrix/simulate";
import { environments } from "../../../contract/environments";
import { columns } from "../../../automation/roles/matrix/expected";
import { homesOf } from "../../../automation/roles/matrix/rows";
import { verifyMatrix, type Verification } from "../../../automation/roles/matrix/verify";
import { scopeOf } from "../../support/scope";
import { enter } from "../../local/support";
import { makeTemporaryFolder } from "../../support/temporary-folder";
import { GovernedAccount } from "./account";

describe("the matrix against an account, by IAM's simulator", function () {
  this.timeout(180_000);
  const folder = makeTemporaryFolder();
  let account: GovernedAccount;
  let leave: () => void;
  let verified: Verification;
  const session = { profile: "ab", region: "eu-central-1" };
  const call = (operation: string, input: object) =>
    account.local.cloud.call("iam", operation, input, {
      principal: account.local.administrator.principal,
      sourceIp: "127.0.0.1",
      userAgent: "test",
    });

  before(async () => {
    account = await GovernedAccount.start();
    leave = enter(account.local, folder);
    verified = await verifyMatrix(session, environments, { targets: account.targets });
  });
  after(async () => {
    leave?.();
    await account?.stop();
  });

  it("is as written in every cell of the environments' own things", () => {
    assert.deepEqual(verified.simulated, []);
    assert.deepEqual(verified.real, []);
    const roles = environments.flatMap((name) => Object.values(columns).filter((role) => homesOf(role).includes(name)));
    assert.ok(verified.cells >= roles.length * 100, String(verified.cells));
  });

  it("leaves to the key's policy what only that decides", () => {
    assert.ok(verified.unsettled.length > 0);
    for (const line of verified.unsettled)
      assert.match(line, /kms:GenerateDataKey direct.*the resource's own policy decides/);
  });

  it("says as whom nothing could really be asked", () => {
    assert.ok(verified.notTaken.includes("approver of prod"), verified.notTaken.join());
  });

  it("finds a right that somebody added by hand, one that is denied since, and duties that are gone; the boundary holds what it is for", async () => {
    const dev = scopeOf("dev");
    await call("PutRolePolicy", {
      RoleName: dev.roleName("data-scientist"),
      PolicyName: "more",
      PolicyDocument: JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: ["s3:DeleteObject", "sagemaker:InvokeEndpoint"], Resource: "*" }],
      }),
    });
    await call("PutRolePolicy", {
      RoleName: dev.roleName("endpoint-execution"),
      PolicyName: "less",
      PolicyDocument: JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Deny", Action: "ecr:BatchGetImage", Resource: "*" }],
      }),
    });
    await call("DeleteRolePolicy", { RoleName: dev.roleName("processing-execution"), PolicyName: "duties" });
    const { simulated } = await verifyMatrix(session, ["dev"], { targets: account.targets });
    const found = (pattern: RegExp) => simulated.filter((line) => pattern.test(line));
    assert.equal(
      found(/^data-scientist of dev: sagemaker:InvokeEndpoint own of dev should be denied and is allowed: more/).length,
      1,
      simulated.join("\n"),
    );
    assert.equal(
      found(/^endpoint-execution of dev: ecr:BatchGetImage image should be allowed and is denied: .* is denied by less/)
        .length,
      1,
    );
    assert.deepEqual(found(/s3:DeleteObject dataset/), []);
    assert.ok(
      found(/^processing-execution of dev: .* should be allowed and is denied: .*no policy that allows it/).length >= 5,
    );
    assert.equal(
      simulated.length,
      found(
        /^data-scientist of dev: (sagemaker:InvokeEndpoint|s3:DeleteObject) |^endpoint-execution of dev: ecr|^processing-execution of dev:/,
      ).length,
    );
  });
});

describe("what the simulator's answers say of a cell", () => {
  const question: Question = {
    words: "w",
    roleArn: "r",
    expected: "allowed",
    needs: [
      { action: "sagemaker:CreateModel", resource: "m" },
      { action: "iam:PassRole", resource: "p" },
    ],
    context: {},
  };
  const yes = {
    decision: "allowed",
    boundaryAllows: true,
    organizationAllows: true,
    policies: ["duties"],
    missing: [],
  } as const;

  it("takes all of a request's needs together, and says what is missing", () => {
    assert.equal(judge(question, [yes, yes]).actual, "allowed");
    const { actual, why } = judge(question, [
      yes,
      { ...yes, decision: "implicitDeny", missing: ["aws:SourceIdentity"] },
    ]);
    assert.deepEqual(
      [actual, why],
      ["denied", "iam:PassRole on p is denied by no policy that allows it; nobody said aws:SourceIdentity"],
    );
  });

  it("names what denies: a policy, the boundary, the organisation", () => {
    const whyOf = (more: object) => judge(question, [{ ...yes, decision: "implicitDeny", ...more }, yes]).why;
    assert.match(whyOf({ boundaryAllows: false }), /denied by the boundary/);
    assert.match(whyOf({ organizationAllows: false }), /denied by the organisation/);
    assert.match(whyOf({ decision: "explicitDeny" }), /denied by duties/);
  });

  it("does not believe that a role reaches a key because its own policies allow it", () => {
    const key: Question = { ...question, expected: "denied", needs: [{ action: "kms:Decrypt", resource: "k" }] };
    assert.equal(judge(key, [yes]).actual, "unsettled");
    assert.deepEqual(differing([judge(key, [yes]), judge({ ...question, expected: "denied" }, [yes, yes])]), [
      "w should be denied and is allowed: duties; duties",
    ]);
  });
});
