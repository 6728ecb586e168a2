import assert from "node:assert/strict";
import fc from "fast-check";
import { type GuardPorts, RolloutGuard } from "../../../../automation/release/guard/guard";
import type { RolloutBlock } from "../../../../lifecycle/rollout/evidence";
import type { RolloutOutcome } from "../../../../lifecycle/rollout/outcome";
import { nothingServed, type Served, type Signal } from "../../../../lifecycle/rollout/served";

const minuteMs = 60_000;
const start = Date.parse("2026-11-29T12:00:00Z");
const served = (requests: number, counts: Partial<Served> = {}): Served => ({
  ...nothingServed,
  requests,
  answers: requests,
  ...counts,
});
/** Half a day in which errors came one by one. */
const calm = Array.from({ length: 720 }, (_, minute) =>
  served(1200, { errors: minute % 5, slow: minute % 5, empty: minute % 5, unsure: minute % 5 }),
);
const even = (requests: number, mine: Partial<Served> = {}): RolloutBlock => ({
  new: served(requests, mine),
  old: served(requests),
});
/** SageMaker brings the fleet up, gives it half of the traffic, then all of it. */
const course =
  (block: RolloutBlock, { creating = 2, canary = 15, full = 5 } = {}) =>
  (minute: number): RolloutBlock => {
    const all = served(block.old.requests + block.new.requests);
    if (minute < creating) return { new: nothingServed, old: all };
    if (minute < creating + canary) return block;
    return minute < creating + canary + full ? { new: all, old: nothingServed } : even(0);
  };

interface World {
  readonly outcome: RolloutOutcome;
  /** Minute in which SageMaker was told first; undefined where it was not. */
  readonly takenBack: number | undefined;
  readonly told: number;
}

/** An update, minute by minute of the service's clock; at its end the guard is stopped. */
async function update(
  truth: (minute: number) => RolloutBlock,
  changes: (minute: () => number) => Partial<GuardPorts> = () => ({}),
  minutes = 25,
): Promise<World> {
  let minute = 0;
  const told: number[] = [];
  let over: () => void;
  const end = new Promise<void>((resolve) => (over = resolve));
  const guard = new RolloutGuard({
    updating: async () => "config-new",
    now: async () => new Date(start + minute * minuteMs + 5000),
    history: async (from, to) => {
      assert.equal(to.getTime() - from.getTime(), 12 * 60 * minuteMs);
      return calm;
    },
    blocks: async (config, from, to) => {
      assert.equal(config, "config-new");
      const found = new Map<number, RolloutBlock>();
      for (let at = from.getTime(); at < to.getTime(); at += minuteMs) found.set(at, truth((at - start) / minuteMs));
      return found;
    },
    unread: () => undefined,
    takeBack: async () => void told.push(minute),
    pause: (_ms, signal) => {
      minute += 1;
      if (minute <= minutes) return Promise.resolve();
      over();
      return new Promise((resolve) => (signal.aborted ? resolve() : signal.addEventListener("abort", () => resolve())));
    },
    ...changes(() => minute),
  });
  await end;
  return { outcome: await guard.stop(), takenBack: told[0], told: told.length };
}

