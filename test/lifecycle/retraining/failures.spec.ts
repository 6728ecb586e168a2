import assert from "node:assert/strict";
import { candidateOutcome, executionOutcome, failuresInARow } from "../../../lifecycle/retraining/failures";

const at = (hour: number) => `2026-11-29T${String(hour).padStart(2, "0")}:00:00Z`;

describe("failed challengers in a row", () => {
  it("are failed executions and rejected candidates since the last approved one, in whatever order they are found", () => {
    const attempts = [
      { at: at(1), outcome: executionOutcome("Failed") },
      { at: at(2), outcome: candidateOutcome("Approved") },
      { at: at(3), outcome: candidateOutcome("Rejected") },
      { at: at(4), outcome: executionOutcome("Succeeded") },
      { at: at(5), outcome: executionOutcome("Failed") },
    ];
    assert.equal(failuresInARow(attempts), 2);
    assert.equal(failuresInARow([...attempts].reverse()), 2);
  });

  it("are not what a person stopped, what runs, and what waits for a decision", () => {
    const attempts = [
      { at: at(1), outcome: executionOutcome("Stopped") },
      { at: at(2), outcome: executionOutcome("Executing") },
      { at: at(3), outcome: candidateOutcome("PendingManualApproval") },
    ];
    assert.equal(failuresInARow(attempts), 0);
    assert.equal(failuresInARow([]), 0);
  });
});
