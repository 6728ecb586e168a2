import assert from "node:assert/strict";
import { Clock } from "../../../local/clock";

describe("the cloud's clock", () => {
  it("runs as many times faster as it was told", async () => {
    const clock = new Clock(600);
    const before = clock.nowMs();
    const real = Date.now();
    await clock.sleep(30_000);
    const took = Date.now() - real;
    assert.ok(took >= 45 && took < 1000, `30 s of cloud time took ${took} ms`);
    assert.ok(clock.nowMs() - before >= 29_000);
  });

  it("refuses to stand still or to run backwards", () => {
    assert.throws(() => new Clock(0), /between 1 and 3600/);
  });

  it("wakes a sleeper whose wait is given up", async () => {
    const stop = new AbortController();
    const sleeping = new Clock().sleep(60_000, stop.signal);
    stop.abort(new Error("stopped"));
    await assert.rejects(sleeping, /stopped/);
  });
});
