import assert from "node:assert/strict";
import { Journal } from "../../../local/journal";
import { awsLags, lagsOf, noLags } from "../../../local/lags";
import { Propagation } from "../../../local/propagation";

/** A followed table under a clock that stands still until it is set. */
function setUp(lagMs: number) {
  const clock = { ms: 0, nowMs: () => clock.ms };
  const propagation = new Propagation(clock, lagMs);
  return { clock, propagation, ...propagation.follow(new Journal().table<string>("rows")) };
}

describe("what is seen late", () => {
  it("is there at once for whoever looks it up, and seen after the lag", () => {
    const { clock, propagation, table, seen } = setUp(1000);
    table.put("a", "one");
    assert.deepEqual(
      [table.get("a"), seen.get("a"), seen.has("a"), seen.size, propagation.revision],
      ["one", undefined, false, 0, 0],
    );
    clock.ms = 999;
    assert.equal(seen.get("a"), undefined);
    clock.ms = 1000;
    assert.deepEqual([seen.get("a"), [...seen.entries()], propagation.revision], ["one", [["a", "one"]], 1]);
  });

  it("is seen change by change, each as late as the other, and is seen still when it is gone", () => {
    const { clock, table, seen } = setUp(1000);
    table.put("a", "one");
    clock.ms = 500;
    table.put("a", "two");
    clock.ms = 1400;
    table.delete("a");
    assert.deepEqual([table.get("a"), seen.get("a")], [undefined, "one"]);
    clock.ms = 1600;
    assert.equal(seen.get("a"), "two");
    clock.ms = 2400;
    assert.equal(seen.get("a"), undefined);
  });

  it("is seen at once where it comes with the account, and where nothing lags", () => {
    const late = setUp(1000);
    late.table.put("a", "one");
    late.propagation.settle();
    const prompt = setUp(0);
    prompt.table.put("a", "one");
    assert.deepEqual(
      [late.seen.get("a"), prompt.seen.get("a"), late.propagation.revision, prompt.propagation.revision],
      ["one", "one", 1, 1],
    );
  });

  it("lags where that is asked for; else rights never do, and the rest with a fast clock", () => {
    assert.deepEqual([lagsOf(true, 1), lagsOf(false, 60), lagsOf(undefined, 1)], [awsLags, noLags, noLags]);
    assert.deepEqual(lagsOf(undefined, 60), { ...awsLags, iamMs: 0, aliasMs: 0, grantMs: 0 });
  });
});
