import assert from "node:assert/strict";
import { batchesOf } from "../../../automation/labels/deliver";
import { fileOf } from "../../../automation/labels/export";
import type { ExportManifest } from "../../../automation/labels/label-set";
import { labelStudioInterface } from "../../../automation/labels/label-studio";
import { readLabels } from "../../../automation/labels/read-labels";
import { UserError } from "../../../automation/errors";

const image = (name: string, sample: "random" | "chosen") => ({
  file: `images/f/${name}.jpg`,
  inferenceId: `f/${name}`,
  flight: "f",
  variant: "champion",
  at: "2026-11-29T07:00:00Z",
  width: 200,
  height: 100,
  why: "random",
  sample,
});
const manifest: ExportManifest = {
  schema: "peregrine.label-export/1",
  endpoint: "peregrine-prod-detector",
  from: "2026-11-28T07:00:00Z",
  to: "2026-11-29T07:00:00Z",
  classes: ["tree"],
  images: [image("1", "random"), image("2", "chosen"), image("3", "chosen")],
};
const options = { manifest, emptyIsBackground: false };

/** What is wrong with a file, line by line. */
function problemsOf(document: unknown, more: Partial<typeof options> = {}): string {
  try {
    readLabels(typeof document === "string" ? document : JSON.stringify(document), { ...options, ...more });
  } catch (error) {
    assert.ok(error instanceof UserError);
    return error.message;
  }
  return "";
}

const coco = (annotations: object[], images: object[] = []) => ({
  images: [
    ...manifest.images.map(({ file }, index) => ({ id: index + 1, file_name: file, width: 200, height: 100 })),
    ...images,
  ],
  categories: [{ id: 7, name: "tree" }],
  annotations,
});
const box = (image_id: number, bbox: number[], more: object = {}) => ({
  id: 1,
  image_id,
  category_id: 7,
  bbox,
  ...more,
});

describe("labels from a COCO file", () => {
  it("are true boxes of the answers that the export knows", () => {
    const read = readLabels(JSON.stringify(coco([box(1, [10, 20, 30, 40]), box(1, [0, 0, 5, 5])])), options);
    assert.equal(read.format, "COCO");
    assert.deepEqual(read.labels, [
      {
        inferenceId: "f/1",
        sample: "random",
        boxes: [
          { class: "tree", box: [10, 20, 40, 60] },
          { class: "tree", box: [0, 0, 5, 5] },
        ],
      },
    ]);
    assert.equal(read.skipped, 2, "images without annotations are not labelled yet");
  });

  it("say that an image shows no object only where somebody says so", () => {
    const read = readLabels(JSON.stringify(coco([box(1, [1, 1, 2, 2])])), { ...options, emptyIsBackground: true });
    assert.deepEqual(
      read.labels.map((label) => ("boxes" in label ? label.boxes.length : -1)),
      [1, 0, 0],
    );
  });

  it("leave out images with crowds, which are not labelled whole", () => {
    const read = readLabels(
      JSON.stringify(coco([box(1, [1, 1, 2, 2]), box(1, [1, 1, 9, 9], { iscrowd: 1 })])),
      options,
    );
    assert.deepEqual([read.labels.length, read.skipped], [0, 3]);
  });

  it("are refused with every problem", () => {
    const told = problemsOf(
      coco(
        [
          box(9, [1, 1, 2, 2]),
          box(1, [1, 1, 2]),
          box(1, [190, 1, 20, 2]),
          box(1, [1, 1, 0, 2]),
          box(4, [1, 1, 2, 2]),
          { ...box(1, [1, 1, 2, 2]), category_id: 8 },
        ],
        [{ id: 4, file_name: "other.jpg" }],
      ),
    );
    for (const problem of [
      "annotations[0]: image 9 is not listed",
      "annotations[1]: bbox is not [x, y, width, height]",
      "annotations[2]: the box [190, 1, 20, 2] leaves its image (200x100)",
      "annotations[5]: category 8 is not listed",
      "images[3] (other.jpg): no inference_id",
      "images[0] (images/f/1.jpg).boxes[0].box: a box has an extent",
      "6 problems in the COCO file; nothing was taken",
    ])
      assert.ok(told.includes(problem), `${problem} is not in\n${told}`);
  });
});

const rectangle = (value: object, more: object = {}) => ({
  type: "rectanglelabels",
  original_width: 200,
  original_height: 100,
  value: { x: 10, y: 20, width: 50, height: 50, rotation: 0, rectanglelabels: ["tree"], ...value },
  ...more,
});
const task = (id: number, annotations: object[], data: object = { inference_id: `f/${id}`, sample: "random" }) => ({
  id,
  data,
  annotations,
});

