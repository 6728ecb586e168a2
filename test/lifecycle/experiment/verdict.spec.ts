import assert from "node:assert/strict";
import type { ExperimentDesignInput } from "../../../lifecycle/experiment/design";
import { arms, designOf, InvalidExperiment, planInputs } from "../../../lifecycle/experiment/design";
import type { Look } from "../../../lifecycle/experiment/look";
import { planExperiment } from "../../../lifecycle/experiment/plan";
import { type ExperimentOutcome, judgeExperiment } from "../../../lifecycle/experiment/verdict";
import { nothingServed } from "../../../lifecycle/rollout/served";
import { noClusters, tallyOf } from "../../../lifecycle/statistics/clusters";
import { looksOf, startedAt, type Truth } from "../../../scripts/bench/experiments/courses";
import { Random } from "../../../scripts/bench/random";

const design: ExperimentDesignInput = {
  name: "yolo11s-in-fog",
  unit: "flight",
  challengerPercent: 50,
  metric: { name: "F1", better: "higher" },
  question: { kind: "superiority", minimumEffect: 0.04 },
  stopping: { rule: "group-sequential", looks: 14 },
  maximumHours: 336,
  guardrails: [{ signal: "errors" }],
};
const traffic = { requestsPerSecond: 0.5, flightSize: 100, correlation: 0.2, deviation: 0.25, labelledShare: 0.05 };
const prices = { challengerUsdPerHour: 0, usdPerLabel: 0, usdPerRequest: 0 };

/** As many looks as simulations have time for. */
const fewLooks: Partial<ExperimentDesignInput> = { stopping: { rule: "group-sequential", looks: 5 } };

function course(seed: number, truth: Truth, change: Partial<ExperimentDesignInput> = {}, looks = 14): Look[] {
  const inputs = planInputs({ design: { ...design, ...change }, traffic, prices });
  return looksOf(new Random(seed), inputs.design, inputs.traffic, truth, inputs.design.maximumHours, looks);
}

/** How many of these runs came to which outcome. */
function outcomes(
  runs: number,
  truth: Truth,
  change: Partial<ExperimentDesignInput> = {},
): Map<ExperimentOutcome, number> {
  const parsed = designOf({ ...design, ...change });
  const counts = new Map<ExperimentOutcome, number>();
  for (let run = 0; run < runs; run++) {
    const looks = course(run, truth, change, parsed.stopping.rule === "fixed" ? 1 : parsed.stopping.looks);
    const { verdict } = judgeExperiment(parsed, { startedAt, looks });
    counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  }
  return counts;
}

/** Looks at a shadow: 40 labelled images each, of which some are hard for both models. */
function shadowLooks(seed: number, effect: number): Look[] {
  const random = new Random(seed);
  return Array.from({ length: 5 }, (_, index) => {
    const images = Array.from({ length: 40 }, () => {
      const common = 0.5 + 0.2 * random.normal();
      return [common + 0.1 * random.normal(), common + effect + 0.1 * random.normal()] as const;
    });
    const arm = (of: (image: (typeof images)[number]) => number) => ({
      units: 400,
      served: { ...nothingServed, requests: 400 },
      scores: tallyOf(images.map((image) => [of(image)])),
    });
    return {
      at: new Date(Date.parse(startedAt) + (index + 1) * 3_600_000).toISOString(),
      challengerPercent: 50,
      arms: { champion: arm(([champion]) => champion), challenger: arm(([, challenger]) => challenger) },
      pairs: tallyOf(images.map(([champion, challenger]) => [challenger - champion])),
    };
  });
}

