import assert from "node:assert/strict";
import fc from "fast-check";
import {
  compareGolden,
  type Detection,
  type GoldenAnswer,
  goldenDefaults,
  intersectionOverUnion,
} from "../../lifecycle/golden";

type Box = Detection["box"];
const tree = (box: Box, name = "tree"): Detection => ({ name, confidence: 0.9, box });
const answer = (detections: Detection[], change: Partial<GoldenAnswer> = {}): GoldenAnswer => ({
  image: "a.jpg",
  width: 100,
  height: 80,
  detections,
  ...change,
});
const compare = (expected: Detection[], found: Detection[]) => compareGolden([answer(expected)], [answer(found)]);

const a = tree([0, 0, 10, 10]);
const b = tree([20, 0, 30, 10]);
const c = tree([40, 0, 50, 10]);
const d = tree([60, 0, 70, 10]);

describe("overlap of boxes", () => {
  const cases: [string, Box, Box, number][] = [
    ["1 for the same box", [0, 0, 10, 10], [0, 0, 10, 10], 1],
    ["the shared area over the area of both", [0, 0, 10, 10], [5, 0, 15, 10], 50 / 150],
    ["one half for a box twice as high", [0, 0, 10, 10], [0, 0, 10, 20], 0.5],
    ["0 for boxes that touch", [0, 0, 10, 10], [10, 0, 20, 10], 0],
    ["0 for boxes apart", [0, 0, 10, 10], [50, 50, 60, 60], 0],
    ["0 for a box without area", [0, 0, 10, 10], [5, 5, 5, 5], 0],
    ["0 where a number is none", [0, 0, 10, 10], [NaN, 0, 10, 10], 0],
  ];
  for (const [what, one, other, value] of cases)
    it(`is ${what}`, () => assert.ok(Math.abs(intersectionOverUnion(one, other) - value) < 1e-12));
});

