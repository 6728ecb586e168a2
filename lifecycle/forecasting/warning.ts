import type { Glance, NoOutlook } from "./outlook";

/**
 * What a series' outlooks say. `at-risk`: as near to its limit as it is, days beyond it are to be expected without any
 * trend. `will-breach`: it is on its way there, however near it is. `breached`: its level is there.
 */
export type ForecastVerdict = "unknown" | "quiet" | "at-risk" | "will-breach" | "breached";

export interface Forecast {
  readonly verdict: ForecastVerdict;
  readonly reasons: readonly string[];
}

/**
 * A forecast is read every day, so that chance has many tries. What warns has to hold on three days in a row; with
 * these bounds quiet series are warned as rarely as docs/forecasts.md says, which `npm run bench` measures.
 */
export const warningRule = {
  looks: 3,
  /** Of the level within the horizon, and today. */
  breach: 0.8,
  /** Of the next day's value. */
  atRisk: 0.15,
} as const;

/** @param looks what was to be expected on the last days, the newest first; each from what was known then. */
export function judge(looks: readonly (Glance | NoOutlook)[]): Forecast {
  const [newest] = looks;
  if (!newest || "unknown" in newest) return { verdict: "unknown", reasons: [newest?.unknown ?? "nobody looked"] };
  const known = looks.slice(0, warningRule.looks).filter((look): look is Glance => !("unknown" in look));
  const times = (holds: (look: Glance) => boolean): number => {
    const first = known.findIndex((look) => !holds(look));
    return first < 0 ? known.length : first;
  };
  const breached = times((look) => look.breached > warningRule.breach);
  const moving = times((look) => look.willBreach > warningRule.breach);
  const atRisk = times((look) => look.atRisk > warningRule.atRisk);
  const reasons = [
    sentence(newest.breached, "that its level is beyond the limit today", warningRule.breach, breached),
    sentence(newest.willBreach, `that it is within ${newest.horizonDays} days`, warningRule.breach, moving),
    sentence(newest.atRisk, "that the next day's value is, as things stand", warningRule.atRisk, atRisk),
  ];
  const lasting = (count: number): boolean => count >= warningRule.looks;
  const verdict = lasting(breached)
    ? "breached"
    : lasting(moving)
      ? "will-breach"
      : lasting(atRisk)
        ? "at-risk"
        : "quiet";
  return { verdict, reasons };
}

function sentence(chance: number, what: string, bound: number, times: number): string {
  const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
  const seen = chance > bound ? `, for ${times} of ${warningRule.looks} looks` : "";
  return `a chance of ${percent(chance)} ${what}; ${percent(bound)} would count${seen}`;
}
