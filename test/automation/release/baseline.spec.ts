import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { S3Location } from "../../../aws/s3";
import { putBaseline, readBaseline } from "../../../automation/release/baseline";
import { readEvaluation } from "../../../automation/release/evaluation";
import { baselineFiles } from "../../../contract/monitoring";
import { isUnknown } from "../../../lifecycle/comparison";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const modelSha256 = "a".repeat(64);
const folder = "runs/x/evaluation/";

/** A bucket with an evaluation and the baseline beside it, and a package that names the evaluation. */
function bucket(change: (document: Record<string, unknown>) => void = () => undefined) {
  const objects = new Map(baselineFiles.map((name) => [`${folder}baseline/${name}`, `{"file": "${name}"}`]));
  const document: Record<string, unknown> = {
    model: { sha256: modelSha256 },
    baseline: Object.fromEntries(baselineFiles.map((name) => [name, sha256(`{"file": "${name}"}`)])),
  };
  change(document);
  objects.set(`${folder}evaluation.json`, JSON.stringify(document));
  const put: string[] = [];
  return {
    objects,
    put,
    store: {
      get: ({ key }: S3Location) => {
        const text = objects.get(key);
        return Promise.resolve(text === undefined ? undefined : Buffer.from(text));
      },
      put: ({ bucket: name, key }: S3Location) => Promise.resolve(void put.push(`${name}/${key}`)),
    },
    described: { ModelMetrics: { ModelQuality: { Statistics: statistics(`s3://bucket/${folder}evaluation.json`) } } },
  };
}
const statistics = (S3Uri: string) => ({ ContentType: "application/json", S3Uri });

describe("the baseline of a candidate", () => {
  it("is read beside its evaluation and put where monitoring looks for the model that answers", async () => {
    const { store, described, put } = bucket();
    const baseline = await readBaseline(store, (await readEvaluation(store, described)).baseline);
    assert(baseline);
    await putBaseline(store, "prod", baseline);
    assert.deepEqual(
      put.sort(),
      [...baselineFiles].sort().map((name) => `prod/releases/baselines/${modelSha256}/${name}`),
    );
  });

  it("is refused when a file is gone or another one than was evaluated", async () => {
    const { store, described, objects } = bucket();
    const { baseline } = await readEvaluation(store, described);
    objects.set(`${folder}baseline/baseline.json`, "{}");
    objects.delete(`${folder}baseline/constraints.json`);
    await assert.rejects(readBaseline(store, baseline), /constraints.json is missing, baseline.json is another file/);
  });

  it("is not known of an evaluation that names none, or names something else", async () => {
    const without = bucket((document) => delete document["baseline"]);
    const odd = bucket((document) => (document["model"] = { sha256: "../../champion" }));
    for (const { store, described } of [without, odd]) {
      const { baseline } = await readEvaluation(store, described);
      assert(isUnknown(baseline));
      assert.equal(await readBaseline(store, baseline), undefined);
    }
  });
});
