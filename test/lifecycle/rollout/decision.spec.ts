import assert from "node:assert/strict";
import { decideRollout, type RolloutVerdict } from "../../../lifecycle/rollout/decision";
import { evidenceAfter, evidenceBefore, type RolloutBlock } from "../../../lifecycle/rollout/evidence";
import { type RolloutRules, rolloutRulesSchema, usualRules } from "../../../lifecycle/rollout/rules";
import { nothingServed, type Served, servedSchema } from "../../../lifecycle/rollout/served";
import { argo, flagger, ours } from "../../../scripts/bench/rollouts/rules";
import { type Kind, kinds, type Release, Trace } from "../../../scripts/bench/rollouts/traces";

const served = (requests: number, counts: Partial<Served> = {}): Served => ({
  ...nothingServed,
  requests,
  answers: requests,
  ...counts,
});
const block = (mine: Partial<Served>, old: Partial<Served> = {}, requests = 600): RolloutBlock => ({
  new: served(requests, mine),
  old: served(requests, old),
  newPercent: 50,
});
const repeated = (one: RolloutBlock, times: number): RolloutBlock[] => Array<RolloutBlock>(times).fill(one);
/** A day in which errors came one by one. */
const calm = Array.from({ length: 200 }, (_, minute) =>
  served(1200, { errors: minute % 5, slow: minute % 5, unsure: minute % 5 }),
);

/** The first decision that is not to hold, or the last one. */
function judgeRollout(
  blocks: readonly RolloutBlock[],
  rules: RolloutRules = usualRules,
  history: readonly Served[] = [],
): { verdict: RolloutVerdict; reasons: readonly string[]; blocks: number } {
  let evidence = evidenceBefore(history);
  let decision = decideRollout(evidence, rules);
  for (const block of blocks) {
    evidence = evidenceAfter(evidence, block, rules);
    decision = decideRollout(evidence, rules);
    if (decision.verdict !== "hold") break;
  }
  return { ...decision, blocks: evidence.blocks };
}

function endings(
  rule: (trace: Trace) => { verdict: string; minutes: number },
  runs: number,
  release: Omit<Release, "seed">,
) {
  const ended = Array.from({ length: runs }, (_, run) => rule(new Trace({ ...release, seed: 7001 * run + 13 })));
  const rolledBack = ended.filter(({ verdict }) => verdict === "roll back");
  return {
    promoted: ended.filter(({ verdict }) => verdict === "promote").length,
    rolledBack: rolledBack.length,
    minutes: rolledBack.reduce((total, { minutes }) => total + minutes, 0) / rolledBack.length,
  };
}

