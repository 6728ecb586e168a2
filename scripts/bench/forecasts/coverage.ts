import { isoDay, parseDay } from "../../../lifecycle/forecasting/calendar";
import { outlookOf } from "../../../lifecycle/forecasting/outlook";
import { horizonDays } from "../../../lifecycle/forecasting/watched";
import type { RunKind } from "./runs";
import { firstDay, limit, streamOf } from "./streams";

/**
 * Share of the 90 per cent intervals that hold the value of their last day. Of declines, those that have lasted for 30
 * days: nobody foresees one that has not begun.
 */
export function coverageOf(kind: RunKind, runs: number, seed: number): number {
  const today = 150;
  const end = isoDay(firstDay + today + horizonDays);
  let [held, known] = [0, 0];
  for (let run = 0; run < runs; run++) {
    const { values } = streamOf({ ...kind, from: today - 30, seed: seed + run, days: today + horizonDays + 1 });
    const actual = values.find(({ day }) => day === end)?.value;
    const before = values.filter(({ day }) => parseDay(day)! <= firstDay + today);
    const outlook = outlookOf({ values: before, limit, today: firstDay + today, horizonDays });
    if (actual === undefined || "unknown" in outlook) continue;
    known++;
    const [low, high] = outlook.interval;
    if (actual >= low && actual <= high) held++;
  }
  return held / known;
}
