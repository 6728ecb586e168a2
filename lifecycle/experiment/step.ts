import type { EndingDocument } from "../../contract/experiment";
import type { ExperimentMode } from "../../contract/desired-release";
import type { ExperimentDesign } from "./design";
import type { Look } from "./look";
import type { ExperimentVerdict } from "./verdict";

/** A live experiment begins with so much of the traffic, per cent, and goes on to the design's share in these steps. */
const rampPercents = [5, 25] as const;
/** Requests that a challenger must have answered at a step before it gets more. */
const leastRequests = 20;

/** What the endpoint is doing, as far as an experiment asks. */
export interface LiveVariants {
  readonly status: string;
  readonly configName: string;
  /** Weights of the production variants, by name. */
  readonly weights: Readonly<Record<string, number>>;
  /** Whether the challenger is there, as a variant or as a shadow. */
  readonly challenger: boolean;
}

/** All that the next step follows from. */
export interface Situation {
  /** Service time, ISO 8601. */
  readonly now: string;
  readonly mode: ExperimentMode;
  readonly design: Pick<ExperimentDesign, "challengerPercent">;
  /** Configuration that the experiment started with. */
  readonly configName: string;
  /** Undefined where there is no endpoint. */
  readonly live: LiveVariants | undefined;
  readonly looks: readonly Pick<Look, "at" | "challengerPercent" | "arms">[];
  /** By the looks so far. */
  readonly judged: Pick<ExperimentVerdict, "verdict" | "reasons">;
  /** Undefined while it runs. */
  readonly ending: Pick<EndingDocument, "outcome"> | undefined;
  /** Whether the release path was asked, and people told. */
  readonly asked: boolean;
  /** Whether this call has looked already. */
  readonly looked: boolean;
}

/** What is to be done next. Each can be done again: a controller that was killed finds the same step, or the one after. */
export type Step =
  /** Nothing more for now. */
  | { readonly kind: "wait"; readonly why: string }
  /** Note how the experiment ends. */
  | { readonly kind: "end"; readonly outcome: EndingDocument["outcome"]; readonly reasons: readonly string[] }
  /** Give the challenger another share of the traffic, per cent. */
  | { readonly kind: "shift"; readonly percent: number }
  /** Count what came since the look before. */
  | { readonly kind: "look" }
  /** Ask the release path for what follows from the ending, and tell people. */
  | { readonly kind: "ask" };

/**
 * The next step of an experiment. An ending takes the traffic away before anything else is done; only a challenger that
 * won keeps its share until it is released.
 */
export function nextStep(situation: Situation): Step {
  const { live, mode, ending, asked, looks, judged, configName, looked } = situation;
  if (!live?.challenger) return { kind: "wait", why: "the endpoint has no challenger" };
  const steady = live.status === "InService";
  const unsteady: Step = { kind: "wait", why: `the endpoint is ${live.status}` };
  if (ending) {
    const served = mode === "live" && ending.outcome !== "won" && percentOf(live.weights) > 0;
    if (served) return steady ? { kind: "shift", percent: 0 } : unsteady;
    return asked ? { kind: "wait", why: "the release path takes the challenger away" } : { kind: "ask" };
  }
  if (!steady) return unsteady;
  if (live.configName !== configName)
    return {
      kind: "end",
      outcome: "void",
      reasons: [
        `the endpoint was updated in the middle of the experiment: it runs ${live.configName}, not ${configName}`,
      ],
    };
  if (judged.verdict !== "running") return { kind: "end", outcome: judged.verdict, reasons: judged.reasons };
  const percent = intendedPercent(situation.design, looks);
  if (mode === "live" && Math.abs(percentOf(live.weights) - percent) > roundingPercent)
    return { kind: "shift", percent };
  return looked ? { kind: "wait", why: judged.reasons.join("; ") } : { kind: "look" };
}

/** SageMaker keeps weights as 32-bit numbers. */
const roundingPercent = 1e-3;

/** Share of the challenger, per cent; 0 where it is no production variant. */
export function percentOf({ champion = 0, challenger = 0 }: LiveVariants["weights"]): number {
  const total = champion + challenger;
  return total === 0 ? 0 : (100 * challenger) / total;
}

/** The share that the challenger is to have after these looks, per cent. */
export function intendedPercent(
  { challengerPercent }: Situation["design"],
  looks: readonly Pick<Look, "challengerPercent" | "arms">[],
): number {
  for (const percent of rampPercents.filter((one) => one < challengerPercent)) {
    const answered = looks
      .filter((look) => look.challengerPercent === percent)
      .reduce((total, look) => total + look.arms.challenger.served.requests, 0);
    if (answered < leastRequests) return percent;
  }
  return challengerPercent;
}

/**
 * Share of all answers that a shadow gives, per cent: it answers copies, the champion everything. As a split it is what
 * the sample ratio is held against.
 */
export function shadowPercent(samplePercent: number): number {
  return (100 * samplePercent) / (100 + samplePercent);
}
