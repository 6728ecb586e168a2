import assert from "node:assert/strict";
import fc from "fast-check";
import { type Evaluation, isUnknown, type Quality } from "../../lifecycle/comparison";
import {
  acceptedApprovals,
  type Candidate,
  type CandidateFacts,
  gateCandidate,
  gateDefaults,
  type GatePolicy,
  gateRelease,
} from "../../lifecycle/gate";
import { cardFacts } from "./cards";
import { decidedFacts } from "./decisions";

const good: CandidateFacts = {
  approval: "Approved",
  map50: 0.4,
  recordedSha256: "ab",
  actualSha256: "ab",
  image: { name: "image:1", uri: "image@sha256:12" },
};

describe("gate of a release", () => {
  it("releases an approved, evaluated, untouched package above the bar", () => {
    assert.equal(gateRelease(good, 0.3).verdict, "release");
  });

  it("counts a model exactly at the bar as good enough", () => {
    assert.equal(gateRelease(good, 0.4).verdict, "release");
  });

  const bad: [string, Partial<CandidateFacts>, RegExp][] = [
    ["waits for approval", { approval: "PendingManualApproval" }, /PendingManualApproval, not Approved/],
    ["was rejected", { approval: "Rejected" }, /Rejected, not Approved/],
    ["is below the bar", { map50: 0.1 }, /0\.100 is below the bar of 0\.300/],
    ["was never evaluated", { map50: undefined }, /no evaluation/],
    ["was evaluated to no number", { map50: NaN }, /below the bar/],
    ["was changed after its evaluation", { actualSha256: "cd" }, /recorded ab, found cd/],
    ["records no digest", { recordedSha256: undefined }, /does not record the SHA-256/],
    ["names no image", { image: { name: undefined, uri: undefined } }, /names no container image/],
    [
      "names an image that is not there",
      { image: { name: "image:2", uri: undefined } },
      /there is no container image image:2/,
    ],
  ];
  for (const [what, change, reason] of bad)
    it(`refuses a package that ${what}, and says so`, () => {
      const decision = gateRelease({ ...good, ...change }, 0.3);
      assert.equal(decision.verdict, "refuse");
      assert.match(decision.reasons.join("\n"), reason);
      assert.equal(decision.reasons.length, 1);
    });

  it("names every reason at once", () => {
    const decision = gateRelease(
      {
        approval: "",
        map50: undefined,
        recordedSha256: undefined,
        actualSha256: "x",
        image: { name: undefined, uri: undefined },
      },
      0.3,
    );
    assert.equal(decision.reasons.length, 4);
  });

  it("never releases what is not approved, whatever else is true", () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => text !== "Approved"),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (approval, map50) => gateRelease({ ...good, approval, map50 }, 0).verdict === "refuse",
      ),
    );
  });
});

describe("what an environment takes", () => {
  it("is what a person approved; only staging also takes what waits for the decision, and only for a trial", () => {
    assert.deepEqual(acceptedApprovals(["staging"], true), ["Approved", "PendingManualApproval"]);
    assert.deepEqual(acceptedApprovals(["staging"], false), ["Approved"]);
    for (const environments of [["prod"], ["staging", "prod"], ["dev"]])
      assert.deepEqual(acceptedApprovals(environments, true), ["Approved"], environments.join());
  });

  it("is never what was rejected", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("dev", "staging", "prod"), { minLength: 1 }),
        fc.boolean(),
        (environments, trial) => !acceptedApprovals(environments, trial).includes("Rejected"),
      ),
    );
  });
});

