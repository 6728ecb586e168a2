import type { ScoresDocument } from "../../contract/experiment";
import { type Arm, arms, type ExperimentDesign } from "../../lifecycle/experiment/design";
import { flightsBetween, pairsBetween, scoresBetween } from "../../lifecycle/experiment/scores";
import { type LiveVariants, percentOf, shadowPercent } from "../../lifecycle/experiment/step";
import { nothingServed } from "../../lifecycle/rollout/served";
import type { ExperimentDesigned } from "../../records/experiment";
import type { CountedLook } from "../../records/experiment-course";
import { minuteMs, minuteOf } from "../../records/served";
import { servedBetween, type ServedSources } from "./served";

/** The endpoint as it is, and when it was changed last. */
export interface Live extends LiveVariants {
  readonly modifiedAt: string;
}

/** What a look counts from. */
export interface Since {
  readonly design: ExperimentDesign;
  readonly designed: Pick<ExperimentDesigned, "mode" | "samplePercent">;
  readonly startedAt: string;
  /** Service time, ISO 8601. */
  readonly now: string;
  readonly live: Live;
  /** The look before. */
  readonly before: CountedLook | undefined;
}

/** CloudWatch has a minute's metrics and lines a while after it is over. */
const metricsLagMs = 2 * minuteMs;

/**
 * What came since the look before: whole minutes of requests, and labels as far as monitoring has read them. Minutes in
 * which the split was changed belong to no split and are left out.
 * @returns undefined where nothing new can be counted yet.
 */
export async function count(
  { design, designed, startedAt, now, live, before }: Since,
  sources: ServedSources & {
    readonly endpoint: string;
    /** A request that takes the model longer is slow. */
    readonly latencyMs: number;
    readonly scores: ScoresDocument | undefined;
  },
): Promise<CountedLook | undefined> {
  const percent = designed.mode === "shadow" ? shadowPercent(designed.samplePercent ?? 100) : percentOf(live.weights);
  const changed = designed.mode === "live" && before?.look.challengerPercent !== percent;
  const starts = [startedAt, before?.servedUntil ?? startedAt, changed ? live.modifiedAt : startedAt];
  const from = Math.max(...starts.map((time) => Math.ceil(Date.parse(time) / minuteMs) * minuteMs));
  const to = minuteOf(Date.parse(now) - metricsLagMs);
  const { scores, endpoint, latencyMs } = sources;
  const scoresUntil = latest(before?.scoresUntil, scores?.until);
  if (to <= from && scoresUntil === before?.scoresUntil) return undefined;
  const served =
    to > from
      ? await servedBetween(sources, { endpoint, from: new Date(from), to: new Date(to) }, latencyMs)
      : { champion: nothingServed, challenger: nothingServed };
  const counting = { startedAt, after: before?.scoresUntil, until: scoresUntil ?? startedAt };
  const flights = flightsBetween(scores ?? { flights: {} }, counting);
  const labelled = scores ?? { answers: [] };
  const scored = scoresBetween(design, designed.mode, labelled, counting);
  const armOf = (arm: Arm) => ({
    units: design.unit === "flight" ? flights[arm] : served[arm].requests,
    served: served[arm],
    scores: scored[arm],
  });
  return {
    look: {
      at: now,
      challengerPercent: percent,
      arms: Object.fromEntries(arms.map((arm) => [arm, armOf(arm)])) as Record<Arm, ReturnType<typeof armOf>>,
      ...(designed.mode === "shadow" ? { pairs: pairsBetween(design, labelled, counting) } : {}),
    },
    servedUntil: new Date(Math.max(from, to)).toISOString(),
    ...(scoresUntil === undefined ? {} : { scoresUntil }),
  };
}

function latest(one: string | undefined, other: string | undefined): string | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Date.parse(other) > Date.parse(one) ? other : one;
}
