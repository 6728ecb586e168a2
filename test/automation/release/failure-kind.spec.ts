import assert from "node:assert/strict";
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
import { RolloutStopped, withGuard } from "../../../automation/release/guard/stopped";
import { nothingServed } from "../../../lifecycle/rollout/served";

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

  it("speaks against the model where its traffic is worse, and not where there was too little of it", () => {
    const seen = (verdict: "roll back" | "inconclusive") => ({
      verdict,
      reasons: ["why"],
      served: { new: nothingServed, old: nothingServed },
    });
    const taken = withGuard(new ReleaseRejected("taken back by alarm", "next"), seen("roll back"));
    assert.ok(taken instanceof RolloutStopped);
    assert.equal(failureKind(taken), "rejected");
    assert.match(taken.message, /^taken back by alarm\n.* the new one is worse:\n {2}- why$/);
    assert.equal(failureKind(new RolloutStopped("no", "next", seen("inconclusive"))), "unproven");
  });

  it("is not the guard's where something else failed, or the guard saw nothing worse", () => {
    const [locked, rejected] = [new StackLocked("no", "next"), new ReleaseRejected("no", "next")];
    const seen = { reasons: ["why"], served: { new: nothingServed, old: nothingServed } };
    assert.equal(withGuard(locked, { ...seen, verdict: "roll back" }), locked);
    assert.equal(withGuard(rejected, { ...seen, verdict: "inconclusive" }), rejected);
    assert.equal(withGuard(rejected, undefined), rejected);
  });

  it("is unexpected where a rollback wrapped what nobody foresaw, and for every other error", () => {
    assert.equal(failureKind(new ReleaseRejected("no", "next", { cause: new TypeError("x") })), "unexpected");
    assert.equal(failureKind(new Error("x")), "unexpected");
    assert.equal(failureKind(new UserError("x", "next")), "unexpected");
  });
});