describe("labels from Label Studio", () => {
  it("are one for each person's annotation, in pixels", () => {
    const tasks = [
      task(1, [
        { completed_by: { email: "ada@example.org" }, result: [rectangle({}), { type: "choices", value: {} }] },
        { completed_by: 4, result: [] },
      ]),
      task(2, [{ was_cancelled: true, completed_by: 4, result: [] }]),
      task(3, []),
    ];
    const read = readLabels(JSON.stringify(tasks), options);
    assert.equal(read.format, "Label Studio");
    assert.deepEqual(read.labels, [
      {
        inferenceId: "f/1",
        annotator: "ada@example.org",
        sample: "random",
        boxes: [{ class: "tree", box: [20, 20, 120, 70] }],
      },
      { inferenceId: "f/1", annotator: "label-studio-user-4", sample: "random", boxes: [] },
    ]);
    assert.equal(read.skipped, 2);
  });

  it("are refused with every problem", () => {
    const told = problemsOf([
      task(1, [
        { result: [rectangle({ rotation: 30 }), rectangle({ rectanglelabels: [] }), { type: "polygonlabels" }] },
      ]),
      task(2, [{ result: [] }], {}),
      task(3, [{ result: [] }, { result: [] }]),
    ]);
    for (const problem of [
      "task 1, annotation 1, result 1: is turned by 30 degrees",
      "task 1, annotation 1, result 2: has 0 classes",
      "task 1, annotation 1, result 3: polygonlabels is no rectangle",
      "task 2: no inference_id in its data",
      "task 3, annotation 2: f/3 is labelled in task 3, annotation 1 already",
    ])
      assert.ok(told.includes(problem), `${problem} is not in\n${told}`);
  });

  it("know the classes by an interface that any name fits into", () => {
    assert.match(labelStudioInterface(['a "b" <c>']), /value="a &#34;b&#34; &#60;c&#62;"/);
  });
});

describe("labels in JSON Lines", () => {
  it("are boxes or verdicts, a line each", () => {
    const lines = [
      { inferenceId: "f/1", verdicts: [{ detection: 0, verdict: "right" }] },
      { inferenceId: "f/2", boxes: [] },
    ];
    const read = readLabels(lines.map((line) => JSON.stringify(line)).join("\n"), options);
    assert.deepEqual([read.format, read.labels.length], ["JSON Lines", 2]);
  });

  it("are refused with every problem, and anything else is no file of labels", () => {
    const told = problemsOf('{"inferenceId":"f/1","boxes":[]}\n{"inferenceId":"f/2"\n{"inferenceId":"f/3","boxes":1}');
    assert.match(told, /2 problems .*\n {2}- line 2: no JSON\n {2}- line 3\.boxes: /);
    for (const text of ["", "hello", "[]", "7"]) assert.match(problemsOf(text), /neither COCO, nor Label Studio/);
  });
});

describe("images of an export", () => {
  it("are named after their inference ids, and none leaves the folder or meets another", () => {
    const jpeg = Buffer.from([0xff, 0xd8, 0xff]);
    assert.equal(fileOf("flight-7/0001", jpeg), "images/flight-7/0001.jpg");
    assert.equal(fileOf("a", Buffer.from("\x89PNG", "latin1")), "images/a.png");
    const odd = ["../../etc/x", "a b", "a_b", "a//b", "/a", "..", "a\\b"].map((id) => fileOf(id, jpeg));
    for (const file of odd) assert.doesNotMatch(file, /\.\.|\\|\/\/|\s/);
    assert.equal(new Set(odd).size, odd.length);
  });
});

describe("labels that are delivered", () => {
  it("go in as few requests as the function takes", () => {
    const label = { inferenceId: "f/1", boxes: [] };
    assert.deepEqual(
      batchesOf(Array.from({ length: 2500 }, () => label)).map((batch) => batch.length),
      [1000, 1000, 500],
    );
    const boxes = Array.from({ length: 9000 }, () => ({
      class: "tree",
      box: [1, 2, 3, 4] as [number, number, number, number],
    }));
    const sizes = batchesOf(Array.from({ length: 50 }, () => ({ inferenceId: "f/1", boxes }))).map((batch) =>
      Buffer.byteLength(JSON.stringify({ labels: batch })),
    );
    assert.ok(sizes.length > 1 && sizes.every((size) => size <= 5 * 1024 * 1024));
    assert.deepEqual(batchesOf([]), []);
  });
});
