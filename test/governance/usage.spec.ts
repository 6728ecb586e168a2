import assert from "node:assert/strict";
import { environments } from "../../automation/workspace";
import { RightsUsage } from "../../local/iam/usage";
import type { Call } from "../../local/cloud";
import { scopesOf } from "../../scripts/governance/paths";
import { grantedRights, idle, judge, unexplained, unjustified } from "../../scripts/governance/usage/compare";
import { recordedUse, usedByRole } from "../../scripts/governance/usage/used";

const rights = grantedRights(scopesOf(environments));
const judged = judge(rights, recordedUse());

describe("used against granted rights", () => {
  it("leave no right that nobody used and nothing justifies", () => {
    assert.deepEqual(unjustified(judged), []);
  });

  it("justify nothing in vain: each reason keeps a right that was not used", () => {
    assert.deepEqual(idle(judged), []);
  });

  it("hold no call that a role has no right to: the record is of this program", () => {
    assert.deepEqual(unexplained(rights, recordedUse()), []);
  });
});

describe("the comparison", () => {
  const given = [{ role: "trainer", statement: "Read", action: "s3:Get*" }, { role: "trainer", statement: "Write", action: "s3:PutObject" }];

  it("counts a right as used when its own statement allowed a call that its pattern covers", () => {
    const used = { trainer: { "s3:GetObject": ["Read"], "s3:PutObject": ["Another"] } };
    assert.deepEqual(judge(given, used, []).map((right) => right.used), [true, false]);
    assert.deepEqual(unjustified(judge(given, used, [])), ["trainer: s3:PutObject (Write)"]);
  });

  it("takes a reason by role and statement or action, and finds one that is not needed", () => {
    const kept = [{ roles: ["train*"], rights: ["Write"], why: "when it fails" }, { roles: ["trainer"], rights: ["s3:Get*"], why: "never" }];
    const result = judge(given, { trainer: { "s3:GetObject": ["Read"] } }, kept);
    assert.deepEqual(unjustified(result), []);
    assert.deepEqual(idle(result, kept), ["trainer: s3:Get*"]);
  });

  it("finds calls that no right of a role covers", () => {
    assert.deepEqual(unexplained(given, { trainer: { "s3:DeleteObject": ["Old"] } }), ["trainer: s3:DeleteObject"]);
  });
});

describe("the record", () => {
  const call = (role: string, userAgent = "aws-sdk") => ({ principal: { roleArn: `arn:aws:iam::1:role/peregrine/dev/peregrine-dev-${role}` }, caller: { userAgent } }) as unknown as Call;
  const byIdentity = { allowed: true, layer: "identity", explicit: false, statement: "Read" } as const;

  it("holds what a role's own statements allowed, not what a resource's policy did, nor what was only asked for", () => {
    const usage = new RightsUsage();
    usage.note("s3:GetObject", byIdentity, call("trainer"));
    usage.note("sqs:SendMessage", { ...byIdentity, layer: "resource" }, call("trainer"));
    usage.note("s3:PutObject", byIdentity, call("approver", "aws-sdk-js/3 app/peregrine-asks"));
    assert.deepEqual(usedByRole(usage.toJSON()), { trainer: { "s3:GetObject": ["Read"] } });
  });

  it("is of a role in all environments, and several make one", () => {
    const arn = (environment: string) => `arn:aws:iam::1:role/peregrine/${environment}/peregrine-${environment}-trainer`;
    const joined = usedByRole({ [arn("dev")]: { "s3:GetObject": ["Read"] }, [arn("prod")]: { "s3:GetObject": ["Look"] } }, { trainer: { "s3:PutObject": ["Write"] } }, { "arn:aws:iam::1:role/other": { "s3:GetObject": ["x"] } });
    assert.deepEqual(joined, { trainer: { "s3:GetObject": ["Look", "Read"], "s3:PutObject": ["Write"] } });
  });
});
