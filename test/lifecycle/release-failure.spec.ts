import { strict as assert } from "node:assert";
import { consequencesOf, type FailureKind } from "../../lifecycle/release-failure";

describe("what follows from a failed release", () => {
  const all: FailureKind[] = ["policy", "program", "locked", "provider", "health", "rejected", "unexpected"];

  it("is no redeployment where nothing was touched, and the previous release again in every other case", () => {
    assert.deepEqual(
      all.filter((kind) => !consequencesOf(kind).redeploy),
      ["policy", "program", "locked"],
    );
  });

  it("is a record that says what the policy pack did", () => {
    assert.deepEqual(
      all.map((kind) => consequencesOf(kind).policyPack),
      ["blocked", "not-run", "not-run", "passed", "passed", "passed", "passed"],
    );
  });

  it("is rolled back where it came up, and failed where it did not", () => {
    assert.deepEqual(
      all.filter((kind) => consequencesOf(kind).outcome === "rolled-back"),
      ["rejected"],
    );
  });

  it("speaks against the model where its container or its answers are to blame", () => {
    assert.deepEqual(
      all.filter((kind) => consequencesOf(kind).blamesModel),
      ["health", "rejected"],
    );
  });
});
