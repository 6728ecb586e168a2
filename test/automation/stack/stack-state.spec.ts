import assert from "node:assert/strict";
import { UserError } from "../../../automation/errors";
import { parseState, StackState } from "../../../automation/stack/stack-state";

const bucket = {
  urn: "urn:pulumi:dev::peregrine::aws:s3/bucket:Bucket::artifacts",
  type: "aws:s3/bucket:Bucket",
  custom: true,
  id: "peregrine-dev-artifacts",
  inputs: { __provider: "code" },
  created: "2026-11-29T10:00:00Z",
};

/** A stack whose state is read `reads.count` times. */
function stackOf(...deployments: unknown[]) {
  const reads = { count: 0 };
  const answer = async () => {
    const deployment = deployments[Math.min(reads.count++, deployments.length - 1)];
    if (deployment instanceof Error) throw deployment;
    return JSON.stringify({ version: 3, deployment });
  };
  return { reads, state: new StackState({ stack: "dev", answer }) };
}

describe("the state of a stack", () => {
  it("is empty for a new stack, whatever its backend says of it", () => {
    for (const deployment of [undefined, null, {}, { resources: null, pending_operations: null }])
      assert.deepEqual(parseState("dev", deployment), { resources: [], pending: [] });
  });

  it("keeps what decides which code the engine runs, and nothing that is not read", () => {
    const { resources, pending } = parseState("dev", {
      resources: [bucket],
      pending_operations: [{ type: "creating", resource: bucket }],
    });
    const { created: _created, ...read } = bucket;
    assert.deepEqual(resources, [read]);
    assert.deepEqual(pending, [{ type: "creating", resource: read }]);
  });

  it("is refused where it is none, naming what is wrong", () => {
    assert.throws(
      () => parseState("dev", { resources: [{ type: 7 }] }),
      (error: Error) =>
        error instanceof UserError && /state of dev cannot be read: [^]*resources\[0\]\.urn/.test(error.message),
    );
  });

  it("is read once, until somebody says that it is another one", async () => {
    const { reads, state } = stackOf({ resources: [bucket] }, { resources: [] });
    state.prefetch();
    assert.equal((await state.read()).resources.length, 1);
    assert.equal((await state.read()).resources.length, 1);
    assert.equal(reads.count, 1);
    state.invalidate();
    assert.equal((await state.read()).resources.length, 0);
  });

  it("is read again after a reading that failed", async () => {
    const { state } = stackOf(new Error("no backend"), { resources: [bucket] });
    await assert.rejects(state.read(), /no backend/);
    assert.equal((await state.read()).resources.length, 1);
  });

  it("is empty where the backend knows no such stack, and nothing is made there", async () => {
    const { state } = stackOf(new Error("error: no stack named 'dev' found"));
    assert.deepEqual(await state.read(), { resources: [], pending: [] });
  });

  it("says what to do when the backend does not answer, or answers no JSON", async () => {
    const unreachable = stackOf(new Error("error: PULUMI_ACCESS_TOKEN must be set\n"));
    await assert.rejects(
      unreachable.state.read(),
      (error: UserError) =>
        error.message === "Pulumi cannot open the stack dev: PULUMI_ACCESS_TOKEN must be set" &&
        /pulumi login/.test(error.next),
    );
    const garbled = new StackState({ stack: "dev", answer: async () => "<html>" });
    await assert.rejects(garbled.read(), /The state of dev cannot be read/);
  });
});
