import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { readOutcomes, type TileOutcome } from "../../../insight/compare/outcomes";
import { compareQuality, type QualityComparison } from "../../../insight/compare/quality";
import { averagePrecision, draws, middle, precisions, rankingOf } from "../../../insight/compare/resampling";
import { outcomes, tile } from "./some-outcomes";

const near = (found: number | undefined, expected: number, by = 1e-12) =>
  assert.ok(found !== undefined && Math.abs(found - expected) <= by, `${found} is not ${expected}`);
const compared = (...models: Parameters<typeof compareQuality>[0]): QualityComparison => {
  const found = compareQuality(models);
  assert.ok(typeof found !== "string", String(found));
  return found;
};

describe("quality from what was answered to each tile", () => {
  // Ranked: hit (0.9), miss (0.8), hit (0.7), of two objects: precision 1 up to recall 0.5, then 2/3.
  const worked = [
    tile("images/test/a.jpg", 2, [
      [0.9, 1],
      [0.8, 0],
      [0.7, 1],
    ]),
  ];

  it("is COCO's average precision, as worked out by hand and as the evaluation has it", () => {
    near(averagePrecision(rankingOf(worked, 0)), (51 + (50 * 2) / 3) / 101);
    const curve = precisions(rankingOf(worked, 0))!;
    assert.deepEqual([curve[50]!.precision, curve[51]!.precision, curve[50]!.score], [1, 2 / 3, 9000]);
    near(averagePrecision(rankingOf([tile("a", 2, [[0.9, 1]])], 0)), 51 / 101);
    assert.equal(averagePrecision(rankingOf([tile("a", 1, [])], 0)), 0);
    assert.equal(averagePrecision(rankingOf([tile("a", 0, [[0.9, 0]])], 0)), undefined);
  });

  it("of tiles that count more than once is that of a data set that holds them as often", () => {
    const tiles = [
      tile("a", 3, [
        [0.9, 1],
        [0.6, 0],
        [0.3, 1],
      ]),
      tile("b", 1, [
        [0.8, 0],
        [0.7, 1],
      ]),
      tile("c", 2, [[0.95, 0]]),
    ];
    for (const counts of [
      [2, 1, 0],
      [0, 3, 1],
      [1, 1, 1],
      [1, 0, 4],
    ]) {
      const drawn = tiles.flatMap((one, index) => Array.from({ length: counts[index]! }, () => one));
      near(
        averagePrecision(rankingOf(tiles, 0), Uint32Array.from(counts)),
        averagePrecision(rankingOf(drawn, 0))!,
        1e-12,
      );
    }
  });

  it("draws as many tiles each time, evenly, and the same ones again", () => {
    const counts = draws(40, 2000);
    assert.ok(counts.every((one) => one.reduce((a, b) => a + b) === 40));
    const perTile = Array.from({ length: 40 }, (_, at) => counts.reduce((sum, one) => sum + one[at]!, 0) / 2000);
    // Of a count with mean 1 and variance 39/40 over 2,000 draws, five standard errors are 0.11.
    assert.ok(
      perTile.every((mean) => Math.abs(mean - 1) < 0.11),
      String(perTile),
    );
    assert.deepEqual(draws(40, 3), counts.slice(0, 3));
    assert.deepEqual(middle([1, 2, 3, 4, 5].map((one) => one * 10)), [11, 49]);
    assert.equal(middle([]), undefined);
  });

  it("says a gain with an interval that holds nothing where models are alike, and lies above it where one is better", () => {
    const many = (good: boolean): TileOutcome[] =>
      Array.from({ length: 30 }, (_, at) =>
        tile(
          `images/test/${at}.jpg`,
          2,
          good || at % 3 === 0
            ? [
                [0.9, 1],
                [0.7, 1],
              ]
            : [
                [0.9, 0],
                [0.7, 1],
              ],
        ),
      );
    const alike = compared(outcomes(...many(false)), outcomes(...many(false)));
    assert.deepEqual(alike.rows[0]!.gains[1], { value: 0, interval: [0, 0] });
    assert.equal(alike.disagreements.length, 0);
    assert.equal(
      compared(outcomes(tile("a", 1, [])), outcomes(tile("a", 1, [[0.9, 1]]))).rows[0]!.gains[1]!.interval,
      undefined,
    );
    const better = compared(outcomes(...many(false)), outcomes(...many(true)));
    const { value, interval } = better.rows[0]!.gains[1]!;
    assert.ok(
      value > 0.2 && interval![0] > 0 && interval![0] < value && value < interval![1],
      JSON.stringify(interval),
    );
    near(better.rows[0]!.values[1]!.value, 1);
    assert.equal(better.perClass[0]!.boxes, 60);
    assert.equal(better.disagreements.length, 20);
  });

  it("uses real tiles that all models answered with the same labels, and derived ones for slices alone", () => {
    const fog = tile("images/slices/fog/a.jpg", 1, [[0.9, 1]], { light: "fog", derived: true });
    const a = outcomes(...worked, tile("images/test/b.jpg", 1, []), tile("images/test/relabelled.jpg", 1, []), fog);
    const b = outcomes(tile("images/test/new.jpg", 1, []), ...worked, tile("images/test/relabelled.jpg", 2, []), fog);
    const found = compared(a, b);
    assert.deepEqual([found.tiles, found.tilesOf], [1, [3, 3]]);
    assert.deepEqual(
      found.slices.map(({ name, tiles, boxes }) => [name, tiles, boxes]),
      [
        ["light day", 1, 2],
        ["altitude nominal", 1, 2],
        ["light fog", 1, 1],
      ],
    );
    assert.match(
      String(compareQuality([outcomes(tile("x", 1, [])), outcomes(tile("y", 1, []))])),
      /no tile was answered/,
    );
    assert.match(String(compareQuality([a, { ...b, classes: ["pole"] }])), /different classes: tree; pole/);
  });

  it("says what users get at each model's threshold, and where two differ most", () => {
    const a = outcomes(
      tile("images/test/a.jpg", 3, [
        [0.9, 1],
        [0.8, 1],
        [0.2, 1],
      ]),
      tile("images/test/b.jpg", 1, [[0.9, 1]]),
    );
    const b = outcomes(
      tile("images/test/a.jpg", 3, [
        [0.9, 1],
        [0.8, 0],
        [0.7, 0],
      ]),
      tile("images/test/b.jpg", 1, []),
    );
    const { operating, disagreements } = compared(a, b);
    assert.deepEqual(
      operating.map(({ right, wrong, missed }) => [right, wrong, missed]),
      [
        [3, 0, 1],
        [1, 2, 3],
      ],
    );
    near(operating[1]!.f1, (2 * (1 / 3) * (1 / 4)) / (1 / 3 + 1 / 4));
    // One box found by one model alone and two wrong answers more; then one box.
    assert.deepEqual(
      disagreements.map(({ tile: { file }, weight }) => [file, weight]),
      [
        ["images/test/a.jpg", 3],
        ["images/test/b.jpg", 1],
      ],
    );
  });

  it("is refused where the file is none", () => {
    const packed = (value: unknown) => gzipSync(JSON.stringify(value));
    assert.equal(typeof readOutcomes(packed(outcomes(...worked))), "object");
    assert.match(String(readOutcomes(Buffer.from("x"))), /cannot be unpacked/);
    assert.match(String(readOutcomes(gzipSync("{"))), /JSON/);
    assert.match(String(readOutcomes(packed({ ...outcomes(...worked), schema: "other" }))), /schema: "other"/);
    const odd = tile("a", 1, [], { ranked: [{ scores: [1, 2], hits: "1" }] });
    assert.match(String(readOutcomes(packed(outcomes(odd)))), /a has answers of other classes/);
  });
});