describe("the decision about a guarded rollout", () => {
  it("promotes what is proven to be no worse, and says by what", () => {
    const { verdict, reasons, blocks } = judgeRollout(
      repeated(block({ errors: 3 }, { errors: 3 }), 120),
      usualRules,
      calm,
    );
    assert.equal(verdict, "promote", reasons.join());
    assert.ok(blocks >= usualRules.leastBlocks);
    assert.match(reasons[0]!, /no worse in errors: \d+ of \d+ requests, before \d+ of \d+/);
  });

  it("watches for as long as it must, however much traffic proves", () => {
    const busy = block({ errors: 300 }, { errors: 300 }, 60_000);
    assert.equal(judgeRollout(repeated(busy, 120), usualRules, calm).blocks, usualRules.leastBlocks);
  });

  it("never promotes by silence: without traffic, with little, or without a single event", () => {
    const silent = judgeRollout(repeated(block({}, {}, 0), 200), usualRules, calm);
    assert.deepEqual([silent.verdict, silent.blocks], ["inconclusive", usualRules.mostBlocks]);
    const thin = judgeRollout(repeated(block({}, {}, 2), 200), usualRules, calm);
    assert.equal(thin.verdict, "inconclusive");
    assert.match(thin.reasons.join(), /not yet proven to be no worse in errors: 0 of 240 requests/);
    assert.equal(judgeRollout(repeated(block({}, {}, 600), 10)).verdict, "hold");
  });

  it("promotes a service that hardly ever fails once it was asked often enough", () => {
    const { verdict, blocks } = judgeRollout(repeated(block({}, {}), 120), usualRules, calm);
    assert.equal(verdict, "promote");
    // (ln 100 + ln 2 + ln 3) / 0.001 requests at least, twice as many while nothing shows that they come one by one.
    assert.ok(600 * blocks > 6000, `${blocks}`);
  });

  it("rolls back for any signal, and names it", () => {
    for (const [signal, told] of [
      ["errors", /more errors: /],
      ["slow", /more answers beyond the latency objective: /],
      ["empty", /more empty or absurd answers: /],
      ["unsure", /more answers of low confidence: /],
    ] as const) {
      const { verdict, reasons, blocks } = judgeRollout(
        repeated(block({ [signal]: 60 }, { [signal]: 6 }), 20),
        usualRules,
        calm,
      );
      assert.equal(verdict, "roll back");
      assert.match(reasons.join(), told);
      assert.ok(blocks <= 5, `${signal}: ${blocks} blocks`);
    }
  });

  it("lets another model find nothing, or be unsure, a little more often: no more errors, though", () => {
    const verdict = (signal: "errors" | "empty" | "unsure", events: number) =>
      judgeRollout(repeated(block({ [signal]: events }, { [signal]: 60 }, 6000), 120), usualRules, calm).verdict;
    assert.equal(verdict("errors", 90), "roll back");
    for (const signal of ["empty", "unsure"] as const)
      assert.deepEqual([verdict(signal, 90), verdict(signal, 66)], ["inconclusive", "promote"], signal);
    const far = block({ empty: 300 }, { empty: 60 }, 6000);
    assert.equal(judgeRollout(repeated(far, 120), usualRules, calm).verdict, "roll back");
  });

  it("does not take a container that is silent about its answers for one that answers well", () => {
    const mute = block({ answers: 0 }, {}, 6000);
    const { verdict, reasons } = judgeRollout(repeated(mute, 200), usualRules, calm);
    assert.equal(verdict, "inconclusive");
    assert.match(reasons.join(), /no worse in empty or absurd answers: 0 of 0 requests/);
  });

  it("tests the split only where one is promised", () => {
    const { newPercent: _, ...unpromised } = block({}, {}, 6000);
    const skewed = { ...unpromised, new: served(600) };
    assert.equal(judgeRollout(repeated(skewed, 120), usualRules, calm).verdict, "promote");
  });

  it("is brought about by no single block, however bad", () => {
    const crash = block({ errors: 600 }, { errors: 3 });
    assert.equal(judgeRollout([crash], usualRules, calm).verdict, "hold");
    assert.equal(judgeRollout([crash, crash], usualRules, calm).verdict, "roll back");
    const once = [crash, ...repeated(block({ errors: 3 }, { errors: 3 }), 119)];
    assert.notEqual(judgeRollout(once, usualRules, calm).verdict, "roll back");
  });

  it("blames nobody for what hits both", () => {
    const both = repeated(block({ errors: 200 }, { errors: 200 }), 30);
    assert.notEqual(judgeRollout(both, usualRules, calm).verdict, "roll back");
  });

  it("does not promote while the split is not the intended one", () => {
    const skewed = { ...block({ errors: 1 }, { errors: 1 }), newPercent: 10 };
    const { verdict, reasons } = judgeRollout(repeated(skewed, 200), usualRules, calm);
    assert.equal(verdict, "inconclusive");
    assert.match(reasons.join(), /share of the requests is not the intended one: \d+ of \d+ at 10 %/);
  });

  it("decides the same block by block, from plain data, as from all blocks at once", () => {
    const trace = new Trace({ seed: 5, requestsPerSecond: 20, kind: "incidents", oldRate: 0.005, newRate: 0.02 });
    const blocks = Array.from({ length: 60 }, () => trace.minute(25));
    const whole = judgeRollout(blocks);
    let evidence = evidenceBefore();
    for (const one of blocks.slice(0, whole.blocks))
      evidence = JSON.parse(JSON.stringify(evidenceAfter(evidence, one, usualRules))) as typeof evidence;
    const { verdict, reasons } = decideRollout(evidence);
    assert.deepEqual({ verdict, reasons, blocks: whole.blocks }, whole);
  });

  it("refuses rules and counts that make no sense", () => {
    const found = rolloutRulesSchema.safeParse({ rollBackAlpha: 0, margin: 1, leastBlocks: 9, mostBlocks: 5 });
    assert.deepEqual(found.error?.issues.map(({ path }) => path.join(".")).sort(), [
      "margin",
      "mostBlocks",
      "rollBackAlpha",
    ]);
    assert.equal(
      rolloutRulesSchema.safeParse({ leastBlocks: 9, mostBlocks: 5 }).error?.issues[0]?.path[0],
      "mostBlocks",
    );
    assert.match(servedSchema.safeParse(served(3, { errors: 4 })).error?.message ?? "", /4 of 3 requests/);
  });
});

