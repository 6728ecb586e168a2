import assert from "node:assert/strict";
import { type ExperimentDesignInput, InvalidExperiment } from "../../../lifecycle/experiment/design";
import { planExperiment } from "../../../lifecycle/experiment/plan";

const design: ExperimentDesignInput = {
  name: "yolo11s-in-fog",
  unit: "flight",
  challengerPercent: 50,
  metric: { name: "F1 at IoU 0.5", better: "higher" },
  question: { kind: "superiority", minimumEffect: 0.04 },
  stopping: { rule: "group-sequential", looks: 14 },
  maximumHours: 336,
};
const traffic = { requestsPerSecond: 0.5, flightSize: 100, correlation: 0.2, deviation: 0.25, labelledShare: 0.05 };
const prices = { challengerUsdPerHour: 0.23, usdPerLabel: 0.05, usdPerRequest: 1e-6 };

describe("the plan of an experiment", () => {
  it("says power, length and cost before anything is spent", () => {
    const plan = planExperiment(design, traffic, prices);
    assert.equal(plan.verdict, "feasible", plan.reasons.join());
    assert.ok(Math.abs(plan.power - 0.8) < 0.01);
    // 1.08 times a fixed test's flights: 2 × (1.96 + 0.84)² × 0.25² × 0.208 / 0.04² = 127.7 of each model.
    assert.ok(plan.units.challenger > 128 && plan.units.challenger < 145, `${plan.units.challenger}`);
    assert.ok(plan.expectedHours < 0.8 * plan.hours && plan.hours < 336);
    const images = plan.hours * 3600 * 0.5 * 0.05;
    assert.ok(Math.abs(plan.usd.labels - images * 0.05) < 0.01);
    assert.ok(Math.abs(plan.usd.total - plan.usd.instances - plan.usd.labels - plan.usd.requests) < 1e-9);
    assert.ok(plan.usd.expected < plan.usd.total);
  });

  it("refuses a hopeless design with all reasons, and says what would help", () => {
    const plan = planExperiment({ ...design, challengerPercent: 5, maximumHours: 72, budgetUsd: 20 }, traffic, prices);
    assert.equal(plan.verdict, "hopeless");
    assert.equal(plan.reasons.length, 3);
    assert.match(plan.reasons[0]!, /chance of \d+ %, not 80 %/);
    assert.match(plan.reasons[1]!, /flights of the challenger are too few/);
    assert.match(plan.reasons[2]!, /more than 20/);
    assert.match(plan.proposals.join(), /half of the traffic for each model: 13 days/);
    const longer = planExperiment({ ...design, maximumHours: 14 * 24 }, traffic, prices);
    assert.equal(longer.verdict, "feasible", "what it proposed");
  });

  it("needs fewer labels where requests are assigned, and more where nothing is planned", () => {
    const hours = (change: Partial<ExperimentDesignInput>) =>
      planExperiment({ ...design, ...change }, traffic, prices).hours;
    assert.ok(hours({ unit: "request" }) < hours({}) / 15);
    const valid = hours({ stopping: { rule: "always-valid", looks: 14 }, maximumHours: 2000 });
    const fixed = hours({ stopping: { rule: "fixed" } });
    assert.ok(hours({}) > fixed && hours({}) < 1.12 * fixed, "a group-sequential test costs some per cent");
    assert.ok(valid > 1.4 * fixed && valid < 1.9 * fixed, `${valid / fixed}: an always-valid one much more`);
  });

  it("waits for the last labels", () => {
    const longer = { ...design, maximumHours: 500 };
    const { hours, usd } = planExperiment(longer, { ...traffic, labelHours: 48 }, prices);
    const without = planExperiment(longer, traffic, prices);
    assert.ok(Math.abs(hours - without.hours - 48) < 1e-9);
    assert.ok(Math.abs(usd.labels - without.usd.labels) < 1e-9);
  });

  it("finds what it calls the smallest effect", () => {
    const { smallestEffect } = planExperiment(design, traffic, prices);
    const exact = planExperiment(
      { ...design, question: { kind: "superiority", minimumEffect: smallestEffect } },
      traffic,
      prices,
    );
    assert.ok(Math.abs(exact.hours - 336) < 1 && Math.abs(exact.power - 0.8) < 0.01);
  });

  it("says all that is wrong with what it is given at once", () => {
    assert.throws(
      () =>
        planExperiment(
          {
            ...design,
            name: "Not A Name",
            challengerPercent: 0,
            question: { kind: "superiority" },
            guardrails: [{ signal: "smoke" }],
          },
          { ...traffic, correlation: 3 },
          { ...prices, usdPerLabel: -1 },
        ),
      ({ problems }: InvalidExperiment) => {
        assert.deepEqual(
          problems.map((problem) => problem.split(":")[0]),
          [
            "design.name",
            "design.challengerPercent",
            "design.question.minimumEffect",
            "design.guardrails.0.signal",
            "traffic.correlation",
            "prices.usdPerLabel",
          ],
        );
        assert.match(problems[2]!, /missing/);
        return true;
      },
    );
    assert.throws(() => planExperiment(design, { ...traffic, labelHours: 400 }, prices), /labels come after 400 hours/);
  });
});
