import type { EffectResult } from "../lifecycle/effect/effect";
import { gradeNames } from "../lifecycle/effect/result";
import type { Roi } from "../lifecycle/effect/roi";

/** `C, interrupted time series` */
export function gradeText(grade: EffectResult["grade"]): string {
  return grade === undefined ? "none" : `${grade}, ${gradeNames[grade]}`;
}

/** What a release did to each KPI, as text: the sentence first, then what it rests on. */
export function effectText(results: readonly EffectResult[]): string {
  return results.map((one) => linesOf(one).join("\n")).join("\n\n");
}

function linesOf(result: EffectResult): string[] {
  const { sentence, grade, estimate, refusals, otherChanges, preRegistered, adjustedP } = result;
  const asked = preRegistered ? "asked about before it went live" : "asked about afterwards";
  return [
    sentence,
    `  evidence   ${gradeText(grade)}; ${asked}`,
    ...(estimate
      ? [
          `  method     ${estimate.method}`,
          `  n          ${Object.entries(estimate.n)
            .map(([what, count]) => `${what}: ${count}`)
            .join(", ")}`,
          `  p          ${short(estimate.pValue)}${adjustedP === undefined ? "" : `, adjusted for several KPIs ${short(adjustedP)}`}`,
          `  power      effects of ${short(estimate.detectable)} are found with a chance of 80 %`,
          ...(estimate.placebo
            ? [
                `  placebo    ${estimate.placebo.asExtreme} of ${estimate.placebo.dates} dates at which nothing changed look as much like a change`,
              ]
            : []),
          `  supposes   ${estimate.assumptions.join("; ")}`,
        ]
      : []),
    ...refusals.map(({ grade: refused, reasons }) => `  not ${refused}      ${reasons.join("; ")}`),
    ...(otherChanges.length > 0
      ? [`  changes    ${otherChanges.map(({ day, what }) => `${day} ${what}`).join("; ")}`]
      : []),
  ];
}

/** What a release was worth, as text. */
export function roiText(roi: Roi): string {
  if (roi.verdict === "withheld") return `No return is stated: ${roi.reasons.join("; ")}.`;
  const { net, roi: ratio, positive, paybackDays, tornado } = roi;
  return [
    `Net ${usd(net.median)} (80 %: ${usd(net.interval80.low)} to ${usd(net.interval80.high)}; 95 %: ${usd(net.interval95.low)} to ${usd(net.interval95.high)}); above 0 with a chance of ${Math.round(100 * positive)} %`,
    ...(ratio
      ? [
          `Return on what was spent: ${short(ratio.median)} (95 %: ${short(ratio.interval95.low)} to ${short(ratio.interval95.high)})`,
        ]
      : []),
    paybackDays === undefined ? "It does not pay back." : `It pays back after ${short(paybackDays)} days.`,
    "What matters most, net from its 5 % to its 95 % value:",
    ...tornado.map(({ input, known, low, high }) => `  ${input} (${known})  ${usd(low)} to ${usd(high)}`),
  ].join("\n");
}

export function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}

export function usd(value: number): string {
  return `${value < 0 ? "−" : ""}${Math.abs(Math.round(value)).toLocaleString("en-US")} USD`;
}
