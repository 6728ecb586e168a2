import assert from "node:assert/strict";
import { comparisonOf } from "../../../insight/compare/comparison";
import type { Subject } from "../../../insight/compare/facts";
import { comparisonPage } from "../../../insight/compare/page";
import { costOf, modelRun, picturesOf } from "../../../insight/compare/read";
import { comparisonText, letter } from "../../../insight/compare/text";
import type { ObjectStore } from "../../../aws/s3";
import { run } from "../runs/some-runs";
import { outcomes, tile } from "./some-outcomes";

const evil = `"><script>alert(1)</script><img src=x onerror=alert(2)>\u001b[2J`;
const subject = (id: string, some: Parameters<typeof run>[1], facts: Subject["facts"] = {}): Subject => ({
  asked: id,
  name: `model ${id}`,
  run: run(id, some),
  facts,
  gaps: [],
});
const a = subject("a", { params: { lr0: "0.1", model: "yolo11n" }, metrics: { map50: 0.5, box_loss: 2 } });
const b = subject("b", {
  params: { lr0: "0.2", model: "yolo11n" },
  metrics: { map50: 0.6, box_loss: 3 },
  tags: { extra: "x" },
});

describe("a comparison", () => {
  it("shows what differs, whose metric is best, and says how much is the same", () => {
    const { rows, alike } = comparisonOf([a, b], [undefined, undefined]);
    assert.deepEqual(
      rows.map(({ kind, name, best }) => [kind, name, best]),
      [
        ["params", "lr0", undefined],
        ["tags", "extra", undefined],
        ["metrics", "box_loss", 0],
        ["metrics", "map50", 1],
      ],
    );
    assert.equal(alike, 3);
    const rates = comparisonOf([subject("a", { metrics: { lr: 1 } }), subject("b", { metrics: { lr: 2 } })], []).rows;
    assert.deepEqual([rates[0]!.name, rates[0]!.best], ["lr", undefined], "a learning rate is neither good nor bad");
    assert.equal(comparisonOf([a, b], [], { all: true }).rows.length, 7);
    const text = comparisonText(comparisonOf([a, b], [undefined, undefined]));
    assert.match(text, /^metrics\.map50 +0\.5000 +0\.6000 \*$/m);
    assert.match(text, /3 facts are the same in all/);
    assert.match(text, /No comparison by tile: what was answered/);
  });

  it("turns where many are compared: a line for each", () => {
    const many = Array.from({ length: 30 }, (_, at) => subject(String(at), { metrics: { map50: at } }));
    const comparison = comparisonOf(many, []);
    assert.match(comparisonText(comparison), /^AD +29 \*$/m);
    assert.match(
      comparisonPage(comparison, new Map()),
      /<tr><th scope="row">AD<\/th><td class="number best">29<\/td><\/tr>/,
    );
    assert.match(String(comparison.quality), /more than 6/);
    assert.deepEqual([0, 25, 26, 51, 52, 701, 702].map(letter), ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]);
  });

  const tiles = [
    outcomes(
      tile("images/test/1.jpg", 2, [
        [0.9, 1],
        [0.8, 0],
      ]),
      tile(`images/test/${evil}.jpg`, 1, [[0.9, 1]], { flight: evil, light: evil }),
    ),
    outcomes(
      tile("images/test/1.jpg", 2, [
        [0.9, 1],
        [0.8, 1],
      ]),
      tile(`images/test/${evil}.jpg`, 1, [], { flight: evil, light: evil }),
    ),
  ];

  it("of outcomes has intervals, curves and tiles side by side, on a page that needs no script", () => {
    const comparison = comparisonOf([a, b], tiles);
    const pictures = new Map([["images/test/1.jpg", { contentType: "image/jpeg", body: Buffer.from("jpeg") }]]);
    const page = comparisonPage(comparison, pictures);
    assert.match(
      page,
      /Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"/,
    );
    assert.match(page, /B against A/);
    assert.match(page, /aria-label="Precision by recall for tree/);
    assert.equal(page.match(/<polyline/g)!.length, 2);
    assert.equal(page.match(/<image href="data:image\/jpeg;base64,anBlZw=="/g)!.length, 2);
    assert.match(page, /class="missed"/);
    assert.match(page, /class="wrong"/);
    assert.match(comparisonText(comparison), /They disagree about 2 tiles/);
  });

  it("lets nothing from outside become part of the page or steer the terminal", () => {
    const hostile = {
      ...subject(evil, { name: evil, params: { [evil]: evil }, tags: { t: evil }, status: evil }, { [evil]: evil }),
      name: evil,
      gaps: [evil],
      cost: { instanceType: evil, instances: 1, billableSeconds: 1 },
    };
    const classes = tiles.map((one) => ({ ...one, classes: [evil] }));
    const comparison = comparisonOf([hostile, b], classes);
    const page = comparisonPage(
      comparison,
      new Map([["images/test/1.jpg", { contentType: evil, body: Buffer.from("") }]]),
    );
    assert.doesNotMatch(page, /<script|<img|onerror=alert\(2\)>/);
    assert.ok(page.includes("&lt;script&gt;"));
    assert.doesNotMatch(comparisonText(comparison), /\u001b/);
  });

  it("prices a training by the table, and never takes an unknown price for nothing", () => {
    const bill = { instanceType: "ml.g4dn.xlarge", instances: 2, billableSeconds: 1800 };
    const hourly = costOf({ ...bill, instances: 1, billableSeconds: 3600 }, "eu-central-1").usd!;
    assert.ok(hourly > 0);
    assert.equal(costOf(bill, "eu-central-1").usd, hourly);
    const unknown = costOf({ ...bill, instanceType: "ml.none.large" }, "eu-central-1");
    assert.equal(unknown.usd, undefined);
    assert.match(comparisonText(comparisonOf([{ ...a, cost: unknown }, b], [])), /price unknown/);
  });

  it("finds the run of the model among those of an execution", () => {
    const of = (id: string, tags: Record<string, string>) =>
      run(id, { tags: { "sagemaker.pipeline_execution": "x", ...tags } });
    const runs = [of("p", { "peregrine.step": "prepare" }), of("t", { "peregrine.step": "train" })];
    assert.equal(modelRun(runs, "x")?.id, "t");
    assert.equal(
      modelRun([of("p", { "peregrine.step": "prepare" }), of("old", { "sagemaker.training_job": "j" })], "x")?.id,
      "old",
    );
    assert.equal(modelRun(runs, "y"), undefined);
  });

  it("shows no picture but that of the tile that was answered", async () => {
    const asked: string[] = [];
    const store = {
      get: ({ key }: { key: string }) => {
        asked.push(key);
        return Promise.resolve(Buffer.from("jpeg"));
      },
    } as unknown as ObjectStore;
    const sha256 = "0e4ee85cb861d4e4f13ff0e9ac9ef1b1f4de8bbfd3d2d4c4f5d9f2ef9e6d8a11";
    const files = ["images/test/a.jpg", "images/../../../secret.jpg", "labels/a.txt"].map((file) =>
      tile(file, 1, [], { sha256 }),
    );
    assert.equal((await picturesOf(store, "bucket", "x", files)).size, 0);
    assert.deepEqual(asked, ["runs/x/dataset/images/test/a.jpg"]);
    const { createHash } = await import("node:crypto");
    const right = tile("images/test/a.jpg", 1, [], { sha256: createHash("sha256").update("jpeg").digest("hex") });
    assert.equal((await picturesOf(store, "bucket", "x", [right])).size, 1);
  });
});
