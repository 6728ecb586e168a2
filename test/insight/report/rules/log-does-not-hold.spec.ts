import assert from "node:assert/strict";
import { logDoesNotHold } from "../../../../insight/report/rules/log-does-not-hold";
import { found, inProd, readAs, reportFacts } from "../facts";

describe("rule log-does-not-hold", () => {
  it("recommends to verify a log that does not hold, at once", () => {
    const broken = { ok: false, problems: ["the root is another"], size: 1, entries: [] };
    const [one] = found(logDoesNotHold, reportFacts(inProd((env) => ({ ...env, log: readAs(broken) }))));
    assert.deepEqual([one!.severity, one!.why], ["critical", "the root is another."]);
  });

  it("is silent where it holds, and where it could not be read", () => {
    assert.deepEqual(found(logDoesNotHold, reportFacts()), []);
    assert.deepEqual(found(logDoesNotHold, reportFacts(inProd((env) => ({ ...env, log: { unread: "denied" } })))), []);
  });
});
