import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { hostname } from "node:os";
import { StackLocked } from "../../../automation/errors";
import { recoverStack, refreshEndpoint } from "../../../automation/stack/recovery";
import { StackState } from "../../../automation/stack/stack-state";

const urn = (type: string) => `urn:pulumi:dev::peregrine::${type}::x`;
const resource = (type: string) => ({ urn: urn(type), type });
const endpoint = "aws:sagemaker/endpoint:Endpoint";
const deployment = { resources: [resource("pulumi:pulumi:Stack"), resource(endpoint), resource("aws:ec2/vpc:Vpc")] };
const state = () => new StackState({ stack: "dev", answer: async () => JSON.stringify({ version: 3, deployment }) });
const lockedBy = (host: string, pid: number) =>
  new Error(`the stack is currently locked by 1 lock(s)\n  x: created by ada@${host} (pid ${pid}) at 10:00`);

/** Operations whose refresh fails with the given errors, one after the other, and then succeeds. */
function operationsThatFail(...errors: Error[]) {
  const done: string[][] = [];
  return {
    done,
    refresh: async (options: readonly string[]) => {
      done.push(["refresh", ...options]);
      const error = errors.shift();
      if (error) throw error;
    },
    cancel: async () => void done.push(["cancel"]),
  };
}

describe("recovery after a killed engine", () => {
  it("takes the lock of a process that has ended off the stack, and refreshes again", async () => {
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    const operations = operationsThatFail(lockedBy(hostname(), pid));
    await recoverStack("dev", state(), operations, "everything", () => undefined);
    assert.deepEqual(operations.done, [["refresh"], ["cancel"], ["refresh"]]);
  });

  it("waits for an engine that goes on without its parent", async () => {
    const waits: string[] = [];
    const operations = operationsThatFail(lockedBy(hostname(), process.pid));
    await recoverStack("dev", state(), operations, "everything", (what) => void waits.push(what));
    assert.deepEqual(operations.done, [["refresh"], ["refresh"]]);
    assert.deepEqual(waits, [`waiting for the engine of a command that was killed (process ${process.pid})`]);
  });

  it("leaves the lock of another machine alone, and says what it means", async () => {
    const operations = operationsThatFail(lockedBy("another-host", 1));
    await assert.rejects(
      recoverStack("dev", state(), operations, "everything", () => undefined),
      StackLocked,
    );
    assert.deepEqual(operations.done, [["refresh"]]);
  });

  it("reads what releases change and nothing else, for the role of release builds", async () => {
    const operations = operationsThatFail();
    await recoverStack("dev", state(), operations, "release", () => undefined);
    assert.deepEqual(operations.done, [["refresh", "--target", urn("pulumi:pulumi:Stack"), "--target", urn(endpoint)]]);
  });

  it("of the endpoint alone reads the endpoint alone", async () => {
    const operations = operationsThatFail();
    await refreshEndpoint("dev", state(), operations);
    assert.deepEqual(operations.done, [["refresh", "--target", urn(endpoint)]]);
  });
});
