import { strict as assert } from "node:assert";
import { parseS3Uri } from "../../aws/s3";

describe("S3 URIs", () => {
  it("split into bucket and key", () => {
    assert.deepEqual(parseS3Uri("s3://bucket/a/b.tar.gz"), { bucket: "bucket", key: "a/b.tar.gz" });
    assert.deepEqual(parseS3Uri("s3://bucket"), { bucket: "bucket", key: "" });
  });

  for (const text of ["", "bucket/key", "https://bucket/key", "s3:///key"])
    it(`refuse ${JSON.stringify(text)} and name it`, () => assert.throws(() => parseS3Uri(text), /not an S3 URI/));
});
