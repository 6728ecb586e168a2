import assert from "node:assert/strict";
import fc from "fast-check";
import {
  decisionDigest,
  decisionFolder,
  decisionKey,
  InvalidDecision,
  type PackageDecision,
  readDecision,
  verifyDecision,
  writeDecision,
} from "../../lifecycle/decision";
import { decisionChecks, type DecisionFacts, type FoundDecision } from "../../lifecycle/decision-checks";
import { approval, approver, decidedFacts, digests, packageArn, sha, testKey, TestKey } from "./decisions";

const against = (facts: DecisionFacts) => decisionChecks(facts).filter(({ ok }) => !ok);

describe("a decision about a model package", () => {
  it("is about all that is released, and says everything at once that it lacks", () => {
    const nothing = { archiveSha256: null, image: null, evaluationSha256: null, datasetDigest: null, content: {} };
    assert.throws(
      () => approval({ why: "  ", by: "cleo", digests: nothing }),
      (error: Error) =>
        error instanceof InvalidDecision &&
        error.problems.length === 6 &&
        /why.*by:.*model archive.*container image.*evaluation.*dataset/s.test(error.message),
    );
    assert.equal(
      approval({ verdict: "Rejected", digests: nothing }).verdict,
      "Rejected",
      "a rejection may be about a package that has lost its archive",
    );
  });

  it("lies where its content says, and nowhere else", () => {
    const one = approval();
    assert.match(
      decisionKey(one),
      /^approvals\/peregrine-dev-detector\/7\/2026-11-26T10:00:00\.000Z-[0-9a-f]{16}\.json$/,
    );
    assert.notEqual(decisionKey(one), decisionKey(approval({ why: "another reason" })));
    for (const arn of [
      "arn:aws:sagemaker:eu-central-1:123456789012:model-package/peregrine-dev-detector",
      "x",
      packageArn.replace("/7", "/../8"),
    ])
      assert.throws(() => decisionFolder(arn), InvalidDecision);
  });

  it("is read as it was written, and what is none says why", () => {
    const { key: _, ...signed } = testKey.sign(approval());
    assert.deepEqual(readDecision(writeDecision(signed)), signed);
    assert.match((readDecision("{") as { problem: string }).problem, /not JSON/);
    assert.match(
      (readDecision(JSON.stringify({ ...signed, decision: { ...signed.decision, more: 1 } })) as { problem: string })
        .problem,
      /decision: .*more/,
    );
  });

  it("is verified without KMS, by the key of the environment alone", () => {
    const signed = testKey.sign(approval());
    assert.ok(verifyDecision(signed, testKey.key));
    assert.ok(
      !verifyDecision(new TestKey().sign(approval()), testKey.key),
      "signed by another key that calls itself the same",
    );
    assert.ok(
      !verifyDecision(signed, { ...testKey.key, arn: "arn:aws:kms:eu-central-1:123456789012:key/other" }),
      "of another key",
    );
    assert.ok(!verifyDecision(signed, { ...testKey.key, publicKey: Buffer.from("no key") }));
    assert.ok(!verifyDecision({ ...signed, signature: "AAAA" }, testKey.key));
  });

  it("is signed by its digest: 32 bytes, as KMS takes them for ECDSA_SHA_256", () =>
    assert.equal(decisionDigest(approval()).length, 32));
});

