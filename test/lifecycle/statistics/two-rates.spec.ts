import assert from "node:assert/strict";
import { dispersionOf, noDispersion, withCount } from "../../../lifecycle/statistics/dispersion";
import { logRare, noRareEvidence, withRareCount } from "../../../lifecycle/statistics/rare";
import {
  logHarm,
  noEvidence,
  oddsRatios,
  type RateBlock,
  type RateEvidence,
  withBlock,
} from "../../../lifecycle/statistics/two-rates";
import { Random } from "../../../scripts/bench/random";

const uncapped = { accepted: 1, margin: 2, cap: Infinity, dispersion: 1 };

function blockOf(requests: number, events: number, oldRequests: number, oldEvents: number): RateBlock {
  return { new: { requests, events }, old: { requests: oldRequests, events: oldEvents } };
}

/** Blocks of a minute: 20 requests a second, a tenth of them to the new configuration. */
function minute(random: Random, rate: number, newRate: number): RateBlock {
  return blockOf(120, random.binomial(120, newRate), 1080, random.binomial(1080, rate));
}

describe("the e-process of two error rates", () => {
  it("is the likelihood ratio of the hypergeometric distributions", () => {
    // SciPy 1.17.1: nchypergeom_fisher.pmf / hypergeom.pmf.
    for (const [block, ratio, expected] of [
      [blockOf(60, 3, 1140, 6), 1.25, 0.5577148497785784],
      [blockOf(60, 3, 1140, 6), 2, 1.6416196985751934],
      [blockOf(60, 3, 1140, 6), 200, -5.157163714676267],
      [blockOf(600, 300, 1140, 60), 200, 156.78055615299525],
      [blockOf(3, 3, 2, 1), 2, 0.3566749439387321],
    ] as const) {
      const actual = withBlock(noEvidence, block, uncapped).worse[oddsRatios.indexOf(ratio)]!;
      assert.ok(Math.abs(actual - expected) < 1e-9, `${actual}, not ${expected}`);
    }
    assert.ok(
      Math.abs(withBlock(noEvidence, blockOf(600, 300, 1140, 60), uncapped).noWorse + 105.88974025721589) < 1e-8,
    );
  });

  it("has the mean 1 under its hypothesis, whatever the rate", () => {
    // All outcomes of a small block, with their chances given its events.
    for (const events of [1, 2, 5, 8]) {
      const outcomes = Array.from({ length: Math.min(4, events) + 1 }, (_, own) => blockOf(4, own, 6, events - own));
      const possible = outcomes.filter(({ old }) => old.events <= 6);
      const weights = possible.map(({ new: mine, old }) => choose(4, mine.events) * choose(6, old.events));
      const all = weights.reduce((total, one) => total + one, 0);
      const mean = (of: (evidence: RateEvidence) => number, dispersion = 1) =>
        possible.reduce((total, block, index) => {
          const evidence = withBlock(noEvidence, block, { ...uncapped, dispersion });
          return total + (weights[index]! / all) * Math.exp(of(evidence));
        }, 0);
      assert.ok(Math.abs(mean(logHarm) - 1) < 1e-12, `${events} events`);
      assert.ok(mean(logHarm, 3) < 1, "less where events are lumped");
      // Odds twice as high: weights 2^events.
      const tilted = weights.map((weight, index) => weight * 2 ** possible[index]!.new.events);
      const total = tilted.reduce((sum, one) => sum + one, 0);
      const noWorse = possible.reduce(
        (sum, block, index) =>
          sum + (tilted[index]! / total) * Math.exp(withBlock(noEvidence, block, uncapped).noWorse),
        0,
      );
      assert.ok(Math.abs(noWorse - 1) < 1e-12);
    }
  });

  it("has the mean 1 where the odds are just those that are accepted, and less where they are lower", () => {
    const accepted = 2;
    for (const events of [1, 3, 6]) {
      const outcomes = Array.from({ length: Math.min(4, events) + 1 }, (_, own) => blockOf(4, own, 6, events - own));
      const possible = outcomes.filter(({ old }) => old.events <= 6);
      const mean = (odds: number) => {
        const weights = possible.map(
          ({ new: mine, old }) => choose(4, mine.events) * choose(6, old.events) * odds ** mine.events,
        );
        const all = weights.reduce((total, one) => total + one, 0);
        return possible.reduce((total, block, index) => {
          const evidence = withBlock(noEvidence, block, { ...uncapped, accepted });
          return total + (weights[index]! / all) * Math.exp(logHarm(evidence));
        }, 0);
      };
      assert.ok(Math.abs(mean(accepted) - 1) < 1e-12, `${events} events`);
      assert.ok(mean(1.5) < 1 && mean(1) < mean(1.5), "lower odds are no evidence for harm either");
      assert.ok(mean(6) > 1, "higher ones are");
    }
  });

  it("has the mean 1 where incidents say nothing, whichever side has them", () => {
    for (const [events, incidentAbove] of [
      [3, 0.5],
      [5, 0.6],
      [5, 0.34],
    ] as const) {
      const outcomes = Array.from({ length: Math.min(4, events) + 1 }, (_, own) => blockOf(4, own, 6, events - own));
      const possible = outcomes.filter(({ old }) => old.events <= 6);
      const weights = possible.map(({ new: mine, old }) => choose(4, mine.events) * choose(6, old.events));
      const all = weights.reduce((total, one) => total + one, 0);
      const said = possible.map((block) => withBlock(noEvidence, block, { ...uncapped, incidentAbove }));
      const mean = said.reduce((sum, one, index) => sum + (weights[index]! / all) * Math.exp(logHarm(one)), 0);
      assert.ok(Math.abs(mean - 1) < 1e-12, `${events} events: ${mean}`);
      possible.forEach(({ new: mine, old }, index) => {
        if (mine.events > incidentAbove * 4 || old.events > incidentAbove * 6)
          assert.deepEqual(said[index], noEvidence, `${mine.events} and ${old.events}`);
      });
    }
  });

  it("says nothing where nothing happened, or one side was silent", () => {
    for (const block of [blockOf(100, 0, 900, 0), blockOf(0, 0, 900, 5), blockOf(100, 5, 0, 0)])
      assert.deepEqual(withBlock(noEvidence, block, uncapped), noEvidence);
  });

  it("is passed no more often than alpha allows while two equal rates change together", () => {
    const random = new Random(3);
    let harm = 0;
    let safe = 0;
    for (let run = 0; run < 1000; run++) {
      let [equal, twice] = [noEvidence, noEvidence];
      let [rejected, promoted] = [false, false];
      for (let at = 0; at < 60; at++) {
        const rate = at % 10 < 2 ? 0.05 : 0.004;
        equal = withBlock(equal, minute(random, rate, rate), uncapped);
        rejected ||= logHarm(equal) >= Math.log(20);
        twice = withBlock(twice, minute(random, rate, (2 * rate) / (1 + rate)), uncapped);
        promoted ||= twice.noWorse >= Math.log(20);
      }
      if (rejected) harm++;
      if (promoted) safe++;
    }
    assert.ok(harm > 0 && harm <= 50, `${harm} of 1000 rejected`);
    assert.ok(safe > 0 && safe <= 50, `${safe} of 1000 called no worse`);
  });

  it("finds tenfold errors within minutes", () => {
    const random = new Random(4);
    let minutes = 0;
    for (let run = 0; run < 200; run++) {
      let evidence = noEvidence;
      while (logHarm(evidence) < Math.log(100)) {
        evidence = withBlock(evidence, minute(random, 0.005, 0.05), uncapped);
        minutes++;
      }
    }
    assert.ok(minutes / 200 < 2, `${minutes / 200} minutes`);
  });
});