describe("agreement with the golden set", () => {
  it("is whole for equal answers, and for two answers that find nothing", () => {
    assert.equal(compare([a, b], [a, b]).images[0]!.f1, 1);
    assert.equal(compare([], []).images[0]!.f1, 1);
    assert.equal(compare([a, b], [b, a]).verdict, "agrees");
  });

  it("is twice the matches over all boxes", () => {
    // Two of three expected are found, among four found: precision 2/4, recall 2/3.
    const { images, f1 } = compare([a, b, c], [a, b, d, tree([80, 0, 90, 10])]);
    assert.equal(images[0]!.matched, 2);
    assert.equal(images[0]!.f1, 4 / 7);
    assert.equal(f1, 4 / 7);
  });

  it("takes boxes for the same from an IoU of one half on, and only under the same name", () => {
    assert.equal(compare([a], [tree([0, 0, 10, 20])]).images[0]!.matched, 1);
    assert.equal(compare([a], [tree([0, 0, 10, 20.1])]).images[0]!.matched, 0);
    assert.equal(compare([a], [tree(a.box, "car")]).images[0]!.matched, 0);
  });

  it("counts a box once, however many lie on it", () => {
    assert.equal(compare([a], [a, a, a]).images[0]!.f1, 0.5);
  });

  it("pairs boxes so that most find a partner, not the closest ones first", () => {
    // `wide` fits `first` best (0.90 to 0.87), but `near` fits nothing else (0.60 to 0.38).
    const [first, second] = [tree([0, 0, 100, 10]), tree([22, 0, 100, 10])];
    const [wide, near] = [tree([10, 0, 100, 10]), tree([0, 0, 60, 10])];
    assert.ok(intersectionOverUnion(wide.box, first.box) > intersectionOverUnion(wide.box, second.box));
    assert.ok(intersectionOverUnion(near.box, second.box) < 0.5);
    assert.equal(compare([first, second], [wide, near]).images[0]!.matched, 2);
  });

  it("is judged by the share of images, and names those that differ", () => {
    const names = ["1", "2", "3", "4", "5"];
    const expected = names.map((image) => answer([a, b], { image }));
    const four = compareGolden(
      expected,
      names.map((image) => answer(image === "3" ? [c] : [a, b], { image })),
    );
    assert.deepEqual([four.verdict, four.share], ["agrees", 0.8]);
    const three = compareGolden(
      expected,
      names.map((image) =>
        answer(image === "4" ? [c] : image === "5" ? [a, c, d, tree([80, 0, 90, 10])] : [a, b], { image }),
      ),
    );
    assert.deepEqual([three.verdict, three.share], ["differs", 0.6]);
    assert.deepEqual(three.reasons, [
      "60 % of 5 golden images agree (F1 at least 0.5), 80 % must",
      "4: F1 0.00",
      "5: F1 0.33",
    ]);
  });

  it("weighs images by their objects in the F1 over all", () => {
    const { f1 } = compareGolden(
      [answer([a, b, c], { image: "1" }), answer([d], { image: "2" })],
      [answer([a, b, c], { image: "1" }), answer([], { image: "2" })],
    );
    assert.equal(f1, 6 / 7);
  });

  it("of an empty golden set is none", () => {
    const nothing = compareGolden([], []);
    assert.deepEqual([nothing.verdict, nothing.share, nothing.f1], ["differs", 0, 0]);
    assert.match(nothing.reasons[0]!, /nothing was compared/);
  });

  const detection = fc
    .record({
      x: fc.integer({ min: 0, max: 60 }),
      y: fc.integer({ min: 0, max: 40 }),
      side: fc.integer({ min: 4, max: 40 }),
      name: fc.constantFrom("tree", "car"),
      confidence: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    .map(({ x, y, side, name, confidence }): Detection => ({ name, confidence, box: [x, y, x + side, y + side] }));
  const some = fc.array(detection, { maxLength: 8 });

  it("does not depend on who is compared with whom, nor on the order of boxes", () => {
    fc.assert(
      fc.property(some, some, (one, other) => {
        const { matched } = compare(one, other).images[0]!;
        assert.equal(compare(other, one).images[0]!.matched, matched);
        assert.equal(compare([...one].reverse(), [...other].reverse()).images[0]!.matched, matched);
        assert.ok(matched <= Math.min(one.length, other.length));
      }),
    );
  });

  it("is whole exactly for an answer compared with itself, and falls with each box that is left out", () => {
    fc.assert(
      fc.property(fc.array(detection, { minLength: 1, maxLength: 8 }), (all) => {
        assert.equal(compare(all, all).images[0]!.f1, 1);
        const { f1 } = compare(all, all.slice(1)).images[0]!;
        assert.equal(f1, (2 * (all.length - 1)) / (2 * all.length - 1));
      }),
    );
  });
});

describe("absurd answers", () => {
  const absurd: [string, GoldenAnswer, RegExp][] = [
    ["lie right of the image", answer([tree([90, 0, 102, 10])]), /1 of 1 detections lie outside the image/],
    ["lie below the image", answer([tree([0, 70, 10, 82])]), /outside the image/],
    ["lie left of the image", answer([tree([-2, 0, 10, 10])]), /outside the image/],
    ["are surer than sure", answer([{ ...a, confidence: 1.01 }]), /confidence outside 0 to 1/],
    ["are less than unsure", answer([{ ...a, confidence: -0.1 }]), /confidence outside 0 to 1/],
    ["hold no number", answer([{ ...a, confidence: NaN }]), /hold a number that is none/],
    ["hold a corner that is no number", answer([tree([0, 0, Infinity, 10])]), /hold a number that is none/],
    ["have no area", answer([tree([10, 0, 10, 10])]), /box without area/],
    ["are inside out", answer([tree([10, 10, 0, 0])]), /box without area/],
    ["are of another image", answer([a], { width: 640 }), /answered as 640 x 80, the image is 100 x 80/],
    [
      "are too many",
      answer(Array.from({ length: goldenDefaults.maxDetections + 1 }, () => a)),
      /1001 detections, more than 1000/,
    ],
    ["were not asked for", answer([a], { image: "b.jpg" }), /b\.jpg: answered, but not in the golden set/],
  ];
  for (const [what, found, reason] of absurd)
    it(`${what}, and say so`, () => {
      const { verdict, reasons } = compareGolden([answer([a])], [found]);
      assert.equal(verdict, "absurd");
      assert.match(reasons.join("\n"), reason);
    });

  it("are nothing where three objects are expected, but not where two are", () => {
    assert.match(compare([a, b, c], []).reasons.join(), /nothing found where 3 objects are expected/);
    assert.equal(compare([a, b], []).verdict, "differs");
  });

  it("are missing ones, and images named twice", () => {
    assert.deepEqual(compareGolden([answer([a])], []).reasons, ["a.jpg: no answer"]);
    assert.match(compareGolden([answer([a]), answer([a])], [answer([a])]).reasons.join(), /named twice/);
    assert.match(compareGolden([answer([a])], [answer([a]), answer([a])]).reasons.join(), /named twice/);
  });

  it("make no image agree, however many boxes match", () => {
    const { share, verdict } = compare([a, b], [a, { ...b, confidence: 2 }]);
    assert.deepEqual([share, verdict], [0, "absurd"]);
  });

  it("are none that touch the border, or pass it by the rounding of a pixel", () => {
    assert.equal(compare([tree([0, 0, 100, 80])], [tree([-1, -1, 101, 81])]).verdict, "agrees");
  });
});
