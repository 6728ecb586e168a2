import assert from "node:assert/strict";
import { UserError } from "../../../automation/errors";
import { latestIn } from "../../../automation/stack/history";

const entry = {
  version: 0,
  kind: "update",
  startTime: "2026-11-29T19:49:43.000Z",
  message: "commit 0123",
  environment: { "git.head": "0123" },
  config: { "aws:region": { value: "eu-central-1", secret: false } },
  result: "succeeded",
};

describe("a stack's history", () => {
  it("tells what happened last, and keeps nothing that is not read", () => {
    assert.deepEqual(latestIn(JSON.stringify([entry, { ...entry, kind: "destroy" }])), {
      kind: "update",
      result: "succeeded",
      message: "commit 0123",
      environment: { "git.head": "0123" },
    });
  });

  it("is empty for a stack that was never updated", () => {
    assert.equal(latestIn("[]"), undefined);
  });

  it("is refused where it is none", () => {
    for (const text of ["", "{}", '[{"kind":7}]'])
      assert.throws(
        () => latestIn(text),
        (error: Error) => error instanceof UserError && /history/.test(error.message),
      );
  });
});
