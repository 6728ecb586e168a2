import assert from "node:assert/strict";
import fc from "fast-check";
import { nothingServed } from "../../lifecycle/rollout/served";
import { type LedgerEntry, type NewEntry, seal } from "../../records/chain";
import {
  AmbiguousRelease,
  findRelease,
  InvalidRelease,
  type RecordedRelease,
  lastLiveBefore,
  listReleases,
  liveRelease,
  recordRelease,
  releaseId,
  type ReleaseRecord,
  summaryOf,
} from "../../records/release";

const by = "arn:aws:sts::111122223333:assumed-role/release/somebody";

class Pages {
  readonly kept: LedgerEntry[] = [];

  append(entry: NewEntry): Promise<LedgerEntry> {
    const sealed = seal(entry, this.kept.at(-1));
    this.kept.push(sealed);
    return Promise.resolve(sealed);
  }

  entries(): Promise<LedgerEntry[]> {
    return Promise.resolve(this.kept);
  }
}

/** A record of the release of package version `version`. */
function record(version: number, change: Partial<ReleaseRecord> = {}): ReleaseRecord {
  const content = {
    modelPackageArn: `arn:aws:sagemaker:eu-central-1:111122223333:model-package/peregrine-dev-detector/${version}`,
    modelSha256: "ab".repeat(32),
    imageUri: "image:0.1.0",
  };
  return {
    schema: "peregrine.release/1",
    environment: "staging",
    releaseId: releaseId(content),
    ...content,
    datasetDigest: "d1",
    gitCommit: "0".repeat(40),
    evaluation: {
      map50: 0.41,
      map: 0.2,
      map50Gain: 0.03,
      map50GainCi95: [-0.01, 0.07],
      latencyMs: { p50: 8, p99: 12 },
      modelBytes: 10_000_000,
    },
    policyPack: { version: "0.1.0", result: "passed" },
    kind: "promote",
    outcome: "live",
    reasons: [],
    endpointConfigName: "config-1",
    startedAt: "2026-03-01T10:00:00Z",
    endedAt: "2026-03-01T10:05:00Z",
    ...change,
  };
}

async function kept(...records: ReleaseRecord[]): Promise<RecordedRelease[]> {
  const pages = new Pages();
  for (const one of records) await recordRelease(pages, one, by);
  return listReleases(pages, "staging");
}
const idOf = (version: number) => record(version).releaseId;

describe("a release's id", () => {
  it("follows from its content alone and never changes", () => {
    // SHA-256 of ["arn:aws:x","abab…","image:0.1.0"], worked out with sha256sum.
    assert.equal(
      releaseId({ modelPackageArn: "arn:aws:x", modelSha256: "ab".repeat(32), imageUri: "image:0.1.0" }),
      "r-6eb79e711585",
    );
    assert.equal(releaseId(record(1, { environment: "prod", startedAt: "2020-01-01T00:00:00Z" })), idOf(1));
  });

  for (const change of [
    { modelPackageArn: "arn:aws:other" },
    { modelSha256: "cd".repeat(32) },
    { imageUri: "image:0.2.0" },
  ])
    it(`is another one with another ${Object.keys(change)[0]}`, () =>
      assert.notEqual(releaseId({ ...record(1), ...change }), idOf(1)));
});

