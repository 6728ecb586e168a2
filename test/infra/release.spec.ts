import assert from "node:assert/strict";
import { parseRelease } from "../../infra/release";
import { releaseOf } from "../support/scope";

describe("the desired release", () => {
  it("is read as automation wrote it", () => {
    const written = {
      ...releaseOf(),
      promotedAt: "2026-11-24T03:00:00Z",
      promotedBy: "arn:aws:iam::123456789012:role/x",
    };
    assert.deepEqual(parseRelease("/peregrine/prod/release", JSON.stringify(written)), written);
  });

  it("is refused with every damaged member named", () => {
    assert.throws(
      () =>
        parseRelease(
          "/peregrine/prod/release",
          JSON.stringify({ ...releaseOf(), modelSha256: "abc", imageUri: undefined }),
        ),
      /The desired release in \/peregrine\/prod\/release is damaged:\n {2}- modelSha256: "abc"\n {2}- imageUri: missing\nPromote/,
    );
  });

  it("needs no earlier releases, and is refused with the damage in them named", () => {
    const { kept: _none, ...alone } = releaseOf();
    assert.deepEqual(parseRelease("/p", JSON.stringify(alone)).kept, []);
    assert.throws(
      () =>
        parseRelease("/p", JSON.stringify({ ...alone, instances: 0, kept: [alone, { ...alone, modelSha256: "x" }] })),
      /damaged:\n {2}- instances: 0\n {2}- kept\[1\]\.modelSha256: "x"\nPromote/,
    );
    assert.throws(() => parseRelease("/p", JSON.stringify({ ...alone, kept: "all" })), /- kept: "all"/);
  });

  it("is refused when it is not JSON", () => {
    assert.throws(() => parseRelease("/peregrine/prod/release", "{"), /is not JSON/);
    assert.throws(() => parseRelease("/peregrine/prod/release", "null"), /is damaged/);
  });
});
