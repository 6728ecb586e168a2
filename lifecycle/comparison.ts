/** Something that should be known and is not, with the reason in words. */
export interface Unknown {
  readonly unknown: string;
}

export function isUnknown(value: unknown): value is Unknown {
  return typeof value === "object" && value !== null && "unknown" in value;
}

export interface SliceScore {
  readonly map50: number;
  /** True boxes in the slice: how much its score says. */
  readonly boxes: number;
}

/** What was measured of one model. */
export interface Quality {
  /** Mean average precision at IoU 0.5 on the test split, 0..1. */
  readonly map50: number;
  /** Scores by kind of slice (`light`, `scale`) and slice. */
  readonly slices: Readonly<Record<string, Readonly<Record<string, SliceScore>>>>;
  /** From a decoded tile to its detections. */
  readonly latencyMs: { readonly p50: number; readonly p99: number };
  readonly modelBytes: number;
}

/** A candidate beside the champion: on the same images, on the same machine, in the same job. */
export interface Comparison {
  /** SHA-256 of the champion's archive. */
  readonly championSha256: string;
  readonly champion: Quality;
  readonly map50Gain: number;
  /** 95 % interval of the gain, paired bootstrap over images. */
  readonly map50GainCi95: readonly [low: number, high: number];
}

/** The evaluation of a candidate. */
export interface Evaluation extends Quality {
  /** SHA-256 of the archive that was evaluated. */
  readonly archiveSha256: string;
  /** Mean average precision over IoU 0.50 to 0.95, 0..1. */
  readonly map: number;
  readonly datasetDigest: string;
  /** Absent when there was no champion at the time. */
  readonly comparison?: Comparison;
}

/** What is live now: an archive, nothing yet, or nobody knows. */
export type Champion = { readonly archiveSha256: string } | "none" | Unknown;

/** One thing that a gate looked at. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  /** What was found; null when there was nothing to find. */
  readonly value: number | string | null;
  /** What it was held against; null when against nothing. */
  readonly bound: number | string | null;
  /** Both in a sentence. */
  readonly text: string;
}

export interface ComparisonPolicy {
  /** The gain's interval may reach this far below zero, in mAP50. */
  readonly nonInferiorityMargin: number;
  /** A slice may lose this much mAP50. */
  readonly sliceMargin: number;
  /** Slices of fewer boxes are named and not judged: a single box would decide. */
  readonly minSliceBoxes: number;
  /** The median latency may be this many times the champion's. */
  readonly latencyRatio: number;
  /** The model may be this many times as large as the champion. */
  readonly sizeRatio: number;
}

/**
 * Holds a candidate against the champion. Without a champion there is one check that says so; with a champion that the
 * evaluation does not know there is one that refuses, since numbers against another model say nothing.
 * @param archiveSha256 of the candidate's archive as it lies in S3.
 */
export function championChecks(
  evaluation: Evaluation,
  archiveSha256: string,
  champion: Champion,
  policy: ComparisonPolicy,
): Check[] {
  const about = (ok: boolean, value: string | null, bound: string | null, text: string): Check => ({
    name: "champion",
    ok,
    value,
    bound,
    text,
  });
  if (isUnknown(champion)) return [about(false, null, null, `the champion is not known: ${champion.unknown}`)];
  if (champion === "none") return [about(true, null, null, "there is no champion: the candidate is judged alone")];
  const live = champion.archiveSha256;
  if (live === archiveSha256) return [about(true, live, live, "the candidate is the champion itself")];
  const { comparison } = evaluation;
  if (!comparison)
    return [
      about(
        false,
        null,
        live,
        `the candidate was evaluated without a champion, but ${short(live)} is live: evaluate it again`,
      ),
    ];
  const compared = comparison.championSha256;
  if (compared !== live)
    return [
      about(
        false,
        compared,
        live,
        `the candidate was evaluated against ${short(compared)}, but ${short(live)} is live: evaluate it again`,
      ),
    ];
  return [
    about(true, compared, live, `evaluated against ${short(live)}, which is live`),
    nonInferiority(comparison, policy.nonInferiorityMargin),
    sliceCheck(evaluation, comparison.champion, policy),
    // The median: the tail of two short runs on one machine says more about the machine. The ceiling is on the tail.
    ratioCheck(
      "latency",
      "median latency",
      "ms",
      evaluation.latencyMs.p50,
      comparison.champion.latencyMs.p50,
      policy.latencyRatio,
    ),
    ratioCheck("size", "model size", "bytes", evaluation.modelBytes, comparison.champion.modelBytes, policy.sizeRatio),
  ];
}

/** Not worse by more than the margin, with 97.5 % confidence: the interval's lower end decides, not the gain itself. */
function nonInferiority({ map50Gain, map50GainCi95: [low, high] }: Comparison, margin: number): Check {
  const ok = low >= -margin && low <= high;
  const text = `mAP50 ${signed(map50Gain)} against the champion, 95 % interval ${signed(low)} to ${signed(high)}: ${ok ? "not worse" : "may be worse"} by more than ${margin.toFixed(3)}`;
  return { name: "non-inferiority", ok, value: low, bound: -margin, text };
}

function sliceCheck(
  candidate: Quality,
  champion: Quality,
  { sliceMargin: margin, minSliceBoxes }: ComparisonPolicy,
): Check {
  const all = Object.entries(champion.slices).flatMap(([kind, slices]) =>
    Object.entries(slices).map(([name, { map50, boxes }]) => ({
      slice: `${kind} ${name}`,
      boxes,
      drop: map50 - (candidate.slices[kind]?.[name]?.map50 ?? NaN),
    })),
  );
  const judged = all.filter(({ boxes }) => !(boxes < minSliceBoxes));
  const apart = all.filter((one) => !judged.includes(one)).map(({ slice, boxes }) => `${slice} (${boxes} boxes)`);
  const note = apart.length > 0 ? `; too few boxes to judge: ${apart.join(", ")}` : "";
  // A slice that the candidate was not measured on has a drop that is no number, and fails.
  const failed = judged.filter(({ drop }) => !(drop <= margin));
  const said = failed.map(({ slice, drop }) =>
    Number.isFinite(drop) ? `${slice} ${signed(-drop)}` : `${slice} not measured`,
  );
  const worst = Math.max(...judged.map(({ drop }) => drop));
  const common = { name: "slices", value: Number.isFinite(worst) ? worst : null, bound: margin };
  if (judged.length === 0) return { ...common, ok: false, text: `no slice of the champion can be compared${note}` };
  if (failed.length > 0)
    return {
      ...common,
      ok: false,
      text: `mAP50 drops by more than ${margin.toFixed(3)} in ${failed.length} of ${judged.length} slices: ${said.join(", ")}${note}`,
    };
  return {
    ...common,
    ok: true,
    text: `no slice of ${judged.length} drops by more than ${margin.toFixed(3)} mAP50${note}`,
  };
}

function ratioCheck(name: string, what: string, unit: string, value: number, champions: number, ratio: number): Check {
  const ok = value <= ratio * champions && value > 0;
  return {
    name,
    ok,
    value,
    bound: ratio * champions,
    text: `${what} ${value} ${unit} is ${ok ? "at most" : "not within"} ${ratio} times the champion's ${champions} ${unit}`,
  };
}

/** Enough of a digest to recognise it. */
function short(sha256: string): string {
  return `archive ${sha256.slice(0, 12)}`;
}

function signed(value: number): string {
  return `${value >= 0 ? "+" : ""}${value.toFixed(3)}`;
}
