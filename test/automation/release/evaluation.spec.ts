import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEvaluation, readChampion, readEvaluation } from "../../../automation/release/evaluation";
import { type Evaluation, isUnknown, type Unknown } from "../../../lifecycle/comparison";

/** As `evaluate` wrote it, of a model that looks at one spot beside a champion that does, too. */
const text = readFileSync(join(__dirname, "documents", "evaluation.json"), "utf8");
type Members = Record<string, any>;

function changed(change: (document: Members) => void): Evaluation | Unknown {
  const document = JSON.parse(text) as Members;
  change(document);
  return parseEvaluation(JSON.stringify(document), "evaluation.json");
}
const reason = (result: Evaluation | Unknown): string =>
  isUnknown(result) ? result.unknown : assert.fail("was understood");

describe("reading an evaluation", () => {
  it("takes what the gate needs from what `evaluate` writes", () => {
    const raw = JSON.parse(text) as Members;
    const read = parseEvaluation(text, "x");
    assert(!isUnknown(read) && read.comparison);
    assert.equal(read.archiveSha256, raw["model"].archive_sha256);
    assert.equal(read.datasetDigest, raw["dataset"].digest);
    assert.deepEqual(read.slices["scale"]!["low"], {
      map50: raw["detection_metrics"].slices.scale.low.map50.value,
      boxes: raw["detection_metrics"].slices.scale.low.boxes,
    });
    assert.deepEqual(Object.keys(read.slices["light"]!).sort(), ["day", "fog", "night"]);
    assert.deepEqual(
      [read.latencyMs, read.modelBytes],
      [raw["detection_metrics"].latency_ms, raw["detection_metrics"].model_bytes],
    );
    assert.equal(read.comparison.championSha256, raw["champion_model"].archive_sha256);
    assert.deepEqual(read.comparison.map50GainCi95, raw["comparison"].map50_gain_ci95);
    assert.deepEqual(read.comparison.champion.latencyMs, raw["comparison"].champion_latency_ms);
    assert.equal(
      read.comparison.champion.slices["scale"]!["low"]!.map50,
      raw["comparison"].champion_slices.scale.low.map50.value,
    );
  });

  it("knows no comparison where there was no champion", () => {
    const read = changed((document) => {
      document["comparison"] = {
        champion: false,
        map50_gain: { value: 0 },
        map_gain: { value: 0 },
        map50_ci95: [0, 0],
      };
      document["champion_model"] = null;
    });
    assert(!isUnknown(read));
    assert.equal(read.comparison, undefined);
  });

  const strange: [string, (document: Members) => void, RegExp][] = [
    [
      "of the schema before",
      (document) => (document["schema"] = "peregrine.evaluation/1"),
      /not an evaluation: schema:/,
    ],
    [
      "without the champion's slices",
      (document) => delete document["comparison"].champion_slices,
      /comparison\.champion_slices/,
    ],
    ["without latency", (document) => delete document["detection_metrics"].latency_ms, /detection_metrics\.latency_ms/],
    [
      "with a score above 1",
      (document) => (document["detection_metrics"].map50.value = 1.2),
      /detection_metrics\.map50\.value/,
    ],
    [
      "with a cut digest",
      (document) => (document["model"].archive_sha256 = "ab"),
      /model\.archive_sha256: not a SHA-256/,
    ],
    [
      "that compares with a champion it does not name",
      (document) => (document["champion_model"] = null),
      /contradicts itself/,
    ],
  ];
  for (const [what, change, expected] of strange)
    it(`does not understand one ${what}, and says where`, () => assert.match(reason(changed(change)), expected));

  it("tells all that is wrong at once", () => {
    const said = reason(changed((document) => ((document["schema"] = "x"), delete document["dataset"])));
    assert.match(said, /schema:.*dataset:/);
  });

  it("does not understand what is no JSON, as Python's NaN", () => {
    assert.match(
      reason(parseEvaluation(text.replace(/"p99": [\d.]+/, '"p99": NaN'), "evaluation.json")),
      /evaluation\.json is not JSON/,
    );
  });
});

describe("finding an evaluation", () => {
  const shelf = (objects: Record<string, string>) => ({
    get: ({ bucket, key }: { bucket: string; key: string }) =>
      Promise.resolve(
        objects[`${bucket}/${key}`] === undefined ? undefined : Buffer.from(objects[`${bucket}/${key}`]!),
      ),
  });
  const named = (S3Uri?: string) => ({
    ModelMetrics: { ModelQuality: { Statistics: { ContentType: "application/json", S3Uri } } },
  });

  it("goes by the statistics that the package names", async () => {
    const read = await readEvaluation(
      shelf({ "b/runs/1/evaluation.json": text }),
      named("s3://b/runs/1/evaluation.json"),
    );
    assert.deepEqual(read, {
      evaluation: parseEvaluation(text, "x"),
      sha256: createHash("sha256").update(text).digest("hex"),
      baseline: { unknown: "s3://b/runs/1/evaluation.json names no baseline" },
    });
  });

  it("says why there is none, and is no error", async () => {
    assert.match(reason((await readEvaluation(shelf({}), {})).evaluation), /names no evaluation/);
    assert.match(
      reason((await readEvaluation(shelf({}), named("s3://b/gone.json"))).evaluation),
      /s3:\/\/b\/gone\.json does not exist/,
    );
    assert.match(reason((await readEvaluation(shelf({}), named("https://b/x.json"))).evaluation), /no object in S3/);
    assert.match(
      reason((await readEvaluation(shelf({ "b/x.json": "{}" }), named("s3://b/x.json"))).evaluation),
      /s3:\/\/b\/x\.json is not an evaluation/,
    );
  });

  it("does not hide that S3 refuses", async () => {
    const closed = { get: () => Promise.reject(new Error("AccessDenied")) };
    await assert.rejects(readEvaluation(closed, named("s3://b/x.json")), /AccessDenied/);
    await assert.rejects(readChampion(closed, "b"), /AccessDenied/);
  });

  it("knows the champion by the digest of the archive that production serves, or that there is none", async () => {
    assert.deepEqual(await readChampion(shelf({ "b/champion/model.tar.gz": "bytes" }), "b"), {
      archiveSha256: createHash("sha256").update("bytes").digest("hex"),
    });
    assert.equal(await readChampion(shelf({ "b/champion/README.txt": "no model" }), "b"), "none");
  });
});