describe("the guard of a rollout", () => {
  for (const [signal, reason] of [
    ["errors", /^more errors: \d+ of \d+ requests, before 0 of \d+$/],
    ["slow", /^more answers beyond the latency objective: /],
    ["empty", /^more empty or absurd answers: /],
    ["unsure", /^more answers of low confidence: /],
  ] as [Signal, RegExp][])
    it(`has an update taken back whose new configuration has more ${signal}, and goes on saying so`, async () => {
      const { outcome, takenBack, told } = await update(course(even(600, { [signal]: 24 })));
      assert.equal(outcome.verdict, "roll back");
      assert.match(outcome.reasons.join("\n"), reason);
      assert.ok(outcome.served.new[signal] > 0 && outcome.served.old[signal] === 0);
      // Two minutes before it has traffic, two that tell, one until CloudWatch has them.
      assert.ok(takenBack! <= 6, `minute ${takenBack}`);
      assert.ok(told > 3, `${told} times`);
    });

  it("lets a release pass that is proven to be no worse", async () => {
    const { outcome, takenBack } = await update(course(even(1800)));
    assert.deepEqual([outcome.verdict, takenBack], ["promote", undefined], outcome.reasons.join("; "));
    // Sixteen minutes of both, five of the new one alone; nothing of the time before it had traffic.
    assert.deepEqual([outcome.served.new.requests, outcome.served.old.requests], [15 * 1800 + 5 * 3600, 15 * 1800]);
  });

  it("says of thin traffic that nothing is proven, and what is missing", async () => {
    const { outcome, takenBack } = await update(course(even(6)));
    assert.deepEqual([outcome.verdict, takenBack], ["inconclusive", undefined]);
    assert.match(
      outcome.reasons.join("\n"),
      /^the update was over after \d+ blocks\n[^]*not yet proven to be no worse in errors: 0 of 150 requests, before 0 of 90$/m,
    );
  });

  it("promotes nothing whose answers nobody counts, however few errors there are", async () => {
    const truth = course(even(3000));
    const { outcome } = await update((minute) => {
      const block = truth(minute);
      return { new: { ...block.new, answers: 0 }, old: { ...block.old, answers: 0 } };
    });
    assert.equal(outcome.verdict, "inconclusive");
    assert.match(outcome.reasons.join("\n"), /no worse in empty or absurd answers: 0 of 0 requests/);
    assert.doesNotMatch(outcome.reasons.join("\n"), /no worse in errors/);
  });

  it("compares errors where logs cannot be read, and says why it proves nothing more", async () => {
    const silent = (errors: number) => {
      const truth = course(even(3000, { errors }));
      return (minute: number): RolloutBlock => {
        const block = truth(minute);
        return { new: { ...block.new, answers: 0 }, old: { ...block.old, answers: 0 } };
      };
    };
    const unread = () => ({ unread: () => "not authorized to perform: logs:FilterLogEvents" });
    const [sound, bad] = [await update(silent(0), unread), await update(silent(60), unread)];
    assert.equal(sound.outcome.verdict, "inconclusive");
    assert.match(sound.outcome.reasons[0]!, /could not be read: not authorized to perform: logs:FilterLogEvents/);
    assert.equal(bad.outcome.verdict, "roll back");
    assert.match(bad.outcome.reasons.join(), /^more errors/);
  });

  it("counts what comes late once, and takes what is not there yet for nothing that speaks for or against", async () => {
    const truth = course(even(1800));
    const late = (minute: () => number): Partial<GuardPorts> => ({
      blocks: async (_config, from, to) => {
        const found = new Map<number, RolloutBlock>();
        for (let at = from.getTime(); at < to.getTime(); at += minuteMs) {
          const age = minute() - (at - start) / minuteMs;
          // The new fleet's metrics come two minutes after the old one's, which come a minute late.
          if (age >= 2)
            found.set(at, { ...truth((at - start) / minuteMs), ...(age < 4 ? { new: nothingServed } : {}) });
        }
        return found;
      },
    });
    const [onTime, delayed] = [await update(truth), await update(truth, late, 28)];
    assert.deepEqual(delayed.outcome.served, onTime.outcome.served);
    assert.equal(delayed.outcome.verdict, "promote", delayed.outcome.reasons.join("; "));
  });

  it("sees gaps through: a look that fails is made up for by the next", async () => {
    const truth = course(even(1800));
    let looks = 0;
    const { outcome } = await update(truth, () => ({
      blocks: async (_config, from, to) => {
        if ((looks += 1) % 3 === 0) throw new Error("Throttling");
        const found = new Map<number, RolloutBlock>();
        for (let at = from.getTime(); at < to.getTime(); at += minuteMs) found.set(at, truth((at - start) / minuteMs));
        return found;
      },
    }));
    assert.ok(looks > 10);
    assert.equal(outcome.verdict, "promote", outcome.reasons.join("; "));
  });

  it("promotes nothing after it lost sight, though all was well until then", async () => {
    const truth = course(even(1800));
    const { outcome } = await update(truth, (minute) => ({
      blocks: async (_config, from, to) => {
        if (minute() > 18) throw new Error("not authorized to perform cloudwatch:GetMetricData");
        const found = new Map<number, RolloutBlock>();
        for (let at = from.getTime(); at < to.getTime(); at += minuteMs) found.set(at, truth((at - start) / minuteMs));
        return found;
      },
    }));
    assert.equal(outcome.verdict, "inconclusive");
    assert.match(outcome.reasons[0]!, /could not be seen: not authorized to perform cloudwatch:GetMetricData/);
  });

  it("harms no update when CloudWatch, the clock or SageMaker fail: it says that it saw nothing", async () => {
    const broken = () => Promise.reject(new Error("is down"));
    for (const port of ["now", "history", "blocks"] as const) {
      const { outcome, takenBack } = await update(course(even(1800, { errors: 300 })), () => ({ [port]: broken }));
      assert.deepEqual([outcome.verdict, takenBack], ["inconclusive", undefined], port);
      assert.deepEqual(outcome.reasons, ["what both configurations served could not be seen: is down"], port);
      assert.deepEqual(outcome.served, { new: nothingServed, old: nothingServed }, port);
    }
    const blind = await update(course(even(1800)), () => ({ updating: broken }));
    assert.match(blind.outcome.reasons.join(), /could not be seen: is down/);
    const never = await update(course(even(1800)), () => ({ updating: async () => undefined }));
    assert.deepEqual(
      [never.outcome.verdict, never.outcome.reasons],
      ["inconclusive", ["no update was under way while somebody watched"]],
    );
  });

  it("stands by what it found where SageMaker cannot be told: the release is judged by it all the same", async () => {
    const { outcome } = await update(course(even(600, { errors: 60 })), () => ({
      takeBack: () => Promise.reject(new Error("not authorized to perform cloudwatch:PutMetricData")),
    }));
    assert.equal(outcome.verdict, "roll back");
  });

  it("never promotes by silence, whatever comes and whatever fails", async () => {
    const count = fc.nat(40);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ mine: count, theirs: count, fails: fc.boolean() }), { minLength: 25, maxLength: 25 }),
        async (minutes) => {
          const { outcome } = await update((minute) => {
            const { mine, theirs, fails } = minutes[minute] ?? { mine: 0, theirs: 0, fails: false };
            if (fails) throw new Error("no answer");
            return { new: served(mine), old: served(theirs) };
          });
          // (ln 100 + ln 2) / 0.001 requests at least show that errors are rarer than is tolerated anyway.
          assert.equal(outcome.verdict, "inconclusive", outcome.reasons.join("; "));
        },
      ),
      { numRuns: 30 },
    );
  });
});