describe("the e-process of a rare rate", () => {
  it("has the mean 1 at the rate in question, less above it, and grows below it", () => {
    const mean = (rate: number): number =>
      [0, 1, 2].reduce((total, events) => {
        const chance = choose(2, events) * rate ** events * (1 - rate) ** (2 - events);
        return total + chance * Math.exp(logRare(withRareCount(noRareEvidence, { requests: 2, events }, 0.2)));
      }, 0);
    assert.ok(Math.abs(mean(0.2) - 1) < 1e-12, `${mean(0.2)}`);
    assert.ok(mean(0.3) < 1 && mean(0.1) > 1);
  });
});

describe("dispersion", () => {
  const after = (blocks: number, events: () => number): number => {
    let tally = noDispersion;
    for (let block = 0; block < blocks; block++) tally = withCount(tally, { requests: 1000, events: events() });
    return dispersionOf(tally);
  };

  it("is near 1 where events come one by one, and the lump's size where they come in lumps", () => {
    const random = new Random(9);
    const single = after(400, () => random.binomial(1000, 0.01));
    const lumps = after(400, () => 8 * random.binomial(125, 0.01));
    assert.ok(single < 1.4, `${single}`);
    assert.ok(lumps > 6 && lumps < 12, `${lumps}`);
  });

  it("sees waves that are longer than a block", () => {
    let block = 0;
    const waves = after(400, () => (block++ % 20 < 10 ? 5 : 15));
    // Five blocks together: 25 or 75, of 50 on average.
    assert.ok(waves > 9 && waves < 15, `${waves}`);
  });

  it("begins with doubt, and is never below 1", () => {
    assert.equal(dispersionOf(noDispersion), 2);
    assert.equal(
      after(300, () => 10),
      1,
    );
    assert.deepEqual(withCount(noDispersion, { requests: 0, events: 0 }), noDispersion);
  });
});

function choose(n: number, k: number): number {
  return k === 0 ? 1 : (choose(n, k - 1) * (n - k + 1)) / k;
}