describe("a release record", () => {
  it("is kept under its id, as of its end, and read back as it was", async () => {
    const pages = new Pages();
    const written = record(1, { imageDigest: undefined });
    const entry = await recordRelease(pages, written, by);
    assert.deepEqual(
      [entry.kind, entry.subject, entry.at, entry.by],
      ["release", written.releaseId, written.endedAt, by],
    );
    const { imageDigest: _, ...rest } = written;
    assert.deepEqual(await listReleases(pages, "staging"), [{ ...rest, entry: { sequence: 1, hash: entry.hash, by } }]);
  });

  it("keeps what the rollout proved, with the counts of both sides; entries from before there was a guard have none", async () => {
    const served = { ...nothingServed, requests: 600, answers: 590, errors: 3 };
    const rollout = {
      verdict: "inconclusive" as const,
      reasons: ["watched for 5 of at least 10 blocks"],
      served: { new: served, old: nothingServed },
    };
    const [with_, without] = await kept(record(1, { rollout }), record(2));
    assert.deepEqual([with_!.rollout, without!.rollout], [rollout, undefined]);
  });

  const wrong: [string, Partial<ReleaseRecord>, RegExp][] = [
    ["has the id of another content", { releaseId: "r-0123456789ab" }, /not the id of its content/],
    ["ends before it starts", { endedAt: "2026-03-01T09:59:59Z" }, /endedAt: .* before startedAt/],
    ["failed without a reason", { outcome: "failed" }, /reasons: a release that is failed needs a reason/],
    ["is live without a configuration", { endpointConfigName: undefined }, /endpointConfigName/],
    [
      "is live though it was proven to be worse",
      { rollout: { verdict: "roll back", reasons: ["why"], served: { new: nothingServed, old: nothingServed } } },
      /rollout: a release that is proven to be worse is not live/,
    ],
    [
      "counts more errors than requests",
      {
        rollout: {
          verdict: "promote",
          reasons: [],
          served: { new: { ...nothingServed, errors: 1 }, old: nothingServed },
        },
      },
      /rollout\.served\.new\.errors: 1 of 0 requests/,
    ],
    ["has a score that is none", { evaluation: { ...record(1).evaluation!, map50: NaN } }, /evaluation\.map50/],
    ["has a cut digest", { modelSha256: "ab" }, /modelSha256/],
    ["says more than the schema", { mood: "good" } as object, /mood/],
  ];
  for (const [what, change, reason] of wrong)
    it(`is refused when it ${what}, and nothing is written`, async () => {
      const pages = new Pages();
      await assert.rejects(
        recordRelease(pages, record(1, change), by),
        (error: Error) => error instanceof InvalidRelease && reason.test(error.message),
      );
      assert.equal(pages.kept.length, 0);
    });

  it("tells all its problems at once", async () => {
    await assert.rejects(
      recordRelease(new Pages(), record(1, { outcome: "failed", endedAt: "2026-03-01T09:00:00Z" }), by),
      (error: InvalidRelease) => error.problems.length === 2,
    );
  });

  it("keeps of an evaluation what people ask for first", async () => {
    const alone = {
      map50: 0.4,
      map: 0.2,
      slices: {},
      latencyMs: { p50: 8, p99: 12 },
      modelBytes: 9,
      archiveSha256: "ab",
      datasetDigest: "d",
    };
    const beside = {
      ...alone,
      comparison: { championSha256: "cd", champion: alone, map50Gain: 0.1, map50GainCi95: [0.05, 0.15] as const },
    };
    const [first, second] = await kept(
      record(1, { evaluation: summaryOf(alone) }),
      record(2, { evaluation: summaryOf(beside) }),
    );
    assert.deepEqual(first!.evaluation, { map50: 0.4, map: 0.2, latencyMs: { p50: 8, p99: 12 }, modelBytes: 9 });
    assert.deepEqual(second!.evaluation, { ...first!.evaluation, map50Gain: 0.1, map50GainCi95: [0.05, 0.15] });
  });

  it("is listed for its own environment, among entries of other kinds", async () => {
    const pages = new Pages();
    await pages.append({ at: "2026-03-01T10:00:00Z", by, kind: "drift", subject: "x", body: {} });
    await recordRelease(pages, record(1), by);
    await recordRelease(pages, record(2, { environment: "prod" }), by);
    assert.deepEqual(
      (await listReleases(pages, "staging")).map((one) => one.releaseId),
      [idOf(1)],
    );
  });

  it("of a schema nobody knows is an error that names the entry", async () => {
    const pages = new Pages();
    await pages.append({
      at: "2026-03-01T10:00:00Z",
      by,
      kind: "release",
      subject: "r-1",
      body: { schema: "peregrine.release/9" },
    });
    await assert.rejects(listReleases(pages, "staging"), /ledger entry 1: schema/);
  });
});

