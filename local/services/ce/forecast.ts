import type { GetCostForecastCommandInput, GetCostForecastCommandOutput } from "@aws-sdk/client-cost-explorer";
import { costChecks } from "../../checks/costs";
import type { Cloud } from "../../cloud";
import { type Fidelity, operation } from "../../operation";
import type { Bill } from "./bill";
import { testOf } from "./filter";
import { DAY_MS, interval, periodOf, steps } from "./periods";
import { anywhere } from "./requirements";

/** "AWS requires approximately 5 weeks of usage data to generate budget forecasts" (Budgets, user guide). */
const HISTORY_DAYS = 35;

const simulated: Fidelity = {
  level: "simulated",
  note: "The mean of the last 35 whole days and their spread, where AWS has a model of its own; with fewer days it refuses",
};

export const forecastOperations = (cloud: Cloud, bill: Bill) => ({
  GetCostForecast: operation<GetCostForecastCommandInput, GetCostForecastCommandOutput>({
    requires: anywhere,
    fidelity: simulated,
    handle: ({ TimePeriod, Granularity, Filter, PredictionIntervalLevel: level }) => {
      const today = Math.floor(cloud.clock.nowMs() / DAY_MS) * DAY_MS;
      const period = periodOf(TimePeriod);
      if (Granularity === "HOURLY" || period.startMs < today) throw costChecks.forecastDays();
      const lines = bill.lines().filter(testOf(Filter));
      const first = Math.min(...lines.map(({ hourMs }) => hourMs));
      if (!(first <= today - HISTORY_DAYS * DAY_MS)) throw costChecks.history();
      const days = Array.from({ length: HISTORY_DAYS }, (_, index) => today - (index + 1) * DAY_MS).map((startMs) =>
        lines
          .filter(({ hourMs }) => hourMs >= startMs && hourMs < startMs + DAY_MS)
          .reduce((sum, { usd }) => sum + usd, 0),
      );
      const mean = days.reduce((sum, usd) => sum + usd, 0) / days.length;
      const variance = days.reduce((sum, usd) => sum + (usd - mean) ** 2, 0) / (days.length - 1);
      const results = steps(period, Granularity).map((step) => {
        const count = (step.endMs - step.startMs) / DAY_MS;
        const half = halfWidth(level ?? 80) * Math.sqrt(variance * count);
        return {
          TimePeriod: interval(step),
          MeanValue: String(mean * count),
          ...(level === undefined
            ? {}
            : {
                PredictionIntervalLowerBound: String(Math.max(0, mean * count - half)),
                PredictionIntervalUpperBound: String(mean * count + half),
              }),
        };
      });
      const total = results.reduce((sum, { MeanValue }) => sum + Number(MeanValue), 0);
      return { Total: { Amount: String(total), Unit: "USD" }, ForecastResultsByTime: results };
    },
  }),
});

/** Standard deviations on each side, for the share of outcomes between them; 51 to 99 per cent (Cost Explorer API). */
function halfWidth(percent: number): number {
  // Winitzki's approximation of the inverse error function, right to 0.2 %.
  const share = percent / 100;
  const log = Math.log(1 - share * share);
  const a = 0.147;
  const part = 2 / (Math.PI * a) + log / 2;
  return Math.SQRT2 * Math.sqrt(Math.sqrt(part * part - log / a) - part);
}
