import { quoted } from "../../read-model/attention";
import { type EnvironmentFacts, evidenceOf } from "../../read-model/facts";
import { latest, type Series } from "../../read-model/series";
import { shareOfPrice } from "../amount";
import type { Period } from "../period";
import { doctor, type Judged, labelling, missedShare, serves } from "./target";

/** Quality as people measured it; the estimate stands in while nobody has. */
export function quality(environment: EnvironmentFacts, period: Period): Judged[] {
  if (!serves(environment)) return [];
  const { name, metrics, objectives, endpointName } = environment;
  const of = (title: string, key: string, series: Series | undefined, objective: number): Judged => {
    const newest = series && latest(series);
    const common = {
      name: key,
      title,
      wanted: `at least ${objective}`,
      severity: "warning" as const,
      area: "model" as const,
      evidence: [series ? { what: series.query } : evidenceOf(metrics)],
    };
    if (!series || !newest)
      return {
        ...common,
        found: "not measured",
        state: "unmeasured",
        atStake: { unknown: "nobody labelled an answer", command: labelling(name) },
        action: "Label answers, so that quality is measured.",
        command: labelling(name),
      };
    const missed = newest.value < objective;
    const { share, text } = missedShare(series, (value) => value < objective);
    const why = `${title} of ${endpointName} is ${newest.value.toFixed(3)}, below its objective of ${objective}.`;
    return {
      ...common,
      found: newest.value.toFixed(3),
      state: missed ? "missed" : "met",
      slack: objective > 0 ? (newest.value - objective) / objective : undefined,
      atStake: shareOfPrice(environment, period, share, text),
      action: "Propose a retraining; look at the worst slices first.",
      command: `npx peregrine retrain propose --stack dev --why ${quoted(why)}`,
    };
  };
  const found = "unread" in metrics ? undefined : metrics.value;
  // What people measured counts; the estimate stands in while nobody has measured.
  const estimated = found && !latest(found.map50) && latest(found.estimatedMap50);
  return [
    estimated
      ? of("mAP50 estimated without labels", "quality", found.estimatedMap50, objectives.map50)
      : of("mAP50 on labelled answers", "quality", found?.map50, objectives.map50),
    of("F1 on labelled answers", "f1", found?.f1, objectives.f1),
  ];
}

/** How far answers moved away from those to the test images. */
export function drift(environment: EnvironmentFacts, period: Period): Judged[] {
  if (!serves(environment)) return [];
  const { name, metrics } = environment;
  const series = "unread" in metrics ? undefined : metrics.value.drift;
  const newest = series && latest(series);
  const missed = newest !== undefined && newest.value >= 1;
  const { share, text } = series
    ? missedShare(series, (value) => value >= 1)
    : { share: 0, text: "no window was judged" };
  return [
    {
      name: "drift",
      title: "Drift score",
      wanted: "below 1",
      found: newest ? newest.value.toFixed(2) : "not measured",
      state: newest ? (missed ? "missed" : "met") : "unmeasured",
      slack: newest && 1 - newest.value,
      severity: "warning",
      area: "model",
      atStake: newest
        ? shareOfPrice(environment, period, share, text)
        : { unknown: "no window was judged", command: doctor(name) },
      action: missed ? "Label the answers that moved; they are the data of the next training." : "Have windows judged.",
      command: missed ? labelling(name) : doctor(name),
      evidence: [series ? { what: series.query } : evidenceOf(metrics)],
    },
  ];
}

/** How long an answer waits for its label. */
export function labelLag(environment: EnvironmentFacts): Judged[] {
  if (!serves(environment)) return [];
  const { name, metrics, objectives } = environment;
  const series = "unread" in metrics ? undefined : metrics.value.labelLagHours;
  const newest = series && latest(series);
  const limit = objectives.labelLagHours;
  return [
    {
      name: "label-lag",
      title: "Time from an answer to its label",
      wanted: `at most ${limit} hours`,
      found: newest ? `${newest.value.toFixed(1)} hours` : "not measured",
      state: newest ? (newest.value > limit ? "missed" : "met") : "unmeasured",
      slack: newest && (limit - newest.value) / limit,
      severity: "warning",
      area: "model",
      atStake: { unknown: "late labels cost nothing by themselves", command: labelling(name) },
      action: "Choose answers to label, and have them labelled.",
      command: labelling(name),
      evidence: [series ? { what: series.query } : evidenceOf(metrics)],
    },
  ];
}
