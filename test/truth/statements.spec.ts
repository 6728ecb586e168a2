import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { environments } from "../../contract/environments";
import { scopesOf } from "../../automation/roles/paths/search";
import { keptDenials, keptStatements } from "../../scripts/rights/kept-statements";
import { noticeOf, type Stated, statedIn } from "../../scripts/rights/statements";
import { recordedUse } from "../../scripts/rights/used";
import { parts } from "./parts";

const stated = statedIn(scopesOf(environments));
const nameOf = ({ role, statement }: Stated) => `${role} ${statement.Sid}`;
/** Rights that `services.spec.ts` takes out by name. */
const byName = new Set(
  parts.flatMap(
    ({ what }) => (/^the right (\w+) of the role (\S+)$/.exec(what) ?? []).slice(1, 3).reverse().join(" ") || [],
  ),
);
const notices = new Map(
  stated.map(
    (one) =>
      [
        one,
        byName.has(nameOf(one)) ? ({ by: "removal", what: "services.spec.ts" } as const) : noticeOf(one, recordedUse()),
      ] as const,
  ),
);

describe("each statement of each role of the three stacks", () => {
  it("is noticed when it is taken out, or stays for a reason that says who would notice", () => {
    assert.deepEqual([...new Set(stated.filter((one) => !notices.get(one)).map(nameOf))], []);
    const count: Record<string, number> = {};
    for (const notice of notices.values()) count[notice!.by] = (count[notice!.by] ?? 0) + 1;
    process.stdout.write(
      `      ${stated.length} statements: ${Object.entries(count)
        .map(([by, number]) => `${number} by ${by}`)
        .join(", ")}\n`,
    );
    for (const role of [
      "release-build",
      "release-request",
      "staging-trial",
      "image-build",
      "mlflow",
      "flow-logs",
      "trail-logs",
      "budget-action",
      "announce-candidate",
      "night-schedule",
      "event-forward",
    ])
      assert.ok(
        stated.some((one) => one.role === role),
        role,
      );
  });

  it("is there, where a denial holds against rights that somebody adds later", () => {
    for (const [sid, { roles }] of Object.entries(keptDenials))
      assert.deepEqual(
        [...new Set(stated.filter(({ statement }) => statement.Sid === sid).map(({ role }) => role))].sort(),
        [...roles].sort(),
        sid,
      );
  });

  it("has no reason that it does not need, and no test that does not exist", () => {
    assert.deepEqual(
      Object.keys(keptStatements).filter(
        (name) => !stated.some((one) => nameOf(one) === name && notices.get(one)?.what === keptStatements[name]),
      ),
      [],
    );
    for (const why of Object.values(keptStatements))
      for (const [file] of why.matchAll(/test\/\S+\.spec\.ts/g))
        assert.ok(existsSync(join(__dirname, "..", "..", file)), file);
  });
});

describe("the account of statements", () => {
  const read = { Sid: "Read", Effect: "Allow", Action: ["s3:GetObject"], Resource: ["arn:aws:s3:::a/*"] } as const;
  const others = [{ Sid: "Other", Effect: "Allow", Action: ["s3:Get*"], Resource: ["arn:aws:s3:::b/*"] }] as const;
  const one: Stated = { role: "trainer", environment: "dev", statement: read, others, boundary: [] };
  const used = { trainer: { "s3:GetObject": ["Read"] } };

  it("takes a recorded call as a notice that nothing else allows", () => {
    assert.deepEqual(noticeOf(one, used, []), { by: "record", what: "s3:GetObject" });
  });

  it("takes none that another statement might allow", () => {
    assert.equal(noticeOf({ ...one, others: [{ ...others[0], Resource: ["arn:aws:s3:::*"] }] }, used, []), undefined);
  });

  it("finds a new statement that nobody uses, and a denial that nobody meets", () => {
    assert.equal(noticeOf(one, {}, []), undefined);
    assert.equal(noticeOf({ ...one, statement: { ...read, Sid: "NeverRead", Effect: "Deny" } }, used, []), undefined);
  });

  it("takes a denial that the boundary repeats word for word as held by it", () => {
    const denial = { ...read, Effect: "Deny" } as const;
    assert.equal(noticeOf({ ...one, statement: denial, boundary: [denial] }, used, [])?.by, "boundary");
    assert.equal(
      noticeOf({ ...one, statement: denial, boundary: [{ ...denial, Resource: ["arn:aws:s3:::c/*"] }] }, used, []),
      undefined,
    );
  });
});
