import assert from "node:assert/strict";
import { decideRetraining, type RetrainingFacts, type RetrainingPolicy } from "../../../lifecycle/retraining/decision";
import { worthOf } from "../../../lifecycle/retraining/need";
import { type RetrainingProposal, retrainingProposal } from "../../../contract/monitoring";

const policy: RetrainingPolicy = {
  cooldownHours: 24,
  minLabels: 50,
  minGrowth: 0.25,
  monthlyUsd: 100,
  maxFailures: 3,
  worth: worthOf(10),
};
const proposed = (more: Partial<RetrainingProposal> = {}): RetrainingProposal =>
  retrainingProposal.parse({ trigger: "drift", key: "event-1", reason: "fog", ...more });
const facts = (more: Partial<RetrainingFacts> = {}): RetrainingFacts => ({
  at: "2026-11-29T12:00:00Z",
  proposal: proposed(),
  earlier: [],
  labels: { fresh: { tree: 80 }, total: 1000 },
  lastSuccess: "2026-11-20T12:00:00Z",
  lastStart: "2026-11-20T12:00:00Z",
  running: [],
  experiments: [],
  money: { spentUsd: 10, expectedUsd: 3, atMostUsd: 17 },
  failures: 0,
  ...more,
});

describe("whether a proposed retraining is made", () => {
  it("says yes where something speaks for it and nothing against it", () => {
    const { verdict, reasons, ask } = decideRetraining(facts(), policy);
    assert.equal(verdict, "retrain");
    assert.match(reasons.join(), /nobody knows how much/);
    assert.equal(ask, undefined);
  });

  it("waits while no labelled data came since the last training, and says how much is needed", () => {
    const { verdict, reasons } = decideRetraining(facts({ labels: { fresh: {}, total: 1000 } }), policy);
    assert.equal(verdict, "wait");
    assert.match(reasons[1]!, /0 new labelled objects since the last training, 50 of one class are needed/);
  });

  it("wants labels of each class that fell short", () => {
    const { verdict, reasons } = decideRetraining(
      facts({ proposal: proposed({ trigger: "quality", classes: ["tree", "car"] }) }),
      policy,
    );
    assert.equal(verdict, "wait");
    assert.match(reasons[1]!, /0 new labelled objects of class car/);
  });

  it("wants them as well where the data set is looked at later, unless much of it is new", () => {
    const earlier = [
      { at: "2026-11-27T12:00:00Z", shortfall: 0.3, trigger: "quality" as const, classes: ["tree"] },
      { at: "2026-11-28T12:00:00Z", shortfall: 0.3, trigger: "quality" as const, classes: ["car"] },
      { at: "2026-11-28T13:00:00Z", shortfall: 0.3, trigger: "drift" as const, classes: [] },
    ];
    const later = { proposal: proposed({ trigger: "schedule" }), earlier };
    const { verdict, reasons } = decideRetraining(facts(later), policy);
    assert.deepEqual([verdict, reasons[1]], ["wait", "0 new labelled objects of class car, 50 are needed"]);
    assert.equal(
      decideRetraining(facts({ ...later, labels: { fresh: { car: 50 }, total: 1000 } }), policy).verdict,
      "retrain",
    );
    assert.equal(
      decideRetraining(facts({ ...later, labels: { fresh: { tree: 300 }, total: 1000 } }), policy).verdict,
      "retrain",
    );
  });

  it("says in what the model fell", () => {
    const proposal = proposed({ trigger: "quality", shortfall: 0.3, classes: ["tree"], slices: ["light-darker"] });
    const { reasons } = decideRetraining(facts({ proposal }), policy);
    assert.match(
      reasons[0]!,
      /^most of all in classes tree and slices light-darker, the model has lost 28.6 point-days/,
    );
  });

  it("waits while nobody has looked at the data set", () =>
    assert.equal(decideRetraining(facts({ labels: null }), policy).verdict, "wait"));

  it("tells every obstacle at once", () => {
    const { verdict, reasons } = decideRetraining(
      facts({
        labels: { fresh: {}, total: 10 },
        lastStart: "2026-11-29T10:00:00Z",
        running: ["execution/a"],
        waitingCandidate: "detector/4",
        experiments: ["peregrine-dev-detector"],
        money: { spentUsd: 90, expectedUsd: 3, atMostUsd: 17 },
        failures: 3,
      }),
      policy,
    );
    assert.equal(verdict, "wait");
    for (const part of [/execution\/a/, /detector\/4/, /compares variants/, /0 new labelled/, /2 hours ago/, /USD 90/])
      assert.ok(
        reasons.some((reason) => part.test(reason)),
        String(part),
      );
    assert.equal(reasons.length, 8);
  });

  it("says no where nothing is wrong: to a schedule, to drift that costs nothing, to a handful of new data", () => {
    for (const proposal of [
      proposed({ trigger: "schedule" }),
      proposed({ trigger: "drift", shortfall: 0 }),
      proposed({ trigger: "new-data" }),
    ])
      assert.equal(decideRetraining(facts({ proposal }), policy).verdict, "no", proposal.trigger);
  });

  it("takes new data for what waited for it, and by itself where there is much of it", () => {
    const proposal = proposed({ trigger: "new-data" });
    const waited = decideRetraining(
      facts({ proposal, earlier: [{ at: "2026-11-28T12:00:00Z", shortfall: null, trigger: "drift" }] }),
      policy,
    );
    assert.equal(waited.verdict, "retrain");
    const much300 = { fresh: { tree: 300 }, total: 1000 };
    const much = decideRetraining(facts({ proposal, labels: much300 }), policy);
    assert.equal(much.verdict, "retrain");
    assert.match(much.reasons[0]!, /grown by 43 %/);
    const first = decideRetraining(facts({ proposal, labels: much300, lastSuccess: undefined }), policy);
    assert.equal(first.verdict, "no");
  });

  it("never starts what could pass the month's money, even if it is expected to cost less", () => {
    const money = { spentUsd: 84, expectedUsd: 3, atMostUsd: 17 };
    assert.equal(decideRetraining(facts({ money }), policy).verdict, "wait");
    assert.equal(decideRetraining(facts({ money: { ...money, spentUsd: 83 } }), policy).verdict, "retrain");
    assert.equal(decideRetraining(facts({ money: { problem: "there is no price" } }), policy).verdict, "wait");
  });

  it("asks people after too many failures, and where no training ever fits into the money", () => {
    assert.match(decideRetraining(facts({ failures: 3 }), policy).ask!, /3 trainings in a row/);
    const dear = decideRetraining(facts({ money: { spentUsd: 0, expectedUsd: 50, atMostUsd: 200 } }), policy);
    assert.equal(dear.verdict, "wait");
    assert.match(dear.ask!, /retrainingMonthlyUsd/);
  });

  it("lets a person pass by missing data, cool-down and failures, but not by the money or what runs", () => {
    const proposal = proposed({ trigger: "person", reason: "new camera" });
    const bare = { proposal, labels: null, failures: 9, lastStart: "2026-11-29T11:59:00Z" };
    assert.equal(decideRetraining(facts(bare), policy).verdict, "retrain");
    assert.equal(decideRetraining(facts({ ...bare, running: ["execution/a"] }), policy).verdict, "wait");
    const money = { spentUsd: 99, expectedUsd: 3, atMostUsd: 17 };
    assert.equal(decideRetraining(facts({ ...bare, money }), policy).verdict, "wait");
  });
});
