import assert from "node:assert/strict";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import { PolicyBlocked, ProgramFailed, ProviderFailed, StackLocked } from "../../../automation/errors";
import { EngineLog } from "../../../automation/stack/engine-log";

const urn = "urn:pulumi:dev::peregrine::peregrine:storage:Artifacts$aws:s3/bucket:Bucket::artifacts";
const event = (body: object): EngineEvent => ({ sequence: 0, timestamp: 0, ...body });
const failed = new Error("Command failed with exit code 255");

describe("meaning of the engine's events", () => {
  it("calls a mandatory violation a block by policy and names rule and resource", () => {
    const log = new EngineLog();
    log.record(
      event({
        policyEvent: {
          policyName: "required-tags",
          message: "<{%fg 1%}>tag owner is missing<{%reset%}>",
          enforcementLevel: "mandatory",
          resourceUrn: urn,
        },
      }),
    );
    const error = log.explain("update", "dev", failed);
    assert(error instanceof PolicyBlocked);
    assert.match(error.message, /required-tags: tag owner is missing \(aws:s3\/bucket:Bucket artifacts\)/);
  });

  it("keeps advisory findings apart", () => {
    const log = new EngineLog();
    log.record(
      event({
        policyEvent: { policyName: "soft", message: "consider", enforcementLevel: "warning", resourceUrn: urn },
      }),
    );
    assert.deepEqual(log.violations, []);
    assert.equal(log.warnings.length, 1);
    assert(!(log.explain("update", "dev", failed) instanceof PolicyBlocked));
  });

  it("calls it the provider's failure once a resource was touched", () => {
    const log = new EngineLog();
    log.record(event({ resOutputsEvent: { metadata: { op: "create", urn } } }));
    log.record(event({ diagnosticEvent: { severity: "error", message: "AccessDenied: no", urn, ephemeral: false } }));
    log.record(event({ diagnosticEvent: { severity: "error", message: "update failed", ephemeral: false } }));
    const error = log.explain("update", "dev", failed);
    assert(error instanceof ProviderFailed);
    assert.match(error.message, /AccessDenied: no/);
    assert.doesNotMatch(error.message, /- update failed/);
  });

  it("calls it the program's failure while nothing was touched", () => {
    const log = new EngineLog();
    log.record(
      event({ diagnosticEvent: { severity: "error", message: "settings: region is missing", ephemeral: false } }),
    );
    assert(log.explain("preview", "dev", failed) instanceof ProgramFailed);
  });

  it("knows a lock and says how to clear it", () => {
    const error = new EngineLog().explain(
      "update",
      "prod",
      new Error("error: the stack is currently locked by 1 lock(s)"),
    );
    assert(error instanceof StackLocked);
    assert.match(error.next, /pulumi cancel --stack prod/);
  });

  it("counts progress and keeps the summary", () => {
    const seen: number[] = [];
    const log = new EngineLog(({ done }) => seen.push(done));
    for (let i = 0; i < 3; i += 1) log.record(event({ resOutputsEvent: { metadata: { op: "create", urn } } }));
    log.record(event({ summaryEvent: { resourceChanges: { create: 3 } } }));
    assert.deepEqual(seen, [1, 2, 3]);
    assert.equal(log.changes["create"], 3);
  });
});
