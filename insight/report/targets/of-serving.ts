import { type EnvironmentFacts, evidenceOf } from "../../read-model/facts";
import { latest } from "../../read-model/series";
import { percent, trafficOf } from "../../read-model/summary";
import { type Money, priceOfPeriod, shareOfPrice } from "../amount";
import type { Period } from "../period";
import { doctor, type Judged, missedShare, serves } from "./target";

export function latency(environment: EnvironmentFacts, period: Period): Judged[] {
  if (!serves(environment)) return [];
  const { name, metrics, objectives } = environment;
  const series = "unread" in metrics ? undefined : metrics.value.latencyP90;
  const limit = objectives.latencyP90Ms;
  const newest = series && latest(series);
  const late = (microseconds: number) => microseconds / 1000 > limit;
  const { share, text } = series ? missedShare(series, late) : { share: 0, text: "" };
  return [
    {
      name: "latency",
      title: "Model latency (90th percentile)",
      wanted: `at most ${limit} ms`,
      found: newest ? `${(newest.value / 1000).toFixed(1)} ms` : "not measured",
      state: newest ? (late(newest.value) ? "missed" : "met") : "unmeasured",
      slack: newest && (limit - newest.value / 1000) / limit,
      severity: "critical",
      area: "serving",
      atStake: newest
        ? shareOfPrice(environment, period, share, text)
        : { unknown: "no request was measured", command: doctor(name) },
      action: "Examine the endpoint; more or larger instances where its processors are busy.",
      command: doctor(name),
      evidence: [series ? { what: series.query } : evidenceOf(metrics)],
    },
  ];
}

export function failures(environment: EnvironmentFacts, period: Period): Judged[] {
  if (!serves(environment)) return [];
  const { name, metrics, objectives } = environment;
  const traffic = trafficOf(environment);
  const failed = traffic && traffic.serverFailed / Math.max(1, traffic.requests);
  const limit = objectives.errorPercent / 100;
  return [
    {
      name: "failures",
      title: "Requests answered with 5xx",
      wanted: `at most ${percent(limit)}`,
      found: failed === undefined ? "not measured" : percent(failed),
      state: failed === undefined ? "unmeasured" : failed > limit ? "missed" : "met",
      slack: failed === undefined ? undefined : (limit - failed) / limit,
      severity: "critical",
      area: "serving",
      atStake:
        traffic && failed !== undefined
          ? shareOfPrice(environment, period, failed, `${traffic.serverFailed} of ${traffic.requests} requests failed`)
          : { unknown: "no request was measured", command: doctor(name) },
      action: "Examine the endpoint, and roll back where a release did it.",
      command: doctor(name),
      evidence: "unread" in metrics ? [evidenceOf(metrics)] : [{ what: metrics.value.serverErrors.query }],
    },
  ];
}

/** Who answers clients: the champion, or what stands in for it. */
export function answers(environment: EnvironmentFacts, period: Period): Judged[] {
  const { name, failover } = environment;
  if (!failover) return [];
  const server = "unread" in failover ? undefined : failover.value.server;
  return [
    {
      name: "answers",
      title: "Who answers the front door's clients",
      wanted: "the champion",
      found: server ?? "not read",
      state: server === undefined ? "unmeasured" : server === "champion" ? "met" : "missed",
      severity: "critical",
      area: "serving",
      atStake: server === "champion" || server === undefined ? nothing : priceOfPeriod(environment, period),
      action: "See who answers, and why the champion does not.",
      command: `npx peregrine failover --stack ${name}`,
      evidence: [evidenceOf(failover)],
    },
  ];
}

const nothing: Money = { usd: 0, range: [0, 0], how: "clients get the champion's answers" };