describe("finding a release", () => {
  it("goes by id, by the beginning of an id, and by model package", async () => {
    const releases = await kept(record(1), record(2));
    for (const named of [idOf(2), idOf(2).slice(0, 6), idOf(2).slice(2, 8), record(2).modelPackageArn])
      assert.equal(findRelease(releases, named)?.releaseId, idOf(2), named);
  });

  it("finds nothing by nothing, by another id, or by the beginning of an ARN", async () => {
    const releases = await kept(record(1));
    for (const named of ["", "r-ffffffffffff", "arn:aws:sagemaker"])
      assert.equal(findRelease(releases, named), undefined, named);
  });

  it("refuses to choose between several", async () => {
    const releases = await kept(record(1), record(2));
    assert.throws(
      () => findRelease(releases, "r-"),
      (error: AmbiguousRelease) =>
        error instanceof AmbiguousRelease && error.releaseIds.length === 2 && error.message.includes(idOf(1)),
    );
  });

  it("prefers the attempt that went live to a later one that did not", async () => {
    const releases = await kept(
      record(1),
      record(1, { outcome: "rejected", reasons: ["no"] }),
      record(2, { outcome: "failed", reasons: ["a"] }),
      record(2, { outcome: "failed", reasons: ["b"] }),
    );
    assert.equal(findRelease(releases, idOf(1))?.entry.sequence, 1);
    assert.equal(findRelease(releases, idOf(2))?.entry.sequence, 4);
  });
});

describe("what to roll back to", () => {
  const failed = (version: number) => record(version, { outcome: "rolled-back", reasons: ["alarm"] });
  const back = (version: number) => record(version, { kind: "rollback" });
  const cases: [string, ReleaseRecord[], number, number | undefined][] = [
    ["nothing before the first release", [record(1)], 1, undefined],
    ["the release before", [record(1), record(2), record(3)], 3, 2],
    ["the release before one in the middle", [record(1), record(2), record(3)], 2, 1],
    ["nothing for a release that never went live", [record(1), failed(2)], 2, undefined],
    ["past attempts that never went live", [record(1), failed(2), record(3)], 3, 1],
    ["further back after a rollback, not to and fro", [record(1), record(2), record(3), back(2)], 2, 1],
    ["nothing after everything was rolled back", [record(1), record(2), back(1)], 1, undefined],
    ["the release that a rollback led to", [record(1), record(2), back(1), record(3)], 3, 1],
    ["past a repeated promotion of the same release", [record(1), record(2), record(2)], 2, 1],
    ["the release in between when an old one is promoted again", [record(1), record(2), record(1)], 1, 2],
  ];
  for (const [what, records, from, to] of cases)
    it(`is ${what}`, async () =>
      assert.equal(lastLiveBefore(await kept(...records), idOf(from))?.releaseId, to && idOf(to)));

  it("is never what is live, and rolling back again and again ends", async () => {
    const step = fc.record({
      version: fc.integer({ min: 1, max: 4 }),
      kind: fc.constantFrom("promote", "rollback"),
      fails: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const records = steps.map(({ version, kind, fails }) =>
          record(version, { kind, ...(fails ? { outcome: "failed" as const, reasons: ["x"] } : {}) }),
        );
        for (let round = 0; round <= steps.length; round++) {
          const releases = await kept(...records);
          const live = liveRelease(releases);
          assert.equal(live?.releaseId, releases.findLast(({ outcome }) => outcome === "live")?.releaseId);
          const target = live && lastLiveBefore(releases, live.releaseId);
          if (!target) return;
          assert.notEqual(target.releaseId, live.releaseId);
          records.push({ ...record(1), ...content(target), kind: "rollback" });
        }
        assert.fail("rolling back does not end");
      }),
    );
  });
});

const content = ({ modelPackageArn, modelSha256, imageUri, releaseId: id }: RecordedRelease) => ({
  modelPackageArn,
  modelSha256,
  imageUri,
  releaseId: id,
});