describe("gate of a candidate over a champion", () => {
  const quality: Quality = {
    map50: 0.4,
    slices: { light: { day: { map50: 0.4, boxes: 90 } } },
    latencyMs: { p50: 9, p99: 20 },
    modelBytes: 9_000_000,
  };
  const evaluation: Evaluation = {
    ...quality,
    archiveSha256: "ab",
    map: 0.2,
    datasetDigest: "d",
    comparison: { championSha256: "ch", champion: quality, map50Gain: 0, map50GainCi95: [-0.01, 0.02] },
  };
  const golden = {
    verdict: "agrees",
    share: 0.9,
    images: Array.from({ length: 10 }, () => ({ image: "x", matched: 1, f1: 1, absurd: [] })),
    reasons: [],
  } as const;
  const candidate: Candidate = { ...good, evaluation, golden, decision: decidedFacts(), card: cardFacts(evaluation) };
  const policy: GatePolicy = { ...gateDefaults, minMap50: 0.3 };
  const champion = { archiveSha256: "ch" };
  const gate = (
    change: Partial<Candidate>,
    over: Parameters<typeof gateCandidate>[1] = champion,
    settings: Partial<GatePolicy> = {},
  ) => {
    // A card agrees with its evaluation, whatever else is wrong with that.
    const { evaluation: one = evaluation } = change;
    const card = cardFacts(isUnknown(one) ? evaluation : { ...one, archiveSha256: candidate.actualSha256 });
    return gateCandidate({ ...candidate, card, ...change }, over, { ...policy, ...settings });
  };

  it("lets a trial take one that waits for a decision, but none that was rejected, and no release the former", () => {
    const trial = { approvals: acceptedApprovals(["staging"], true), decision: "not-asked" } as const;
    const undecided = { approval: "PendingManualApproval", decision: decidedFacts({ decision: undefined }) };
    assert.equal(gate(undecided, champion, trial).verdict, "release");
    assert.equal(gate(undecided, champion, { ...trial, decision: "demanded" }).verdict, "refuse");
    assert.match(gate(undecided, champion, trial).reasons[0]!, /not decided yet/);
    assert.match(
      gate({ approval: "Rejected" }, champion, trial).reasons.join(),
      /the package is Rejected, not Approved or PendingManualApproval/,
    );
    assert.equal(gate({ approval: "PendingManualApproval" }).verdict, "refuse");
  });

  it("releases one that is approved, unharmed and not worse, and gives every reason", () => {
    const { verdict, reasons, checks } = gate({});
    assert.equal(verdict, "release");
    assert.deepEqual(
      checks.map(({ name }) => name),
      [
        "approval",
        "bar",
        "digest",
        "image",
        "decision",
        "signature",
        "verdict",
        "decided-archive",
        "decided-image",
        "decided-evaluation",
        "decided-dataset",
        "decided-content",
        "untouched",
        "evaluation",
        "model-card",
        "champion",
        "non-inferiority",
        "slices",
        "latency",
        "size",
        "latency-ceiling",
        "golden",
      ],
    );
    assert.deepEqual(
      reasons,
      checks.map(({ text }) => text),
    );
  });

  it("releases a first model above the bar, and says that nobody was there to compare with", () => {
    const { comparison: _, ...alone } = evaluation;
    const { verdict, reasons } = gate({ evaluation: alone }, "none");
    assert.equal(verdict, "release");
    assert.match(reasons.join("\n"), /there is no champion/);
  });

  const bad: [string, Partial<Candidate>, RegExp][] = [
    ["gateRelease would refuse", { approval: "Rejected" }, /^the package is Rejected, not Approved$/],
    [
      "nobody signed a decision about",
      { decision: decidedFacts({ decision: undefined }) },
      /^there is no signed decision about the package/,
    ],
    ["has no model card", { card: { ...cardFacts(evaluation), card: undefined } }, /^the package has no model card$/],
    [
      "has another model's card",
      { card: cardFacts({ ...evaluation, archiveSha256: "cd" }) },
      /^the model card contradicts the package: its archive's SHA-256 is cd, and not ab$/,
    ],
    [
      "nobody can evaluate",
      { evaluation: { unknown: "s3://b/e.json does not exist" } },
      /^the evaluation is not known: s3:\/\/b\/e\.json does not exist$/,
    ],
    [
      "carries the evaluation of another archive",
      { evaluation: { ...evaluation, archiveSha256: "zz" } },
      /^the evaluation is of another archive: zz, found ab$/,
    ],
    [
      "the registry praises more than its evaluation",
      { map50: 0.402 },
      /^the registry says mAP50 0\.402, the evaluation 0\.400$/,
    ],
    [
      "may be worse than the champion",
      { evaluation: { ...evaluation, comparison: { ...evaluation.comparison!, map50GainCi95: [-0.2, 0.2] } } },
      /may be worse/,
    ],
    [
      "answers the golden set absurdly",
      { golden: { ...golden, verdict: "absurd", reasons: ["a.jpg: no answer"] } },
      /^golden set: a\.jpg: no answer$/,
    ],
    [
      "agrees with too few golden images",
      { golden: { ...golden, share: 0.7 } },
      /^70 % of 10 golden images agree, 80 % must$/,
    ],
    [
      "was asked about an empty golden set",
      { golden: { ...golden, images: [], share: NaN, reasons: ["nothing was compared"] } },
      /nothing was compared/,
    ],
    [
      "never answered the golden set",
      { golden: { unknown: "no endpoint" } },
      /^the golden set was not answered: no endpoint$/,
    ],
  ];
  for (const [what, change, reason] of bad)
    it(`refuses a package that ${what}`, () => {
      const { verdict, reasons } = gate(change);
      assert.equal(verdict, "refuse");
      assert.equal(reasons.length, 1, reasons.join("\n"));
      assert.match(reasons[0]!, reason);
    });

  it("holds latency under a ceiling whatever the champion's was", () => {
    const slow = { ...quality, latencyMs: { p50: 9, p99: 501 } };
    const { reasons } = gate({
      evaluation: { ...evaluation, ...slow, comparison: { ...evaluation.comparison!, champion: slow } },
    });
    assert.deepEqual(reasons, ["p99 latency 501 ms is not within 500 ms"]);
  });

  it("leaves the golden set for later only when told to, and says so", () => {
    const { verdict, reasons } = gate({ golden: { unknown: "no endpoint" } }, champion, { golden: "asked-later" });
    assert.equal(verdict, "release");
    assert.match(reasons.join("\n"), /asked later, on the endpoint/);
  });

  it("takes the registry's rounding of mAP50 for what it is", () =>
    assert.equal(gate({ map50: 0.4004 }).verdict, "release"));

  it("never takes a number that is none for a good one", () => {
    const poisoned: ((value: number) => Partial<Candidate>)[] = [
      (map50) => ({ map50 }),
      (map50) => ({ evaluation: { ...evaluation, map50 } }),
      (p99) => ({ evaluation: { ...evaluation, latencyMs: { p50: 1, p99 } } }),
      (modelBytes) => ({ evaluation: { ...evaluation, modelBytes } }),
      (low) => ({
        evaluation: { ...evaluation, comparison: { ...evaluation.comparison!, map50GainCi95: [low, 0.1] } },
      }),
      (map50) => ({ evaluation: { ...evaluation, slices: { light: { day: { map50, boxes: 90 } } } } }),
      (map50) => ({
        evaluation: {
          ...evaluation,
          comparison: {
            ...evaluation.comparison!,
            champion: { ...quality, slices: { light: { day: { map50, boxes: 90 } } } },
          },
        },
      }),
      (share) => ({ golden: { ...golden, share } }),
    ];
    for (const [index, poison] of poisoned.entries())
      assert.equal(gate(poison(NaN)).verdict, "refuse", `place ${index}`);
    for (const name of [
      "minMap50",
      "nonInferiorityMargin",
      "sliceMargin",
      "latencyRatio",
      "sizeRatio",
      "maxLatencyP99Ms",
    ] as const)
      assert.equal(gate({}, champion, { [name]: NaN }).verdict, "refuse", name);
  });

  it("refuses whatever gateRelease refuses, for the same reasons and maybe more", () => {
    const facts = fc.record({
      approval: fc.constantFrom("Approved", "Rejected", ""),
      map50: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
      recordedSha256: fc.constantFrom("ab", "cd", "", undefined),
      image: fc.record({
        name: fc.constantFrom("image:1", undefined),
        uri: fc.constantFrom("image@sha256:12", undefined),
      }),
    });
    fc.assert(
      fc.property(facts, (some) => {
        const all = { ...candidate, ...some };
        const simple = gateRelease(all, policy.minMap50);
        if (simple.verdict === "release") return;
        const { verdict, reasons } = gateCandidate(all, champion, policy);
        assert.equal(verdict, "refuse");
        for (const reason of simple.reasons) assert.ok(reasons.includes(reason));
      }),
    );
  });

  it("lets no better number turn a release into a refusal", () => {
    const gain = fc.double({ min: 0, max: 0.5, noNaN: true });
    fc.assert(
      fc.property(gain, gain, fc.double({ min: 0.1, max: 1, noNaN: true }), (more, low, faster) => {
        const better: Evaluation = {
          ...evaluation,
          latencyMs: { p50: 9 * faster, p99: 20 * faster },
          slices: { light: { day: { map50: 0.4 + more, boxes: 90 } } },
          comparison: { ...evaluation.comparison!, map50GainCi95: [low - 0.01, 0.6] },
        };
        assert.equal(gate({ evaluation: better }).verdict, "release");
      }),
    );
  });
});
