import type { KpiDefinition } from "../../contract/kpi";
import { businessSettings, kpisOf } from "../../infra/settings/business";
import { effectOf, type EffectResult } from "../../lifecycle/effect/effect";
import type { Randomised } from "../../lifecycle/effect/randomised";
import type { Change } from "../../lifecycle/effect/result";
import { type Cost, type Roi, roiOf } from "../../lifecycle/effect/roi";
import { designOf } from "../../lifecycle/experiment/design";
import type { DailyValue } from "../../lifecycle/forecasting/daily";
import { adjustedPValues } from "../../lifecycle/statistics/false-discovery";
import type { Experiment } from "../../records/experiment";
import { liveRelease, type RecordedRelease } from "../../records/release";
import type { KpiSeries } from "./series";

/** All that is known of an environment's releases and of its KPIs. */
export interface EffectFacts {
  readonly releases: readonly RecordedRelease[];
  readonly experiments: readonly Experiment[];
  readonly kpis: readonly { readonly kpi: KpiDefinition; readonly series: KpiSeries }[];
  /** The model's F1 by day. */
  readonly quality: readonly DailyValue[];
  /** ISO 8601 date. */
  readonly today: string;
}

/** What one release did to every KPI. */
export interface ReleaseEffects {
  readonly release: string;
  readonly modelPackageArn: string;
  /** ISO 8601 date on which it went live. */
  readonly day: string;
  readonly results: readonly EffectResult[];
}

/** The catalogue of an environment, from its settings as its file has them. */
export function catalogueOf(settings: Readonly<Record<string, unknown>>): KpiDefinition[] {
  return kpisOf(businessSettings.kpis.parse(settings["kpis"]));
}

/**
 * What a release did to the KPIs. Where several are asked about at once, one is found by chance the more easily: their
 * p-values are adjusted (Benjamini and Hochberg), and what no longer holds is open.
 */
export function effectsOf(
  { releases, experiments, kpis, quality, today }: EffectFacts,
  release: RecordedRelease,
): ReleaseEffects {
  const day = release.endedAt.slice(0, 10);
  const own = experimentOf(experiments, release);
  const otherChanges = [
    ...releases
      .filter(({ outcome, entry }) => outcome === "live" && entry.sequence !== release.entry.sequence)
      .map((one): Change => ({ day: one.endedAt.slice(0, 10), what: `${one.kind} of release ${one.releaseId}` })),
    ...experiments.filter(({ designed }) => designed.mode === "live").flatMap(changesOf),
  ];
  const results = kpis.map(({ kpi, series: { rows, since } }) =>
    effectOf({
      ...{ kpi, rows, otherChanges, today, definedOn: since },
      release: { id: release.releaseId, day },
      ...(own ? { experiment: own } : {}),
      companion: { metric: "F1 of the model", values: quality },
    }),
  );
  return { release: release.releaseId, modelPackageArn: release.modelPackageArn, day, results: adjusted(results) };
}

/** The live release, and those before it that went live, the newest first. */
export function liveReleases(releases: readonly RecordedRelease[]): RecordedRelease[] {
  const newest = liveRelease(releases);
  const before = releases.filter(
    ({ outcome, entry }) => outcome === "live" && entry.sequence !== newest?.entry.sequence,
  );
  return [...(newest ? [newest] : []), ...before.toReversed()];
}

function changesOf({ id, started, ended }: Experiment): Change[] {
  return [
    ...(started ? [{ day: started.at.slice(0, 10), what: `experiment ${id} began` }] : []),
    ...(started && ended ? [{ day: ended.at.slice(0, 10), what: `experiment ${id} ended` }] : []),
  ];
}

/** The experiment with live traffic that this release's model was the challenger of, the newest where there are several. */
function experimentOf(experiments: readonly Experiment[], release: RecordedRelease): Randomised | undefined {
  const found = experiments.findLast(
    ({ designed, started, ended }) =>
      designed.mode === "live" && started && ended && designed.challenger.modelSha256 === release.modelSha256,
  );
  if (!found?.started || !found.ended) return undefined;
  const { unit, challengerPercent, stopping } = designOf(found.designed.design);
  return {
    ...{ id: found.id, unit, startedAt: found.started.at, endedAt: found.ended.at },
    weights: { champion: 100 - challengerPercent, challenger: challengerPercent },
    early: stopping.rule !== "fixed" && found.ended.outcome !== "inconclusive",
  };
}

function adjusted(results: readonly EffectResult[]): EffectResult[] {
  const asked = results.filter(({ estimate }) => estimate);
  if (asked.length < 2) return [...results];
  const pValues = adjustedPValues(asked.map(({ estimate }) => estimate!.pValue));
  return results.map((result) => {
    const at = asked.indexOf(result);
    if (at < 0) return result;
    const adjustedP = pValues[at]!;
    const found = result.verdict === "better" || result.verdict === "worse";
    if (!found || adjustedP < 0.05) return { ...result, adjustedP };
    return {
      ...{ ...result, adjustedP, verdict: "open" },
      sentence: `${result.sentence} Of ${asked.length} KPIs that were asked about, one looks so by chance too easily: adjusted p ${adjustedP.toFixed(2)}, so nothing is claimed.`,
    };
  });
}

/**
 * What a release was worth since it went live, by the KPIs that have a price.
 * @param images that were answered since. @param days since.
 */
export function worthOf(
  { results }: ReleaseEffects,
  catalogue: readonly KpiDefinition[],
  { images, days }: { readonly images: number | undefined; readonly days: number },
  costs: readonly Cost[],
): Roi {
  const benefits = results.flatMap((result) => {
    const kpi = catalogue.find(({ name }) => name === result.kpi)!;
    if (!kpi.usd) return [];
    return [{ kpi, estimate: result.estimate, exposed: kpi.per === "image" ? images : days }];
  });
  return roiOf({ periodDays: days, benefits, costs });
}
