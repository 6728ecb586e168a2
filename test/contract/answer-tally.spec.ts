import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { answerTallyOf, answerTallyPattern } from "../../contract/answer-tally";

describe("what serving containers say of their answers", () => {
  // `ml/tests/test_tally.py` holds the container to the same line.
  const { line } = JSON.parse(readFileSync(join(__dirname, "..", "..", "ml", "tests", "answered.json"), "utf8")) as {
    line: { event: string };
  };

  it("is read from the very line that they write", () => {
    assert.deepEqual(answerTallyOf(JSON.stringify({ time: 1764470000.5, ...line })), line);
    assert.equal(answerTallyPattern, `{ $.event = "${line.event}" }`);
  });

  it("is in no other line of their log", () => {
    for (const other of ["listening", '{"event":"ready"}', JSON.stringify({ ...line, empty: -1 }), "{", "null"])
      assert.equal(answerTallyOf(other), undefined, other);
  });
});
