import assert from "node:assert/strict";
import {
  evidencePolicy,
  judgeFailure,
  judgeRung,
  judgeSense,
  type Outcome,
  withOutcome,
} from "../../../lifecycle/failover/evidence";

const outcomes = (text: string): Outcome[] =>
  [...text].reduce<Outcome[]>((all, sign, index) => withOutcome(all, { atMs: index * 1000, ok: sign === "+" }), []);

describe("the evidence against a rung", () => {
  it("takes three failures, and half of what is known", () => {
    for (const [text, verdict] of [
      ["--", "keep"],
      ["---", "open"],
      ["+++---", "open"],
      ["++++---", "keep"],
      ["-+-+-+", "open"],
      [`${"+".repeat(500)}${"-".repeat(9)}`, "keep"],
      [`${"+".repeat(500)}${"-".repeat(10)}`, "open"],
    ] as const)
      assert.equal(judgeRung(outcomes(text)).verdict, verdict, text);
  });

  it("forgets what is five minutes old", () => {
    const old = outcomes("--");
    const { windowMs } = evidencePolicy;
    assert.equal(judgeRung(withOutcome(old, { atMs: windowMs, ok: false })).verdict, "keep");
    assert.equal(judgeRung(withOutcome(old, { atMs: windowMs - 1, ok: false })).verdict, "open");
  });

  it("blames the request only for what a container itself refuses", () => {
    const blame = (name: string, status?: number) => judgeFailure({ name, message: "m", status }).verdict;
    for (const status of [400, 413, 415, 422]) assert.equal(blame("ModelError", status), "request");
    for (const status of [408, 429, 500, 502, 503, 0]) assert.equal(blame("ModelError", status), "rung");
    for (const name of ["ThrottlingException", "ServiceUnavailable", "TimeoutError", "ValidationError", "AccessDenied"])
      assert.equal(blame(name), "rung");
  });

  it("knows an answer that no model gives, and leaves an empty one alone", () => {
    const answer = (confidence: number, x: number) => ({
      image: { w: 100, h: 100 },
      detections: [{ name: "tree", confidence, box: [x, 1, x + 9, 9] as [number, number, number, number] }],
      model: { sha256: "a" },
    });
    assert.equal(judgeSense(answer(0.5, 1)).verdict, "sense");
    assert.equal(judgeSense(answer(7, 1)).verdict, "nonsense");
    assert.equal(judgeSense(answer(0.5, 1_000_000)).verdict, "nonsense");
    assert.equal(judgeSense({ ...answer(0.5, 1), detections: [] }).verdict, "sense");
  });
});
