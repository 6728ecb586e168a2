import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { metadataProblem, recordedProblems } from "../../contract/metadata-value";
import { compilePattern } from "../../local/model/patterns";
import { projectDir } from "../../automation/project-dir";

describe("a text that goes into the registry", () => {
  it("may be words, dates, URIs and ARNs of any letters", () => {
    for (const text of [
      "manual",
      "drift on prod 2026-11-29 04:00",
      "s3://bucket/flights/",
      "arn:aws:sagemaker:eu-central-1:1:pipeline/p_1",
      "größer",
      "a=b+c@d",
    ])
      assert.equal(metadataProblem("RunReason", text), undefined, text);
  });

  it("is judged as the containers judge it: both are tested against one table", () => {
    const table = JSON.parse(readFileSync(join(projectDir, "test", "contract", "metadata-values.json"), "utf8")) as {
      text: string;
      taken: boolean;
    }[];
    for (const { text, taken } of table)
      assert.equal(metadataProblem("RunReason", text) === undefined, taken, JSON.stringify(text));
  });

  it("is named with every character that is refused, once each", () => {
    assert.equal(
      metadataProblem("RunReason", 'night, "fog", 5%'),
      'RunReason holds "," "\\"" "%"; the registry keeps letters, digits, spaces and _ . : / = + - @',
    );
    assert.match(metadataProblem("RunReason", "two\nlines")!, /holds "\\n"/);
  });

  it("has 1 to 256 characters", () => {
    assert.match(metadataProblem("RunReason", "")!, /0 characters/);
    assert.equal(metadataProblem("RunReason", "x".repeat(256)), undefined);
    assert.match(metadataProblem("RunReason", "x".repeat(257))!, /257 characters; the registry keeps 1 to 256/);
  });

  it("is looked at in every parameter that the registry keeps, and in no other", () => {
    assert.deepEqual(recordedProblems({ ExperimentName: "a,b", RunReason: "fine" }), []);
    assert.equal(recordedProblems({ RunReason: "a,b", DatasetUri: "s3://b/(c)/" }).length, 2);
  });

  it("is judged as the pattern of SageMaker's own model says, once its stray dollar is gone", () => {
    const folder = join(projectDir, ".venv", "lib", "python3.11", "site-packages", "botocore", "data", "sagemaker");
    const { shapes } = JSON.parse(
      gunzipSync(readFileSync(join(folder, readdirSync(folder)[0]!, "service-2.json.gz"))).toString("utf8"),
    );
    const { pattern, min, max } = shapes.CustomerMetadataValue;
    const theirs = compilePattern(pattern)!;
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: "grapheme" }), fc.string({ unit: fc.constantFrom(..."ab1 _.:/=+-@é") })),
        (text) =>
          (metadataProblem("x", text) === undefined) ===
          (theirs.test(text) && text.length >= min && text.length <= max),
      ),
    );
  });
});
