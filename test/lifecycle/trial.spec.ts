import assert from "node:assert/strict";
import fc from "fast-check";
import { trialAction } from "../../lifecycle/trial";

const build = (status: string, phase = "BUILD") => ({ status, phase });

describe("a message of the DeployStaging step", () => {
  it("starts a build once, however often it comes", () => {
    assert.equal(trialAction("Executing", []).verdict, "start");
    for (const status of ["IN_PROGRESS", "SUCCEEDED", "FAILED", "STOPPED"])
      assert.equal(trialAction("Executing", [build(status)]).verdict, "wait");
  });

  it("that tells of a stop ends a step for which nothing is at work", () => {
    assert.equal(trialAction("Stopping", []).verdict, "end-step");
    assert.equal(trialAction("Stopping", [build("FAILED"), build("SUCCEEDED")]).verdict, "end-step");
  });

  it("that tells of a stop takes a build out of the queue, and never cuts a release in half", () => {
    assert.equal(trialAction("Stopping", [build("IN_PROGRESS", "QUEUED")]).verdict, "stop-build");
    assert.equal(trialAction("Stopping", [build("FAILED"), build("IN_PROGRESS", "SUBMITTED")]).verdict, "stop-build");
    fc.assert(
      fc.property(
        fc.constantFrom("PROVISIONING", "DOWNLOAD_SOURCE", "INSTALL", "PRE_BUILD", "BUILD", "POST_BUILD", "FINALIZING"),
        (phase) => trialAction("Stopping", [build("IN_PROGRESS", phase)]).verdict === "wait",
      ),
    );
  });

  it("always gets a reason", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("Executing" as const, "Stopping" as const),
        fc.array(
          fc.record({ status: fc.constantFrom("IN_PROGRESS", "FAILED"), phase: fc.constantFrom("QUEUED", "BUILD") }),
        ),
        (status, builds) => trialAction(status, builds).reasons.length > 0,
      ),
    );
  });
});
