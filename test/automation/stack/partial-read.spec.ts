import assert from "node:assert/strict";
import { retryPartialRead } from "../../../automation/stack/partial-read";

describe("a stack's state", () => {
  const half = () => new Error("code: 255\n stderr: error: failed to load checkpoint: EOF\n");

  it("is read again when another engine was writing it", async () => {
    let tries = 0;
    assert.equal(await retryPartialRead(async () => (++tries < 3 ? Promise.reject(half()) : "whole")), "whole");
    assert.equal(tries, 3);
  });

  it("is read again when another engine was making the backend", async () => {
    let tries = 0;
    assert.equal(
      await retryPartialRead(async () =>
        ++tries < 2 ? Promise.reject(new Error('code: 255\n stderr: error: read ".pulumi/meta.yaml": EOF\n')) : "whole",
      ),
      "whole",
    );
    assert.equal(tries, 2);
  });

  it("is not read again for another reason, and not for ever", async () => {
    let tries = 0;
    const failing = (error: Error) => retryPartialRead(() => (tries++, Promise.reject(error)));
    await assert.rejects(failing(new Error("failed to load checkpoint: invalid character 'x'")), /invalid character/);
    assert.equal(tries, 1);
    await assert.rejects(failing(half()), /EOF/);
    assert.equal(tries, 21);
  });
});
