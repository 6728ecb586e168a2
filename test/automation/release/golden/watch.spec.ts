import { strict as assert } from "node:assert";
import type { GoldenImage } from "../../../../automation/release/golden/images";
import type { GoldenReply, GoldenRun } from "../../../../lifecycle/golden-verdict";
import { GoldenWatch, type WatchPorts } from "../../../../automation/release/golden/watch";
import type { Detection } from "../../../../lifecycle/golden";

const tree = (x: number): Detection => ({ name: "tree", confidence: 0.8, box: [x, 10, x + 20, 30] });
const trees = [tree(0), tree(40), tree(80), tree(120)];
const elsewhere = trees.map(({ box, ...one }): Detection => ({ ...one, box: [box[0], 150, box[2], 170] }));
const answerOf = (image: string, detections: readonly Detection[]) => ({ image, width: 200, height: 200, detections });
const images = ["a.jpg", "b.jpg"].map((key): GoldenImage => ({
  key,
  contentType: "image/jpeg",
  body: Buffer.alloc(0),
  expected: answerOf(key, trees),
}));
const says =
  (model: string, detections: readonly Detection[]) =>
  ({ key }: GoldenImage): GoldenReply => ({ model, answer: answerOf(key, detections) });
const breaks = ({ key }: GoldenImage): GoldenReply => ({
  problem: `${key}: the answer breaks the serving contract`,
  failed: false,
});
const refuses = ({ key }: GoldenImage): GoldenReply => ({ problem: `${key}: ModelError: 500`, failed: true });
const before = (model: string, detections = trees, f1 = 1): GoldenRun => ({
  problems: [],
  images: images.length,
  models: [model],
  answers: images.map(({ key }) => answerOf(key, detections)),
  detections: 2 * detections.length,
  slowestMs: 1,
  f1,
});

/** Watches an update in which each request in turn gets the next reply; ends with them. */
async function watched(
  live: GoldenRun,
  replies: readonly ((image: GoldenImage) => GoldenReply)[],
  changes: Partial<WatchPorts> = {},
) {
  const published: boolean[] = [];
  const asked: string[] = [];
  let looks = 0;
  let over: () => void;
  const end = new Promise<void>((resolve) => (over = resolve));
  const ports: WatchPorts = {
    // The update begins a while after the watch.
    updating: () => Promise.resolve((looks += 1) > 2 ? "config-new" : undefined),
    ask: (image) => {
      const reply = replies[asked.length]!(image);
      asked.push(image.key);
      return Promise.resolve(reply);
    },
    publish: (config, wrong) => {
      assert.equal(config, "config-new");
      published.push(wrong);
      return Promise.resolve();
    },
    pause: () =>
      asked.length >= replies.length ? (over(), new Promise((resolve) => setImmediate(resolve))) : Promise.resolve(),
    ...changes,
  };
  const watch = new GoldenWatch(ports, images, live);
  await end;
  return { published, asked, result: await watch.stop() };
}

describe("golden images during an update", () => {
  it("are asked in turn, from the moment SageMaker brings another configuration live", async () => {
    const { asked, published, result } = await watched(before("old"), [
      says("old", trees),
      says("new", trees),
      says("new", trees),
    ]);
    assert.deepEqual(asked, ["a.jpg", "b.jpg", "a.jpg"]);
    assert.deepEqual([published, result.wrong, result.trouble], [[false, false, false], [], undefined]);
  });

  it("tell of the first empty or absurd answer of the new model", async () => {
    const absurd = trees.map((one): Detection => ({ ...one, confidence: 7 }));
    const { published, result } = await watched(before("old"), [says("new", []), says("new", absurd)]);
    assert.deepEqual(published, [true, true]);
    assert.match(
      result.wrong.join(),
      /a\.jpg: nothing found where 4 objects are expected,.*b\.jpg: 4 of 4 detections have a confidence outside 0 to 1/,
    );
  });

  it("tell of a new model that answers all images, and finds other things", async () => {
    assert.deepEqual((await watched(before("old"), [says("new", elsewhere), says("new", elsewhere)])).published, [
      false,
      true,
    ]);
  });

  it("tell of wrong answers also where both releases run the same network: the old one was asked a moment ago", async () => {
    assert.deepEqual((await watched(before("same"), [says("same", trees), says("same", []), breaks])).published, [
      false,
      true,
      true,
    ]);
  });

  it("never hold the old model's answers against the new one: the way out of a bad release is free", async () => {
    const bad = before("bad", [], 0);
    const { published, result } = await watched(bad, [says("bad", []), breaks, says("good", trees)]);
    assert.deepEqual([published, result.wrong], [[false], []]);
  });

  it("leave requests that fail to the alarm on errors", async () => {
    assert.deepEqual((await watched(before("old"), [refuses, says("new", trees)])).published, [false]);
  });

  it("say when the alarm cannot be told, and stop nothing by it", async () => {
    let over: () => void;
    const told = new Promise<void>((resolve) => (over = resolve));
    const ports: WatchPorts = {
      updating: () => Promise.resolve("config"),
      ask: (image) => Promise.resolve(says("new", [])(image)),
      pause: () => Promise.resolve(),
      publish: () => (over(), Promise.reject(new Error("not authorized"))),
    };
    const watch = new GoldenWatch(ports, images, before("old"));
    await told;
    const { wrong, trouble } = await watch.stop();
    assert.equal(trouble, "not authorized");
    assert.equal(wrong.length, 1, "the reason is kept for the record all the same");
  });
});