describe("what a release demands of the decision about its package", () => {
  it("is that somebody approved exactly this, and nobody touched it since", () => {
    assert.deepEqual(against(decidedFacts()), []);
    assert.deepEqual(
      decisionChecks(decidedFacts()).map(({ name }) => name),
      [
        "decision",
        "signature",
        "verdict",
        "decided-archive",
        "decided-image",
        "decided-evaluation",
        "decided-dataset",
        "decided-content",
        "untouched",
      ],
    );
  });

  const ben = "arn:aws:sts::123456789012:assumed-role/peregrine-dev-ml-engineer/ben";
  const signedOtherwise = (change: Partial<PackageDecision>): Partial<DecisionFacts> => ({
    decision: testKey.sign(approval(change)),
  });
  const bad: [string, Partial<DecisionFacts>, RegExp][] = [
    [
      "nobody decided about",
      { decision: undefined },
      /^there is no signed decision about the package: approve it by `peregrine approve`$/,
    ],
    [
      "nobody can read the decision about",
      { decision: { unknown: "approvals/x.json is not JSON" } },
      /^the newest decision cannot be read: approvals\/x\.json is not JSON$/,
    ],
    [
      "nobody can verify the decision about",
      { key: { unknown: "the key is pending deletion" } },
      /^the decision cannot be verified: the key is pending deletion$/,
    ],
    [
      "was decided about by another key",
      { decision: new TestKey().sign(approval()) },
      /is not signed by the environment's key/,
    ],
    [
      "was rejected since",
      signedOtherwise({ verdict: "Rejected", why: "finds nothing at dusk" }),
      /^the newest decision is Rejected: finds nothing at dusk$/,
    ],
    [
      "has the decision about another package",
      signedOtherwise({ packageArn: packageArn.replace(/7$/, "8") }),
      /was made about something else/,
    ],
    [
      "has an old decision under a new name",
      {
        decision: {
          ...testKey.sign(approval()),
          key: "approvals/peregrine-dev-detector/7/2027-01-01T00:00:00.000Z-0123456789abcdef.json",
        },
      },
      /was made about something else, or at another time/,
    ],
    [
      "has another archive now",
      { now: { ...digests, archiveSha256: sha("planted") } },
      /^the model archive is not the one that was decided about: .* now; approve it again$/,
    ],
    ["has lost its archive", { now: { ...digests, archiveSha256: null } }, /the model archive is not .* none now/],
    [
      "would run another image by the same tag",
      { now: { ...digests, image: { ...digests.image!, digest: `sha256:${sha("planted")}` } } },
      /the container image is not/,
    ],
    [
      "would run an image of another repository",
      {
        now: {
          ...digests,
          image: { ...digests.image!, repository: "999999999999.dkr.ecr.eu-central-1.amazonaws.com/x" },
        },
      },
      /the container image is not/,
    ],
    ["has another evaluation now", { now: { ...digests, evaluationSha256: sha("praised") } }, /the evaluation is not/],
    [
      "was evaluated on another dataset",
      { now: { ...digests, datasetDigest: sha("other") } },
      /the dataset of the evaluation is not/,
    ],
    [
      "names another archive now",
      {
        now: { ...digests, content: { ...digests.content, InferenceSpecification: sha("other") } },
        touchedBy: { arn: approver },
      },
      /^edited after approval by .*approver\/cleo: InferenceSpecification; approve it again$/,
    ],
    [
      "says more than it did",
      { now: { ...digests, content: { ...digests.content, ModelLifeCycle: sha("x") } } },
      /: ModelLifeCycle; approve it again$/,
    ],
    [
      "says less than it did",
      { now: { ...digests, content: { ModelMetrics: digests.content["ModelMetrics"]! } } },
      /: InferenceSpecification, CustomerMetadataProperties; approve it again$/,
    ],
    [
      "somebody changed and changed back",
      { touchedBy: { arn: ben, at: "2026-11-26T11:00:00.000Z" } },
      /^changed after the decision of .*cleo by .*ben on 2026-11-26T11:00:00\.000Z; approve it again$/,
    ],
    [
      "another approver touched",
      { touchedBy: { arn: approver.replace("cleo", "carl") } },
      /^changed after the decision/,
    ],
    [
      "a role of the same name in another account touched",
      { touchedBy: { arn: approver.replace("123456789012", "999999999999") } },
      /^changed after the decision/,
    ],
    [
      "a Studio profile touched",
      { touchedBy: { arn: "arn:aws:sagemaker:eu-central-1:123456789012:user-profile/d-x/cleo" } },
      /^changed after the decision/,
    ],
  ];
  for (const [what, change, reason] of bad)
    it(`refuses a package that ${what}, and says so`, () => {
      const checks = against(decidedFacts(change));
      assert.equal(checks.length, 1, checks.map(({ text }) => text).join("\n"));
      assert.match(checks[0]!.text, reason);
    });

  it("takes the word of digests where the registry does not say who touched the package, or says only the role", () => {
    assert.deepEqual(against(decidedFacts({ touchedBy: undefined })), []);
    assert.deepEqual(
      against(
        decidedFacts({
          touchedBy: {
            arn: "arn:aws:iam::123456789012:role/peregrine/dev/peregrine-dev-approver",
            sourceIdentity: "cleo",
          },
        }),
      ),
      [],
    );
    assert.equal(
      against(
        decidedFacts({
          touchedBy: {
            arn: "arn:aws:iam::123456789012:role/peregrine/dev/peregrine-dev-approver",
            sourceIdentity: "carl",
          },
        }),
      ).length,
      1,
    );
  });

  it("refuses any single change of anything that was signed", () => {
    const signed = testKey.sign(approval());
    const places = leaves(signed.decision);
    assert.ok(places.length >= 15, places.join());
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.string({ minLength: 1 }), (place, text) => {
        const forged = changed(signed, place, text);
        fc.pre(forged !== undefined);
        return against(decidedFacts({ decision: forged })).length > 0;
      }),
      { numRuns: 300 },
    );
  });

  it("refuses any single change of what is there now, whatever it is changed to", () => {
    const places = leaves(digests);
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.option(fc.string()), (place, value) => {
        const now = structuredClone(digests) as unknown as Record<string, never>;
        fc.pre(at(now, place) !== value);
        put(now, place, value);
        return against(decidedFacts({ now: now as never })).length > 0;
      }),
      { numRuns: 300 },
    );
  });

  it("refuses every flipped bit of a signature", () => {
    const signed = testKey.sign(approval());
    const bytes = Buffer.from(signed.signature, "base64");
    fc.assert(
      fc.property(fc.nat(bytes.length * 8 - 1), (bit) => {
        const flipped = Buffer.from(bytes);
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        return !verifyDecision({ ...signed, signature: flipped.toString("base64") }, testKey.key);
      }),
    );
  });
});

type Path = readonly string[];

/** Paths of all values that are no objects. */
function leaves(value: unknown, path: Path = []): Path[] {
  return value !== null && typeof value === "object"
    ? Object.entries(value).flatMap(([name, one]) => leaves(one, [...path, name]))
    : [path];
}

function at(value: unknown, path: Path): unknown {
  return path.reduce((inner, name) => (inner as Record<string, unknown>)[name], value);
}

function put(value: unknown, path: Path, to: unknown): void {
  (at(value, path.slice(0, -1)) as Record<string, unknown>)[path.at(-1)!] = to;
}

/** A forged decision, under the name that it should have; undefined when it is no other one, or lies nowhere. */
function changed(signed: FoundDecision, path: Path, text: string): FoundDecision | undefined {
  const decision = structuredClone(signed.decision);
  if (at(decision, path) === text) return undefined;
  put(decision, path, text);
  try {
    return { ...signed, decision, key: decisionKey(decision) };
  } catch {
    return undefined;
  }
}
