import assert from "node:assert/strict";
import fc from "fast-check";
import { experiments } from "../../../automation/probe/experiments";
import { dollars, planWithin, priced } from "../../../automation/probe/budget";
import { reportMarkdown, tally } from "../../../automation/probe/report";
import { MissingPrice, priceTable } from "../../../pricing/table";

const one = (name: string, usd: number) => ({ name, usd, minutes: 1 });

describe("the budget of experiments", () => {
  it("prices every experiment by the table, in every region that it has", () => {
    for (const region of Object.keys(priceTable.regions)) {
      const prices = priced(experiments, priceTable, region);
      assert.equal(prices.length, experiments.length);
      assert.deepEqual(
        prices.map(({ usd }) => usd),
        prices.map(({ usd }) => usd).sort((a, b) => a - b),
      );
      assert.ok(
        prices.every(({ usd, minutes }) => usd < 3 && minutes <= 90),
        JSON.stringify(prices),
      );
    }
  });

  it("does not take a price that it lacks for 0", () => {
    assert.throws(
      () =>
        priced(
          [{ name: "x", minutes: 1, costs: [{ key: "sagemaker.hosting.ml.p5.48xlarge", units: 1 }] }],
          priceTable,
          "eu-central-1",
        ),
      MissingPrice,
    );
  });

  it("begins nothing without money but what costs nothing", () => {
    assert.deepEqual(planWithin([one("free", 0), one("cheap", 0.1)], 0), {
      run: ["free"],
      skipped: [{ name: "cheap", why: "costs up to 0.10 USD, and 0.00 USD of the budget of 0.00 USD are left" }],
      usd: 0,
    });
  });

  it("leaves GPU hosts out of a small budget", () => {
    const { run, skipped } = planWithin(priced(experiments, priceTable, "eu-central-1"), 0.5);
    assert.ok(run.includes("approval-event") && !run.includes("gpu-image"));
    assert.deepEqual(skipped.map(({ name }) => name).sort(), ["fresh-alarm", "gpu-image", "job-hosts"]);
  });

  it("never takes more than it has, and takes what fits", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 5, noNaN: true }), { maxLength: 12 }),
        fc.double({ min: 0, max: 10, noNaN: true }),
        (amounts, budget) => {
          const list = amounts.map((usd, at) => one(`e${at}`, usd));
          const { run, skipped, usd } = planWithin(list, budget);
          assert.ok(usd <= budget + 0.0001);
          assert.equal(run.length + skipped.length, list.length);
          assert.equal(
            usd,
            list.filter(({ name }) => run.includes(name)).reduce((sum, each) => sum + each.usd, 0),
          );
        },
      ),
    );
  });

  it("says limits rounded up", () => {
    assert.deepEqual([0, 0.001, 0.101, 0.1, 1.339].map(dollars), [
      "0.00 USD",
      "0.01 USD",
      "0.11 USD",
      "0.10 USD",
      "1.34 USD",
    ]);
  });
});

describe("experiments", () => {
  it("have names that fit into those of resources, and a question, a belief and a limit each", () => {
    assert.equal(new Set(experiments.map(({ name }) => name)).size, experiments.length);
    for (const { name, question, believed, minutes } of experiments) {
      assert.match(name, /^[a-z][a-z-]{1,19}$/);
      assert.match(question, /\?$/);
      assert.match(believed, /\.$/);
      assert.ok(minutes > 0);
    }
  });
});

describe("the report of experiments", () => {
  const outcome = {
    name: "a",
    question: "Does it?",
    believed: "It does | so.",
    observed: "it\ndoes",
    steps: [{ second: 1.2, what: "asks" }],
    usd: 0.2,
    seconds: 12,
  };
  const report = {
    accountId: "123456789012",
    region: "eu-central-1",
    startedAt: "2026-11-29T10:00:00.000Z",
    budgetUsd: 1,
    outcomes: [
      { ...outcome, verdict: "held" as const },
      { ...outcome, name: "b", verdict: "refuted" as const },
    ],
    skipped: [{ name: "c", why: "costs too much" }],
    leftovers: [] as string[],
  };

  it("says which belief held, which did not, and what was not begun", () => {
    const text = reportMarkdown(report);
    assert.match(text, /1 held, 1 refuted, 0 could not be asked, 1 not begun\./);
    assert.ok(text.includes("| `a` | It does \\| so. | **held** | it does |"));
    assert.ok(text.includes("| `c` | | not begun | costs too much |"));
    assert.match(text, /Nothing is left behind\.\n$/);
    assert.deepEqual(tally(report.outcomes), { held: 1, refuted: 1, "could not ask": 0 });
  });

  it("names what is left, with the command that removes it", () => {
    assert.match(
      reportMarkdown({ ...report, leftovers: ["arn:x"] }),
      /## Left behind\n\n- arn:x\n\nRemove it: `npx peregrine probe clean`/,
    );
  });
});
