import assert from "node:assert/strict";
import { classNames, countLabels, labelFormat } from "../../../lifecycle/new-data/labels";

describe("labels of new files", () => {
  it("are known by where they lie: VOC, COCO, YOLO, VisDrone; lists of classes and of flights are none", () => {
    assert.deepEqual(
      [
        "a/1.xml",
        "a/coco.json",
        "labels/1.txt",
        "annotations/1.txt",
        "classes.txt",
        "flights.csv",
        "manifest.json",
      ].map(labelFormat),
      ["voc", "coco", "yolo", "visdrone", undefined, undefined, undefined],
    );
  });

  it("count the objects of each class", () => {
    const voc =
      "<annotation><object><name>tree</name></object><object><name> car </name></object><object><name>tree</name></object></annotation>";
    assert.deepEqual(countLabels("voc", voc, undefined), { "": { tree: 2, car: 1 } });
    assert.deepEqual(countLabels("voc", "<annotation></annotation>", undefined), { "": {} });
    assert.deepEqual(countLabels("yolo", "0 .5 .5 .1 .1\n\n1 .5 .5 .1 .1\r\n", ["tree", "car"]), {
      "": { tree: 1, car: 1 },
    });
    assert.deepEqual(countLabels("yolo", "3 .5 .5 .1 .1", undefined), { "": { "class 3": 1 } });
    assert.deepEqual(countLabels("visdrone", "1,2,3,4,1,4,0,0\n1,2,3,4,0,4,0,0\n1,2,3,4,1,0,0,0", undefined), {
      "": { car: 1 },
    });
    const coco = {
      images: [{ id: 1, file_name: "a.jpg" }],
      categories: [{ id: 7, name: "constructor" }],
      annotations: [
        { image_id: 1, category_id: 7 },
        { image_id: 1, category_id: 7, iscrowd: 1 },
      ],
    };
    assert.deepEqual(countLabels("coco", JSON.stringify(coco), undefined), { "a.jpg": { constructor: 1 } });
    assert.deepEqual(countLabels("coco", "{}", undefined), {});
  });

  it("say what is wrong with a damaged file", () => {
    for (const [format, text, names, problem] of [
      ["voc", "<annotation><object>", undefined, /./],
      ["voc", "<html></html>", undefined, /no <annotation>/],
      ["voc", "<annotation><object></object></annotation>", undefined, /object 1 has no <name>/],
      ["yolo", "0 .5", undefined, /line 1: is not/],
      ["yolo", "7 .5 .5 .1 .1", ["tree"], /class 7, but there are 1/],
      ["visdrone", "a,b", undefined, /line 1/],
      ["coco", "{", undefined, /JSON/],
    ] as const)
      assert.throws(() => countLabels(format, text, names), problem, `${format} ${text}`);
  });

  it("have class names in a list, by number, or a line each", () => {
    assert.deepEqual(classNames("data.yaml", "names: [tree, car]"), ["tree", "car"]);
    assert.deepEqual(classNames("data.yaml", "names:\n  0: tree\n  1: car"), ["tree", "car"]);
    assert.deepEqual(classNames("classes.txt", "tree\n\ncar\n"), ["tree", "car"]);
    assert.throws(() => classNames("data.yaml", "nc: 2"), /no class names/);
  });
});
