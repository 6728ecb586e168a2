import assert from "node:assert/strict";
import { type Candidate, drift, selectForLabelling, uncertainty, usualOf } from "../../lifecycle/label-selection";

const usual = { blur: { centre: 100, spread: 10 } };

function candidate(inferenceId: string, more: Partial<Candidate> = {}): Candidate {
  const flight = inferenceId.split("/")[0]!;
  return { inferenceId, flight, confidences: [0.98], features: { blur: 100 }, reported: false, ...more };
}

/** Ordinary answers of ten flights. */
const ordinary = Array.from({ length: 400 }, (_, index) => candidate(`f${index % 10}/${index}`));

describe("the choice of answers to label", () => {
  it("prefers what is reported, drifted or uncertain, and draws a fifth by lot", () => {
    const special = Array.from({ length: 60 }, (_, index) => [
      candidate(`r${index % 5}/${index}`, { reported: true }),
      candidate(`d${index % 5}/${index}`, { features: { blur: 10 } }),
      candidate(`u${index % 5}/${index}`, { confidences: [0.5, 0.4] }),
    ]).flat();
    const chosen = selectForLabelling([...ordinary, ...special], 100, usual);
    const count = (why: string) => chosen.filter((one) => one.why === why).length;
    assert.deepEqual(["random", "reported", "drifted", "uncertain", "other"].map(count), [20, 20, 30, 30, 0]);
    for (const { inferenceId, why } of chosen)
      if (why !== "random") assert.equal(inferenceId[0], why[0], `${inferenceId} is chosen as ${why}`);
  });

  it("spreads over flights", () => {
    const foggy = Array.from({ length: 300 }, (_, index) => candidate(`d0/${index}`, { features: { blur: 0 } }));
    const others = Array.from({ length: 5 }, (_, index) => candidate(`d${index + 1}/0`, { features: { blur: 60 } }));
    const chosen = selectForLabelling([...ordinary, ...foggy, ...others], 50, usual);
    const drifted = chosen.filter(({ why }) => why === "drifted");
    // All five other flights are among them, though each image of the foggy flight is further off.
    assert.equal(new Set(drifted.map(({ inferenceId }) => inferenceId.split("/")[0])).size, 6);
  });

  it("draws the same lots again, others by another seed, and never one answer twice", () => {
    const ids = (seed: string) => selectForLabelling(ordinary, 50, usual, seed).map(({ inferenceId }) => inferenceId);
    assert.deepEqual(ids("a"), ids("a"));
    assert.notDeepEqual(ids("a"), ids("b"));
    assert.equal(new Set(ids("a")).size, 50);
  });

  it("draws lots from all answers alike, whatever speaks for them", () => {
    const half = ordinary.map((one, index) => (index % 2 ? { ...one, reported: true } : one));
    let reported = 0;
    for (let seed = 0; seed < 200; seed++)
      reported += selectForLabelling(half, 50, usual, String(seed)).filter(
        ({ inferenceId, why }) => why === "random" && half.find((one) => one.inferenceId === inferenceId)!.reported,
      ).length;
    // 2,000 draws of one half: three standard deviations are 67.
    assert.ok(Math.abs(reported - 1000) < 70, `${reported} of 2000`);
  });

  it("takes all where there are fewer", () => {
    assert.equal(selectForLabelling(ordinary.slice(0, 7), 100, usual).length, 7);
    assert.deepEqual(selectForLabelling([], 100, usual), []);
  });

  it("measures uncertainty by confidences, and drift by the oddest feature", () => {
    assert.equal(uncertainty(candidate("f/1", { confidences: [0.5] })), 1);
    assert.equal(uncertainty(candidate("f/1", { confidences: [] })), 0);
    assert.equal(drift(candidate("f/1", { features: { blur: 130, unknown: 9 } }), usual), 3);
    const among = usualOf([1, 2, 3, 4, 100].map((blur) => candidate(`f/${blur}`, { features: { blur } })));
    assert.equal(among["blur"]!.centre, 3);
    assert.ok(Math.abs(among["blur"]!.spread - 1.4826) < 1e-9);
  });
});
