import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { settingsOf, writtenSettingsOf } from "../../policies/config";
import { datasetBucketReadOnly } from "../../policies/rules/dataset-bucket-read-only";
import { hearSettings, stackSetting } from "../../policies/stack-settings";
import { datasetBucket } from "../support/dataset";
import { judge } from "../support/policy";
import { makeTemporaryFolder } from "../support/temporary-folder";

describe("settings of the stack that is judged", () => {
  const key = "peregrine:datasetBucket";
  let folder: string;
  beforeEach(() => {
    folder = makeTemporaryFolder("pack");
    mkdirSync(join(folder, "node_modules", "pack"), { recursive: true });
    writeFileSync(join(folder, "Pulumi.yaml"), "name: peregrine\n");
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const pack = () => join(folder, "node_modules", "pack");

  it("come from the stack's file where the engine announced nothing", () => {
    writeFileSync(join(folder, "Pulumi.filed.yaml"), `config:\n  ${key}: images\n`);
    assert.equal(stackSetting("filed", key, pack()), "images");
  });

  it("come from the engine's announcement, whatever the file says", () => {
    writeFileSync(join(folder, "Pulumi.announced.yaml"), `config:\n  ${key}: images\n`);
    hearSettings("announced", (asked) => (asked === key ? "others" : undefined));
    assert.equal(stackSetting("announced", key, pack()), "others");
    assert.equal(stackSetting("announced", "peregrine:else", pack()), undefined);
  });

  it("are none where there is no file, an empty one, or a name that leads elsewhere", () => {
    writeFileSync(join(folder, "Pulumi.empty.yaml"), "");
    for (const stack of ["absent", "empty", "../x"]) assert.equal(stackSetting(stack, key, pack()), undefined, stack);
  });

  it("give the rule about the dataset its bucket, without a second copy", () => {
    for (const stack of ["dev", "staging", "prod"]) {
      assert.deepEqual(writtenSettingsOf(stack, "dataset-bucket-read-only"), { bucket: `\${${key}}` });
      assert.deepEqual(settingsOf(stack, "dataset-bucket-read-only"), { bucket: datasetBucket });
    }
  });

  it("are found in what the engine was given, too, which is the file as it is", () => {
    const given = { environment: "staging", config: { bucket: `\${${key}}` } };
    const owned = judge(datasetBucketReadOnly, "aws:s3/bucket:Bucket", { bucket: datasetBucket }, given);
    assert.equal(owned.violations.length, 1);
  });

  it("are missed, and the stack refused, where it names no bucket", () => {
    const owned = () =>
      judge(datasetBucketReadOnly, "aws:s3/bucket:Bucket", { bucket: "any" }, { environment: "staging" }).violations;
    assert.deepEqual(owned(), []);
    hearSettings("staging", () => undefined);
    try {
      assert.match(
        owned().join(),
        /^Stack staging does not say.*: set peregrine:datasetBucket in Pulumi\.staging\.yaml\./,
      );
    } finally {
      hearSettings("staging", (asked) => (asked === key ? datasetBucket : undefined));
    }
  });
});
