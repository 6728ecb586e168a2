import assert from "node:assert/strict";
import fc from "fast-check";
import { allServe, type FailoverState, type Rung, rungs } from "../../../contract/front-door";
import {
  breakerPolicy,
  claimTry,
  forgetSwitch,
  noteSwitch,
  openBreaker,
  serverOf,
  serverToldBy,
  settleTry,
  useOf,
} from "../../../lifecycle/failover/breaker";

const { coolMs, maxCoolMs, goodTries, calmMs, tryingMs } = breakerPolicy;

/** What may happen to a state, at a time. */
type Step = { readonly rung: Rung; readonly afterMs: number } & (
  { readonly kind: "open" | "claim" } | { readonly kind: "settle"; readonly went: "well" | "badly" }
);
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    rung: fc.constantFrom(...rungs),
    afterMs: fc.integer({ min: 0, max: 2 * maxCoolMs }),
    kind: fc.constantFrom("open", "claim", "settle"),
    went: fc.constantFrom("well", "badly"),
  }) as fc.Arbitrary<Step>,
  { maxLength: 60 },
);

function apply(state: FailoverState, step: Step, nowMs: number): FailoverState {
  switch (step.kind) {
    case "open":
      return openBreaker(state, step.rung, nowMs);
    case "claim":
      return claimTry(state, step.rung, nowMs);
    case "settle":
      return settleTry(state, step.rung, step.went, nowMs);
  }
}

describe("a circuit breaker", () => {
  it("rests twice as long after each failure, at most ten minutes", () => {
    let [state, nowMs] = [openBreaker(allServe, "champion", 0), 0];
    const rests: number[] = [];
    for (let count = 0; count < 8; count += 1) {
      const { untilMs } = state.breakers.champion!;
      rests.push((untilMs - nowMs) / 1000);
      assert.equal(useOf(state, "champion", untilMs - 1), "skip");
      assert.equal(useOf(state, "champion", untilMs), "try");
      nowMs = untilMs;
      state = settleTry(claimTry(state, "champion", nowMs), "champion", "badly", nowMs);
    }
    assert.deepEqual(rests, [30, 60, 120, 240, 480, 600, 600, 600]);
  });

  it("closes after three good tries in a row, each claimed by one alone", () => {
    let state = openBreaker(allServe, "champion", 0);
    for (let count = 1; count <= goodTries; count += 1) {
      const claimed = claimTry(state, "champion", coolMs);
      assert.notEqual(claimed, state);
      assert.equal(claimTry(claimed, "champion", coolMs), claimed);
      assert.equal(useOf(claimed, "champion", coolMs), "skip");
      state = settleTry(claimed, "champion", "well", coolMs);
      assert.equal(state.breakers.champion!.state, count < goodTries ? "open" : "closed");
    }
    assert.equal(useOf(state, "champion", coolMs), "serve");
  });

  it("begins the row of good tries anew after a bad one", () => {
    let state = openBreaker(allServe, "champion", 0);
    for (const went of ["well", "well", "badly"] as const) state = settleTry(state, "champion", went, coolMs);
    assert.deepEqual([state.breakers.champion!.good, state.breakers.champion!.state], [0, "open"]);
  });

  it("gives a try up whose maker never came back", () => {
    const claimed = claimTry(openBreaker(allServe, "champion", 0), "champion", coolMs);
    assert.equal(useOf(claimed, "champion", coolMs + tryingMs - 1), "skip");
    assert.equal(useOf(claimed, "champion", coolMs + tryingMs), "try");
  });

  it("forgets its failures once it has been calm", () => {
    let state = openBreaker(allServe, "champion", 0);
    for (let count = 0; count < goodTries; count += 1) state = settleTry(state, "champion", "well", coolMs);
    assert.equal(openBreaker(state, "champion", coolMs + calmMs - 1).breakers.champion!.trips, 2);
    assert.equal(openBreaker(state, "champion", coolMs + calmMs).breakers.champion!.trips, 1);
  });

  it("is never opened more than ten times in any hour, whatever happens", () => {
    fc.assert(
      fc.property(steps, (list) => {
        let [state, nowMs] = [allServe, 0];
        const opened: number[] = [];
        for (const step of list) {
          nowMs += step.afterMs;
          const before = state.breakers.champion?.state;
          state = apply(state, step, nowMs);
          if (before !== "open" && state.breakers.champion?.state === "open") opened.push(nowMs);
        }
        for (const from of opened)
          assert.ok(opened.filter((atMs) => atMs >= from && atMs < from + 3_600_000).length <= 10);
      }),
    );
  });

  it("can always come back: whatever happened, tries that go well close it within the longest rest", () => {
    fc.assert(
      fc.property(steps, (list) => {
        let [state, nowMs] = [allServe, 0];
        for (const step of list) state = apply(state, step, (nowMs += step.afterMs));
        for (const rung of rungs) {
          const dueMs = nowMs + Math.max(maxCoolMs, tryingMs);
          for (let tries = 0; tries < goodTries && useOf(state, rung, dueMs) !== "serve"; tries += 1) {
            assert.equal(useOf(state, rung, dueMs), "try");
            state = settleTry(claimTry(state, rung, dueMs), rung, "well", dueMs);
          }
          assert.equal(useOf(state, rung, dueMs), "serve");
        }
        assert.equal(serverOf(state, rungs), "champion");
      }),
    );
  });
});