describe("the verdict of an experiment", () => {
  it("is won by a better challenger and lost by a worse one, early, and stays", () => {
    for (const [effect, outcome] of [
      [0.12, "won"],
      [-0.12, "lost"],
    ] as const) {
      const looks = course(1, { effect });
      const verdict = judgeExperiment(design, { startedAt, looks });
      assert.equal(verdict.verdict, outcome, verdict.reasons.join());
      assert.ok(verdict.looks < 8 && verdict.endedAt === looks[verdict.looks - 1]!.at);
      const then = judgeExperiment(design, { startedAt, looks: looks.slice(0, verdict.looks) });
      assert.deepEqual(verdict, then, "later looks change nothing");
      assert.ok(verdict.difference!.low * verdict.difference!.high > 0, "the interval leaves out 0");
    }
  });

  it("stays where it ended, whatever is added: for any true difference, rule and length", () => {
    for (let seed = 0; seed < 40; seed++) {
      const stopping = [
        { rule: "group-sequential", looks: 7 } as const,
        { rule: "always-valid", looks: 7 } as const,
        { rule: "fixed" } as const,
      ][seed % 3]!;
      const looks = course(seed, { effect: 0.02 * (seed % 5), bypass: seed % 7 === 0 ? 0.1 : 0 }, {}, 14);
      const short = { ...design, stopping, maximumHours: 100 + 30 * (seed % 6) };
      const whole = judgeExperiment(short, { startedAt, looks });
      assert.notEqual(whole.verdict, "running");
      for (let count = 1; count <= looks.length; count++) {
        const then = judgeExperiment(short, { startedAt, looks: looks.slice(0, count) });
        if (count < whole.looks) assert.equal(then.verdict, "running", `seed ${seed}, look ${count}`);
        else assert.deepEqual(then, whole, `seed ${seed}, look ${count}`);
      }
    }
  });

  it("spends what is left of its error chance at the end, even if no label came since the look before", () => {
    const few: Partial<ExperimentDesignInput> = { stopping: { rule: "group-sequential", looks: 4 }, maximumHours: 200 };
    const ends = new Set<string>();
    for (let seed = 0; seed < 30; seed++) {
      const looks = course(seed, { effect: 0.03 }, few, 4);
      const quiet = structuredClone(looks[3]!);
      for (const arm of arms) Object.assign(quiet.arms[arm], { scores: noClusters });
      const before = judgeExperiment({ ...design, ...few }, { startedAt, looks: looks.slice(0, 3) });
      const after = judgeExperiment({ ...design, ...few }, { startedAt, looks: [...looks.slice(0, 3), quiet] });
      if (before.verdict === "running") ends.add(after.verdict);
    }
    assert.deepEqual([...ends].sort(), ["inconclusive", "won"]);
  });

  it("turns round where lower is better", () => {
    const lower: Partial<ExperimentDesignInput> = { metric: { name: "misses", better: "lower" } };
    assert.equal(
      judgeExperiment({ ...design, ...lower }, { startedAt, looks: course(1, { effect: 0.12 }, lower) }).verdict,
      "won",
    );
  });

  it("runs until something is proven, all information is in, or the time is over", () => {
    const looks = course(3, { effect: 0 });
    assert.equal(judgeExperiment(design, { startedAt, looks: [] }).verdict, "running");
    const running = judgeExperiment(design, { startedAt, looks: looks.slice(0, 3) });
    assert.deepEqual([running.verdict, running.endedAt, running.looks], ["running", undefined, 3]);
    const complete = judgeExperiment(design, { startedAt, looks });
    assert.equal(complete.verdict, "inconclusive");
    assert.match(complete.reasons[0]!, /all the information/);
    const over = judgeExperiment({ ...design, stopping: { rule: "always-valid", looks: 14 } }, { startedAt, looks });
    assert.match(over.reasons[0]!, /maximum of 336 hours/);
  });

  it("tests once, when all information is in, where the rule is one look", () => {
    const fixed = { ...design, stopping: { rule: "fixed" }, maximumHours: 5000 };
    const verdicts = Array.from({ length: 10 }, (_, seed) =>
      judgeExperiment(fixed, { startedAt, looks: course(seed, { effect: 0.06 }, { maximumHours: 600 }) }),
    );
    assert.ok(verdicts.filter(({ verdict }) => verdict === "won").length >= 7);
    assert.ok(verdicts.every(({ informationShare }) => informationShare === 1));
  });

  it("is wrong no more often than alpha, and right as often as the plan says", () => {
    const runs = 400;
    const plan = planExperiment({ ...design, ...fewLooks }, traffic, prices);
    const none = outcomes(runs, { effect: 0 }, fewLooks);
    const wrong = (none.get("won") ?? 0) + (none.get("lost") ?? 0);
    assert.ok(wrong <= runs * 0.05 + 2.6 * Math.sqrt(runs * 0.05 * 0.95), `${wrong} of ${runs}`);
    const right = (outcomes(runs, { effect: 0.04 }, fewLooks).get("won") ?? 0) / runs;
    assert.ok(Math.abs(right - plan.power) < 0.06, `${right}, planned ${plan.power}`);
  });

  it("compares a shadow image by image: right as often as planned by a fraction of the labels, wrong no more often than alpha", () => {
    const runs = 300;
    const share = (effect: number, pairs: boolean, outcome: readonly ExperimentOutcome[]) =>
      Array.from({ length: runs }, (_, seed) => {
        const looks = shadowLooks(seed, effect).map((look) => (pairs ? look : { ...look, pairs: undefined }));
        return judgeExperiment({ ...design, ...fewLooks, unit: "request" }, { startedAt, looks }).verdict;
      }).filter((verdict) => outcome.includes(verdict)).length / runs;
    // The minimum effect, by 200 images: apart they would have to be some 500 of each model.
    assert.ok(share(0.04, true, ["won"]) > 0.8);
    assert.ok(share(0.04, false, ["won"]) < 0.6);
    // Alpha, and three standard deviations of that many runs.
    assert.ok(share(0, true, ["won", "lost"]) < 0.05 + 3 * Math.sqrt((0.05 * 0.95) / runs));
  });

  it("proves an equal challenger no worse, and a bad one worse", () => {
    const change: Partial<ExperimentDesignInput> = {
      ...fewLooks,
      question: { kind: "non-inferiority", margin: 0.04 },
    };
    const equal = outcomes(200, { effect: 0 }, change);
    assert.ok((equal.get("won") ?? 0) >= 150, `${equal.get("won")}`);
    const atMargin = outcomes(300, { effect: -0.04 }, change);
    assert.ok((atMargin.get("won") ?? 0) <= 300 * 0.05 + 10, `${atMargin.get("won")}`);
    const worse = outcomes(50, { effect: -0.12 }, change);
    assert.equal(worse.get("lost"), 50);
  });

  it("is void where the split is not the intended one, and says so before anything else", () => {
    const verdict = judgeExperiment(design, { startedAt, looks: course(5, { effect: 0.3, bypass: 0.2 }) });
    assert.equal(verdict.verdict, "void");
    assert.match(verdict.reasons[0]!, /split is not the intended one/);
    // Changed weights are no mismatch.
    const [first, second] = [course(6, { effect: 0 }, { challengerPercent: 5 }, 8), course(7, { effect: 0 }, {}, 8)];
    const looks = [first[0]!, { ...second[1]!, at: first[1]!.at }];
    assert.equal(judgeExperiment(design, { startedAt, looks }).verdict, "running");
  });

  it("ends by a guardrail where the challenger does harm, however good it scores", () => {
    const harmful: Truth = { effect: 0.02, errors: { champion: 0.004, challenger: 0.02 } };
    const verdict = judgeExperiment(design, { startedAt, looks: course(8, harmful) });
    assert.equal(verdict.verdict, "guardrail");
    assert.match(verdict.reasons[0]!, /more errors than the champion/);
    assert.ok(verdict.looks <= 2);
    const both: Truth = { effect: 0, errors: { champion: 0.02, challenger: 0.02 } };
    assert.equal(outcomes(100, both).get("guardrail") ?? 0, 0);
  });

  it("says nothing by few flights", () => {
    const looks = course(9, { effect: 0.5 }, {}, 300).slice(0, 3);
    const verdict = judgeExperiment(design, { startedAt, looks });
    assert.deepEqual([verdict.verdict, verdict.difference], ["running", undefined]);
    assert.match(verdict.reasons[0]!, /fewer than 10 labelled flights/);
  });

  it("names all that cannot be true: a clock going backwards, no weight, more errors than requests", () => {
    const [first, second] = course(10, { effect: 0 }, {}, 2) as [Look, Look];
    const problems = (input: unknown): readonly string[] => {
      try {
        judgeExperiment(design, input);
      } catch (error) {
        return (error as InvalidExperiment).problems;
      }
      return [];
    };
    assert.match(problems({ startedAt, looks: [second, first] }).join(), /looks\.1\.at: .* is not after .* before it/);
    const impossible = structuredClone(first);
    Object.assign(impossible, { challengerPercent: 0 });
    Object.assign(impossible.arms.champion.served, { errors: impossible.arms.champion.served.requests + 1 });
    Object.assign(impossible.arms.challenger.scores, { clusters: -1 });
    const found = problems({ startedAt: "yesterday", looks: [impossible] });
    assert.deepEqual(
      found.map((problem) => problem.split(":")[0]),
      [
        "course.startedAt",
        "course.looks.0.challengerPercent",
        "course.looks.0.arms.champion.served.errors",
        "course.looks.0.arms.challenger.scores.clusters",
      ],
    );
  });
});
