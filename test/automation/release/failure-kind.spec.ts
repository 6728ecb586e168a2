import { strict as assert } from "node:assert";
import {
  HealthCheckFailed,
  PolicyBlocked,
  ProgramFailed,
  ProviderFailed,
  ReleaseRejected,
  StackLocked,
  UserError,
} from "../../../automation/errors";
import { failureKind } from "../../../automation/release/failure-kind";

describe("the kind of a release's failure", () => {
  it("is what the engine's error says", () => {
    const kinds = [PolicyBlocked, ProgramFailed, StackLocked, ProviderFailed, HealthCheckFailed].map((Kind) =>
      failureKind(new Kind("no", "next")),
    );
    assert.deepEqual(kinds, ["policy", "program", "locked", "provider", "health"]);
  });

  it("is a rejection by our checks, also where one names another as its cause", () => {
    const rejected = new ReleaseRejected("no", "next");
    assert.equal(failureKind(rejected), "rejected");
    assert.equal(failureKind(new ReleaseRejected("no, and why", "next", { cause: rejected })), "rejected");
  });

  it("is unexpected where a rollback wrapped what nobody foresaw, and for every other error", () => {
    assert.equal(failureKind(new ReleaseRejected("no", "next", { cause: new TypeError("x") })), "unexpected");
    assert.equal(failureKind(new Error("x")), "unexpected");
    assert.equal(failureKind(new UserError("x", "next")), "unexpected");
  });
});
