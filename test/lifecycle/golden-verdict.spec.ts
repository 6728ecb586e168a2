import { strict as assert } from "node:assert";
import type { Detection, GoldenAnswer } from "../../lifecycle/golden";
import { type GoldenExpectation, type GoldenRun, judgeGolden } from "../../lifecycle/golden-verdict";

const tree = (x: number, y: number): Detection => ({ name: "tree", confidence: 0.8, box: [x, y, x + 20, y + 20] });
const grid = Array.from({ length: 9 }, (_, index) => tree(30 * (index % 3), 30 * Math.floor(index / 3)));
const answer = (image: string, detections: readonly Detection[]): GoldenAnswer => ({
  image,
  width: 200,
  height: 200,
  detections,
});
const images = ["a.jpg", "b.jpg"].map((key): GoldenExpectation => ({
  key,
  expected: answer(key, grid),
}));
const run = (detections: readonly Detection[], changes: Partial<GoldenRun> = {}): GoldenRun => ({
  problems: [],
  images: images.length,
  models: ["old"],
  answers: images.map(({ key }) => answer(key, detections)),
  detections: 2 * detections.length,
  slowestMs: 1,
  f1: 1,
  ...changes,
});

describe("the verdict on answers to golden images", () => {
  it("accepts a detector that finds a good part of what is there", () => {
    assert.deepEqual(judgeGolden(images, run(grid), undefined), { verdict: "pass", reasons: [] });
    assert.equal(judgeGolden(images, run(grid.slice(0, 3)), undefined).verdict, "pass");
  });

  it("refuses one that finds nothing, or something else", () => {
    assert.match(
      judgeGolden(images, run([]), undefined).reasons.join(),
      /a\.jpg: nothing found where 9 objects are expected/,
    );
    assert.match(
      judgeGolden(images, run([tree(150, 150), tree(120, 160)]), undefined).reasons.join(),
      /0 % of 2 golden images agree/,
    );
  });

  it("refuses answers that make no sense, labels or not", () => {
    const absurd = run([
      { ...tree(0, 0), confidence: 7 },
      { ...tree(0, 0), box: [-900, 0, 5000, 20] },
    ]);
    for (const asked of [images, images.map(({ expected: _none, ...image }) => image)]) {
      const problems = judgeGolden(asked, absurd, undefined).reasons.join();
      assert.match(problems, /1 of 2 detections have a confidence outside 0 to 1/);
      assert.match(problems, /1 of 2 detections lie outside the image/);
    }
  });

  it("refuses one that finds far less than the live release did", () => {
    assert.match(
      judgeGolden(images, run(grid, { f1: 0.2 }), run(grid, { f1: 0.4 })).reasons.join(),
      /finds far less than the live release .*F1 0\.20, live 0\.40/,
    );
    assert.equal(judgeGolden(images, run(grid, { f1: 0.3 }), run(grid, { f1: 0.4 })).verdict, "pass");
  });

  it("tells every image that was not answered", () => {
    assert.deepEqual(
      judgeGolden(
        images,
        {
          problems: ["a.jpg: ModelError: x", "b.jpg: ModelError: x"],
          answers: [],
          images: 2,
          models: [],
          detections: 0,
          slowestMs: 1,
          f1: 0,
        },
        undefined,
      ),
      { verdict: "fail", reasons: ["a.jpg: ModelError: x", "b.jpg: ModelError: x"] },
    );
  });
});
