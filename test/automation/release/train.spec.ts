import assert from "node:assert/strict";
import { UserError } from "../../../automation/errors";
import { runTraining } from "../../../automation/release/train";

describe("a training run", () => {
  it("is not started with texts that its registration would refuse hours later", async () => {
    // No such profile exists: a call to AWS would fail in another way.
    const started = runTraining(
      { profile: "none-of-this-name", region: "eu-central-1" },
      "pipeline",
      { RunReason: 'drift: "fog"', DatasetUri: "s3://bucket/(old)/" },
      "token",
      () => {},
    );
    await assert.rejects(
      started,
      (error: Error) =>
        error instanceof UserError &&
        /Nothing was started: RunReason holds "\\""; .*; DatasetUri holds "\(" "\)"/.test(error.message),
    );
  });
});
