import { type Point, power } from "./autocorrelation";
import { daysLeftInMonth, isoDay, monthOf } from "./calendar";
import { cleanSeries, type DailyValue } from "./daily";
import { chanceAbove, type Estimate, meanOf, type Mixture, mixture, quantile } from "./estimate";
import { leastValues, memoryDays, type NoOutlook, type Outlook } from "./outlook";
import { believing, type Fit, fitTrends, progress } from "./trend";

/**
 * The outlook of what adds up from the first of the month on, such as spend, against what it may be in all: forecast
 * is what is added each day, to the end of the month.
 */
export function monthlyOutlook(values: readonly DailyValue[], most: number, today: number): Outlook | NoOutlook {
  const { points: totals, notes } = cleanTotals(values, today);
  const day = isoDay(today);
  const daily = increments(totals).filter((point) => point.day > today - memoryDays);
  const no = (unknown: string): NoOutlook => ({ day, points: daily.length, notes, unknown });
  const last = totals.at(-1);
  if (!last || monthOf(last.day) !== monthOf(today)) return no("nothing is known of this month");
  if (daily.length < leastValues) return no(`there are ${daily.length} daily values; ${leastValues} are needed`);
  const left = daysLeftInMonth(today) + today - last.day;
  const fits = fitTrends(daily);
  const after = (models: readonly Fit[], days: number): Mixture =>
    mixture(models, (fit) => sumOf(fit, daily.at(-1)!, days, last.value));
  const whole = after(fits, left);
  const future = after(believing(fits, 0.8), left);
  const chances = Array.from({ length: left + 1 }, (_, ahead) => chanceAbove(after(fits, ahead), most));
  const first = (share: number): number | null => {
    const found = chances.findIndex((chance) => chance >= share);
    return found < 0 ? null : found;
  };
  const now = last.value > most ? 1 : 0;
  return {
    day,
    points: daily.length,
    notes,
    level: last.value,
    breached: now,
    // A total that is not beyond its limit can only come there by what is added.
    atRisk: now,
    willBreach: left === 0 ? now : chanceAbove(whole, most),
    horizonDays: daysLeftInMonth(today),
    interval: left === 0 ? [meanOf(whole), meanOf(whole)] : [quantile(future, 0.05), quantile(future, 0.95)],
    crossing: [first(0.05), first(0.5), first(0.95)],
    autocorrelation: fits.reduce((sum, { weight, phi }) => sum + weight * phi, 0),
  };
}

/** Totals need no season, and none of them stands out: only what cannot be read is left out. */
function cleanTotals(values: readonly DailyValue[], today: number) {
  const { notes } = cleanSeries(values, today);
  const byDay = new Map(values.filter(({ value }) => Number.isFinite(value)).map(({ day, value }) => [day, value]));
  const { points } = cleanSeries(
    [...byDay].map(([day]) => ({ day, value: 0 })),
    today,
  );
  return {
    points: points.map(({ day }) => ({ day, value: byDay.get(isoDay(day))! })),
    notes: notes.filter((note) => !note.includes("stand out")),
  };
}

/** What each day added. Over days without a value it is spread evenly; the first day of a month begins at nothing. */
function increments(totals: readonly Point[]): Point[] {
  return totals.flatMap((total, index) => {
    const before = totals[index - 1];
    const sameMonth = before !== undefined && monthOf(before.day) === monthOf(total.day);
    const start = sameMonth ? before.day : firstOf(total.day) - 1;
    const days = total.day - start;
    const added = (total.value - (sameMonth ? before.value : 0)) / days;
    return Array.from({ length: days }, (_, offset) => ({ day: start + 1 + offset, value: added }));
  });
}

function firstOf(day: number): number {
  return day + 1 - Number(isoDay(day).slice(8));
}

/** A total after so many more days: t distribution of the sum of their values. */
function sumOf(fit: Fit, last: Point, days: number, total: number): Estimate {
  const { change, begin, level, size, phi, levelVariance, covariance, sizeVariance, noiseVariance, degrees } = fit;
  const before = progress(change, begin, last.day);
  let [mean, ones, done] = [total, 0, 0];
  for (let ahead = 1; ahead <= days; ahead++) {
    const carry = power(phi, ahead);
    const then = progress(change, begin, last.day + ahead);
    mean += level + size * then + carry * (last.value - level - size * before);
    ones += 1 - carry;
    done += then - carry * before;
  }
  const inCoefficients = ones * ones * levelVariance + 2 * ones * done * covariance + done * done * sizeVariance;
  // Noise that is new each day and stays on by its autocorrelation: the day's shock counts in all days after it.
  let noise = 0;
  for (let ahead = 1; ahead <= days; ahead++) {
    const remaining = phi === 1 ? days - ahead + 1 : (1 - phi ** (days - ahead + 1)) / (1 - phi);
    noise += (1 - phi * phi) * remaining * remaining;
  }
  return { mean, deviation: Math.sqrt(noiseVariance * (inCoefficients + noise)), degrees };
}