describe("a switch", () => {
  it("is noted exactly when requests go elsewhere than before, as a chain without gaps", () => {
    fc.assert(
      fc.property(steps, fc.subarray([...rungs], { minLength: 1 }), (list, has) => {
        let [state, nowMs] = [allServe, 0];
        for (const step of list) {
          nowMs += step.afterMs;
          const after = apply(state, step, nowMs);
          const noted = noteSwitch(state, after, { rungs: has, reasons: ["because"], nowMs });
          const moved = serverOf(state, has) !== serverOf(after, has);
          assert.equal(noted.untold.length - state.untold.length, moved ? 1 : 0);
          state = noted;
        }
        let at = "champion" as string;
        if (!has.includes("champion")) at = has[0]!;
        for (const { from, to } of state.untold) {
          assert.equal(from, at);
          at = to;
        }
        assert.equal(at, serverOf(state, has));
      }),
    );
  });

  it("is forgotten by its id alone", () => {
    const about = { rungs, reasons: [], nowMs: 5 };
    const state = noteSwitch(allServe, openBreaker(allServe, "champion", 5), about);
    const more = noteSwitch(state, openBreaker(state, "standby", 6), { ...about, nowMs: 6 });
    assert.deepEqual(
      forgetSwitch(more, state.untold[0]!.id).untold.map(({ from, to }) => [from, to]),
      [["standby", "small"]],
    );
  });

  it("goes to the queue when no rung serves, and tells only of rungs that there are", () => {
    const state = openBreaker(openBreaker(allServe, "champion", 0), "small", 0);
    assert.equal(serverOf(state, ["champion", "small"]), "hold");
    assert.equal(serverOf(state, rungs), "standby");
  });

  it("tell who answers where the ledger of switches is behind, and where rungs are not known", () => {
    const away = [{ to: "standby" }, { to: "champion" }, { to: "hold" }] as const;
    assert.equal(serverToldBy(allServe, away), "champion");
    const open = openBreaker(allServe, "champion", 0);
    assert.equal(serverToldBy(open, away), "hold");
    assert.equal(serverToldBy(open, [{ to: "standby" }, { to: "champion" }]), "standby");
    assert.equal(serverToldBy(open, []), "hold");
    const back = Array.from({ length: goodTries }).reduce<FailoverState>(
      (state) => settleTry(state, "champion", "well", 1),
      open,
    );
    assert.equal(serverToldBy(back, away), "champion");
  });
});
