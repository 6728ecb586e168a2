import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { environments } from "../../../contract/environments";
import { RightsUsage } from "../../../local/iam/usage";
import type { Call } from "../../../local/call";
import { scopesOf } from "../../../automation/roles/paths/search";
import {
  contradictions,
  grantedRights,
  idle,
  judge,
  stillGranted,
  sweeping,
  unexplained,
  unjustified,
} from "../../../scripts/rights/compare";
import { keptRights } from "../../../scripts/rights/kept";
import { recordedUse, usedByRole } from "../../../scripts/rights/used";

const rights = grantedRights(scopesOf(environments));
const judged = judge(rights, recordedUse());

describe("used against granted rights", () => {
  it("leave no right that nobody used and nothing justifies", () => {
    assert.deepEqual(unjustified(judged), []);
  });

  it("justify nothing in vain: each reason keeps a right that was not used", () => {
    assert.deepEqual(idle(judged), []);
  });

  it("say for each reason who would notice: a test that exists, or AWS alone; and none by `*`", () => {
    assert.deepEqual(
      keptRights.filter(
        ({ noticedBy }) => noticedBy !== "needs AWS" && !existsSync(join(__dirname, "..", "..", "..", noticedBy)),
      ),
      [],
    );
    assert.deepEqual(sweeping(), []);
  });

  it("hold no call that a role has no right to: the record is of this program", () => {
    assert.deepEqual(unexplained(rights, recordedUse()), []);
  });
});

describe("the comparison", () => {
  const given = [
    { role: "trainer", statement: "Read", action: "s3:Get*" },
    { role: "trainer", statement: "Write", action: "s3:PutObject" },
  ];

  it("counts a right as used when its own statement allowed a call that its pattern covers", () => {
    const used = { trainer: { "s3:GetObject": ["Read"], "s3:PutObject": ["Another"] } };
    assert.deepEqual(
      judge(given, used, []).map((right) => right.used),
      [true, false],
    );
    assert.deepEqual(unjustified(judge(given, used, [])), ["trainer: s3:PutObject (Write)"]);
  });

  it("takes a reason by role and statement or action, and finds one that is not needed", () => {
    const kept = [
      { roles: ["train*"], rights: ["Write"], why: "when it fails", noticedBy: "needs AWS" },
      { roles: ["trainer"], rights: ["s3:Get*"], why: "never", noticedBy: "needs AWS" },
    ] as const;
    const result = judge(given, { trainer: { "s3:GetObject": ["Read"] } }, kept);
    assert.deepEqual(unjustified(result), []);
    assert.deepEqual(idle(result, kept), ["trainer: s3:Get*"]);
  });

  it("finds calls that no right of a role covers", () => {
    const used = { trainer: { "s3:DeleteObject": ["Old"], "s3:GetObject": ["Read", "Look"] } };
    assert.deepEqual(unexplained(given, used), ["trainer: s3:DeleteObject (Old)", "trainer: s3:GetObject (Look)"]);
    assert.deepEqual(stillGranted(given, used), { trainer: { "s3:GetObject": ["Read"] } });
  });

  it("finds reasons that say more than a right or a statement", () => {
    assert.deepEqual(
      sweeping([
        { roles: ["mlflow"], rights: ["*"], why: "all", noticedBy: "needs AWS" },
        { roles: ["*"], rights: ["Read"], why: "all", noticedBy: "needs AWS" },
        { roles: ["mlflow"], rights: ["s3:*"], why: "all", noticedBy: "needs AWS" },
      ]),
      ["mlflow: *", "*: Read", "mlflow: s3:*"],
    );
  });

  it("finds in a rehearsal's record what is granted nowhere, and what nobody uses or justifies", () => {
    assert.deepEqual(contradictions(given, { trainer: { "s3:DeleteObject": ["Old"], "s3:GetObject": ["Read"] } }, {}), [
      "used and granted nowhere: trainer: s3:DeleteObject (Old)",
      "neither used nor justified: trainer: s3:PutObject (Write)",
    ]);
    assert.deepEqual(
      contradictions(given, { trainer: { "s3:GetObject": ["Read"] } }, { trainer: { "s3:PutObject": ["Write"] } }),
      [],
    );
  });
});

describe("the record", () => {
  const call = (role: string, userAgent = "aws-sdk") =>
    ({
      principal: { roleArn: `arn:aws:iam::1:role/peregrine/dev/peregrine-dev-${role}` },
      caller: { userAgent },
    }) as unknown as Call;
  const byIdentity = { allowed: true, layer: "identity", explicit: false, statement: "Read" } as const;

  it("holds what a role's own statements allowed, not what a resource's policy did, nor what was only asked for", () => {
    const usage = new RightsUsage();
    usage.note("s3:GetObject", byIdentity, call("trainer"));
    usage.note("sqs:SendMessage", { ...byIdentity, layer: "resource" }, call("trainer"));
    usage.note("s3:PutObject", byIdentity, call("approver", "aws-sdk-js/3 app/peregrine-asks"));
    assert.deepEqual(usedByRole(usage.toJSON()), { trainer: { "s3:GetObject": ["Read"] } });
  });

  it("is of a role in all environments, and several make one", () => {
    const arn = (environment: string) =>
      `arn:aws:iam::1:role/peregrine/${environment}/peregrine-${environment}-trainer`;
    const joined = usedByRole(
      { [arn("dev")]: { "s3:GetObject": ["Read"] }, [arn("prod")]: { "s3:GetObject": ["Look"] } },
      { trainer: { "s3:PutObject": ["Write"] } },
      { "arn:aws:iam::1:role/other": { "s3:GetObject": ["x"] } },
    );
    assert.deepEqual(joined, { trainer: { "s3:GetObject": ["Look", "Read"], "s3:PutObject": ["Write"] } });
  });
});
