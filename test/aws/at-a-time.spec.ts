import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { atATime } from "../../aws/at-a-time";

describe("so many calls at a time", () => {
  it("are never more, and give their results in the order of the items", async () => {
    let now = 0;
    let most = 0;
    const results = await atATime(
      new Set(Array.from({ length: 50 }, (_, index) => index)),
      async (item) => {
        most = Math.max(most, (now += 1));
        // The later an item, the sooner it is done.
        for (let turn = item; turn < 50; turn += 1) await setImmediate();
        now -= 1;
        return 2 * item;
      },
      4,
    );
    assert.equal(most, 4);
    assert.deepEqual(
      results,
      Array.from({ length: 50 }, (_, index) => 2 * index),
    );
  });

  it("begin no further one for nothing, and fail as the first that fails", async () => {
    assert.deepEqual(await atATime([], () => assert.fail("called")), []);
    await assert.rejects(
      atATime([1, 2, 3], (item) => (item === 2 ? Promise.reject(new Error("the second")) : Promise.resolve(item))),
      /the second/,
    );
  });
});
