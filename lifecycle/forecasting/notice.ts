import type { ForecastDetail, RetrainingProposal } from "../../contract/monitoring";
import { beyond } from "./limit";
import type { Warning } from "./look";
import type { Outlook } from "./outlook";
import { type Score, scoreText } from "./score";
import type { Watched, WatchedSeries } from "./watched";

/** Page that says how to read a warning. */
const runbook = "docs/forecasts.md";

/** What a notice is about. */
export interface Told {
  readonly series: WatchedSeries;
  readonly watched: Watched;
  readonly outlook: Outlook;
  readonly warning: Warning;
  readonly score: Score;
  readonly endpoint: string;
  /** S3 URI of the day's forecasts. */
  readonly evidence: string;
}

/** What the bus and people are told of a warning. */
export function forecastNotice(told: Told): ForecastDetail {
  const { series, watched, outlook, warning, score, endpoint, evidence } = told;
  const { title, unit, area, limit, command } = watched;
  const text = scoreText(score);
  const side = limit.breach === "above" ? "above" : "below";
  const level = `${withUnit(outlook.level, unit)} by ${outlook.day}; its limit is ${withUnit(limit.value, unit)}`;
  const percent = `${(100 * outlook.willBreach).toFixed(0)} %`;
  const happening =
    warning.verdict === "at-risk"
      ? `${title} is at risk already: ${level}, so that single days ${side} it are to be expected without any trend`
      : `${title} is on its way to its limit: ${level}, and with a chance of ${percent} it is ${side} it within ${outlook.horizonDays} days${when(outlook)}`;
  return {
    severity: "warning",
    area,
    cause: `forecast-${series}`,
    message: `${happening}. ${text} Forecasts: ${evidence}. Runbook: ${runbook}. Next: ${command}`,
    since: `${outlook.day}T00:00:00Z`,
    evidence,
    runbook,
    command,
    ...(watched.monthly ? {} : { endpoint }),
    series,
    verdict: warning.verdict,
    limit: limit.value,
    level: outlook.level,
    probability: outlook.willBreach,
    horizonDays: outlook.horizonDays,
    crossing: [...outlook.crossing],
    score: text,
  };
}

/** A retraining that a warning about quality proposes. */
export function forecastProposal({ series, watched, outlook, endpoint, evidence }: Told): RetrainingProposal {
  const worst = watched.limit.breach === "below" ? outlook.interval[0] : outlook.interval[1];
  return {
    trigger: "forecast",
    // The same for a warning that is told twice.
    key: `forecast/${series}/${outlook.day}`,
    reason: `${watched.title} is forecast to fall below ${watched.limit.value} within ${outlook.horizonDays} days, with a chance of ${(100 * outlook.willBreach).toFixed(0)} %`,
    shortfall: Math.min(1, Math.max(0, beyond(watched.limit, worst))),
    endpoint,
    classes: [],
    slices: [],
    evidence,
  };
}

function when({ crossing: [early, median, late] }: Outlook): string {
  if (median === null) return "";
  const range = early === null ? "" : late === null ? `, not before ${early}` : `, between ${early} and ${late}`;
  return ` (in ${median} days as it looks${range})`;
}

function withUnit(value: number, unit: string): string {
  const text = Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
  return unit ? `${text} ${unit}` : text;
}
