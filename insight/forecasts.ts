import { scoreText } from "../lifecycle/forecasting/score";
import type { ForecastPage } from "../records/forecasts";

/** A day's forecasts as text: a line for each series, and what came of earlier warnings below it. */
export function forecastText({ day, failed, series }: ForecastPage): string {
  const lines = Object.entries(series).flatMap(([name, { verdict, outlook, score }]) => {
    const head = `${name.padEnd(18)} ${verdict.padEnd(12)}`;
    if ("unknown" in outlook) return [`${head} ${outlook.unknown}`];
    const { level, willBreach, horizonDays, interval, crossing } = outlook;
    const [low, high] = interval.map(short);
    const [, median] = crossing;
    return [
      `${head} now ${short(level)}; in ${horizonDays} days ${low} to ${high}; chance of a breach ${(100 * willBreach).toFixed(0)} %${median === null ? "" : `, in ${median} days as it looks`}`,
      `${" ".repeat(32)}${scoreText(score)}`,
      ...outlook.notes.map((note) => `${" ".repeat(32)}${note}`),
    ];
  });
  return [`Forecasts from the values up to ${day}`, ...lines, ...failed.map((one) => `not read: ${one}`)].join("\n");
}

function short(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