describe("guarded rollouts of simulated releases", () => {
  const healthy = { requestsPerSecond: 20, oldRate: 0.005, newRate: 0.005 };
  const all = (of: (kind: Kind) => { promoted: number; rolledBack: number }) =>
    kinds.map(of).reduce((sum, one) => ({
      promoted: sum.promoted + one.promoted,
      rolledBack: sum.rolledBack + one.rolledBack,
    }));

  it("are hardly ever rolled back while healthy, however lumpy errors and traffic are", () => {
    const { rolledBack } = all((kind) => endings(ours, 20, { ...healthy, kind }));
    assert.ok(rolledBack <= 4, `${rolledBack} of 120`);
    const near = all((kind) => endings(ours, 10, { requestsPerSecond: 5, kind, oldRate: 0.009, newRate: 0.009 }));
    assert.ok(near.rolledBack <= 3, `${near.rolledBack} of 60`);
  });

  it("are never promoted while bad", () => {
    const { promoted } = all((kind) => endings(ours, 10, { ...healthy, newRate: 0.01, kind }));
    assert.ok(promoted <= 2, `${promoted} of 60`);
  });

  it("are rolled back within three minutes at ten times the errors", () => {
    const { rolledBack, minutes } = endings(ours, 30, { ...healthy, newRate: 0.05, kind: "steady" });
    assert.equal(rolledBack, 30);
    assert.ok(minutes <= 3, `${minutes} minutes`);
  });

  it("are rolled back within minutes also where single minutes of the release before were bad", () => {
    const { rolledBack, minutes } = endings(ours, 30, { ...healthy, newRate: 0.05, kind: "bad minutes" });
    assert.equal(rolledBack, 30);
    assert.ok(minutes <= 10, `${minutes} minutes`);
  });

  it("beat thresholds, which roll back idle services and promote bad ones", () => {
    const idle: Omit<Release, "seed"> = { requestsPerSecond: 1, kind: "gaps", oldRate: 0.005, newRate: 0.005 };
    assert.ok(endings(flagger, 40, idle).rolledBack > 20, "no values are failures");
    const bad: Omit<Release, "seed"> = { requestsPerSecond: 0.5, kind: "steady", oldRate: 0.005, newRate: 0.02 };
    assert.ok(endings(flagger, 40, bad).promoted > 20);
    const near: Omit<Release, "seed"> = { requestsPerSecond: 5, kind: "steady", oldRate: 0.009, newRate: 0.009 };
    assert.ok(endings(argo(0), 40, near).rolledBack > 30);
    assert.ok(endings(argo(3), 40, { ...near, newRate: 0.01 }).promoted > 5);
  });
});
