import assert from "node:assert/strict";
import { join } from "node:path";
import { DeleteRolePolicyCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { worldOfAccount } from "../../../automation/roles/paths/account-world";
import { reached } from "../../../automation/roles/paths/find";
import type { World } from "../../../lifecycle/access/model";
import { environments } from "../../../contract/environments";
import { PolicyEvaluator } from "../../../scripts/policy-evaluator";
import { goalsNamed, scopesOf, searchAccount } from "../../../automation/roles/paths/search";
import { worldOf } from "../../../automation/roles/world/world";
import { GovernedAccount } from "./account";
import { enter, sdkConfig } from "../../local/support";
import { makeTemporaryFolder } from "../../support/temporary-folder";
import { accountId } from "../../support/scope";

describe("the world as an account has it", function () {
  const folder = makeTemporaryFolder();
  let account: GovernedAccount;
  let leave: () => void;
  let iam: IAMClient;
  const session = () => ({ profile: "ab", region: account.local.cloud.region });
  const scopes = scopesOf(environments, {}, { dev: accountId, staging: accountId, prod: accountId });

  before(async () => {
    account = await GovernedAccount.start();
    leave = enter(account.local, join(folder, "aws"));
    iam = new IAMClient(sdkConfig(account.local));
  });
  after(async () => {
    leave?.();
    await account?.stop();
  });

  /** What a role may do, its statements in the order of their names. */
  const rights = ({ roles }: World) =>
    Object.fromEntries(
      roles.map(({ arn, policies, boundary, trust }) => [
        arn,
        {
          policies: policies.flatMap(({ statements }) => statements.map((one) => JSON.stringify(one))).sort(),
          boundary: boundary?.statements,
          trust: trust.statements,
        },
      ]),
    );

  it("has the roles, trusts, boundaries and bucket policies that the program renders", async () => {
    const program = worldOf(scopes);
    const real = await worldOfAccount(session(), program);
    const expected = rights(program);
    const made = rights(real);
    assert.deepEqual(
      Object.keys(made).sort(),
      Object.keys(expected)
        .filter((arn) => arn in made)
        .sort(),
    );
    assert.ok(Object.keys(made).length > 40);
    for (const arn of Object.keys(made)) assert.deepEqual(made[arn], JSON.parse(JSON.stringify(expected[arn])), arn);
    const bucket = (world: World) =>
      world.assets.find(({ id }) => id === "prod ledger/")?.policy?.statements.map(({ Sid }) => Sid);
    assert.ok(bucket(real)?.includes("WritersOfLedger"));
    assert.deepEqual(
      bucket(real)?.filter((sid) => sid?.startsWith("WritersOf")),
      bucket(program)?.filter((sid) => sid?.startsWith("WritersOf")),
    );
    assert.match(real.assets.find(({ id }) => id === "dev key")!.arn, /key\/[0-9a-f-]{36}$/);
  });

  it("shows what somebody gave by hand, by the name of their policy", async () => {
    const role = { RoleName: "peregrine-prod-ml-engineer", PolicyName: "by-hand" };
    const goals = goalsNamed("trail");
    assert.deepEqual(reached(await searchAccount(session(), [...environments], new PolicyEvaluator(), goals)), []);
    await iam.send(
      new PutRolePolicyCommand({
        ...role,
        PolicyDocument: JSON.stringify({
          Version: "2012-10-17",
          Statement: [{ Sid: "Oops", Effect: "Allow", Action: "logs:*", Resource: "*" }],
        }),
      }),
    );
    const [goal] = reached(await searchAccount(session(), [...environments], new PolicyEvaluator(), goals));
    assert.deepEqual(
      goal!.paths[0]!.steps.at(-1)!.requests.map(({ policy, statement }) => [policy, statement]),
      [["by-hand", "Oops"]],
    );
    await iam.send(new DeleteRolePolicyCommand(role));
  });
});
