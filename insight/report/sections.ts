import { liveRelease } from "../../records/release";
import { type EnvironmentFacts, type Evidence, evidenceOf, mayNot, valueOf } from "../read-model/facts";
import { latest } from "../read-model/series";
import { percent, trafficOf, whole } from "../read-model/summary";
import { known, moneyText, priceOfPeriod, usd } from "./amount";
import type { ReportFacts } from "./facts";
import { within } from "./period";
import type { Target } from "./targets/target";
import { productionFirst } from "./verdict";

/** A row of a table with where it is from. */
export interface ReportRow {
  readonly cells: readonly string[];
  readonly evidence: readonly Evidence[];
}

export interface ReportTable {
  readonly columns: readonly string[];
  readonly rows: readonly ReportRow[];
}

/** How much may still fail, how far answers have moved, and what is on its way to its limit. */
export function reliabilityOf({ platform }: ReportFacts): ReportTable {
  return {
    columns: ["Environment", "Requests", "Failures left", "Drift score", "Forecast"],
    rows: productionFirst(platform.environments)
      .filter((one) => liveRelease(valueOf(one.releases, [])))
      .map((one) => ({
        cells: [one.name, requestsText(one), failuresLeft(one), driftText(one), forecastText(one)],
        evidence: [evidenceOf(one.metrics), evidenceOf(one.forecasts)],
      })),
  };
}

function requestsText(environment: EnvironmentFacts): string {
  const traffic = trafficOf(environment);
  return traffic ? whole(traffic.requests) : "not measured";
}

/** Of the failures that the target allows for these requests, how many are left. */
function failuresLeft(environment: EnvironmentFacts): string {
  const traffic = trafficOf(environment);
  if (!traffic || traffic.requests === 0) return "no request";
  const allowed = (environment.objectives.errorPercent / 100) * traffic.requests;
  const left = 1 - traffic.serverFailed / Math.max(allowed, Number.MIN_VALUE);
  return `${percent(Math.max(0, left))} of ${whole(allowed)}, ${traffic.serverFailed} used`;
}

function driftText({ metrics }: EnvironmentFacts): string {
  const newest = "unread" in metrics ? undefined : latest(metrics.value.drift);
  return newest ? `${newest.value.toFixed(2)} (drift from 1 on)` : "not measured";
}

function forecastText({ forecasts }: EnvironmentFacts): string {
  const page = valueOf(forecasts, undefined);
  if (!page) return "none yet";
  const ahead = Object.entries(page.series).flatMap(([series, { verdict, outlook }]) =>
    verdict === "quiet" || "unknown" in outlook || outlook.willBreach < 0.5
      ? []
      : [`${series}: ${Math.round(100 * outlook.willBreach)} % within ${outlook.horizonDays} days`],
  );
  return ahead.length > 0 ? ahead.join("; ") : "nothing is on its way to its limit";
}

/** By environment: what is up, what it costs, what it may cost, and what is dearest. */
export function spendingOf({ platform, period }: ReportFacts): ReportTable {
  return {
    columns: ["Environment", "A month", "In the period", "Budget of a month", "Dearest"],
    rows: productionFirst(platform.environments).map((one) => {
      const amount = priceOfPeriod(one, period);
      const price = "unread" in one.price ? undefined : one.price.value;
      const types = new Map<string, number>();
      for (const { type, monthlyUsd } of price?.resources ?? [])
        types.set(serviceOf(type), (types.get(serviceOf(type)) ?? 0) + monthlyUsd);
      const dearest = [...types]
        .filter(([, monthlyUsd]) => monthlyUsd >= 0.005)
        .sort((mine, other) => other[1] - mine[1] || (mine[0] < other[0] ? -1 : 1))
        .slice(0, 3)
        .map(([service, monthlyUsd]) => `${service} ${usd(monthlyUsd)}`);
      return {
        cells: [
          one.name,
          price ? usd(price.monthlyUsd) : "not known",
          moneyText(amount),
          usd(one.objectives.monthlyBudgetUsd),
          price ? dearest.join(", ") || "nothing" : known(amount) ? "" : amount.unknown,
        ],
        evidence: [evidenceOf(one.price)],
      };
    }),
  };
}

const serviceOf = (type: string): string => type.split(":")[1]?.split("/")[0] ?? type;

/** By control and environment: what is proven, and what is not. */
export function complianceOf({ platform, period }: ReportFacts): ReportTable {
  return {
    columns: ["Environment", "Log", "Live release", "Policy pack", "Violations"],
    rows: productionFirst(platform.environments).map((one) => {
      const live = liveRelease(valueOf(one.releases, []));
      const { open, entries } = valueOf(one.violations, { open: [], entries: [] });
      const repaired = entries.filter(({ at, rung }) => rung === "fix" && within(at, period)).length;
      return {
        cells: [
          one.name,
          "unread" in one.log
            ? `not read: ${one.log.unread}`
            : one.log.value.ok
              ? `holds, ${whole(one.log.value.size)} entries`
              : `does not hold: ${one.log.value.problems[0] ?? ""}`,
          "unread" in one.releases
            ? `not read: ${one.releases.unread}`
            : live
              ? live.decision
                ? `decided by ${live.decision.person}`
                : "decided by nobody"
              : "none",
          live ? live.policyPack.result : "not asked",
          "unread" in one.violations
            ? `not read: ${one.violations.unread}`
            : `${open.length} open, ${repaired} ${repaired === 1 ? "repair" : "repairs"} in the period`,
        ],
        evidence: [evidenceOf(one.log), evidenceOf(one.releases), evidenceOf(one.violations)],
      };
    }),
  };
}

/** What the report rests on, and what it does not know. */
export function unknownsOf(facts: ReportFacts, targets: readonly Target[]): string[] {
  const { platform, business, spend } = facts;
  const unread = platform.environments.flatMap((one) =>
    Object.entries(one).flatMap(([part, value]: [string, unknown]) =>
      typeof value === "object" && value !== null && "unread" in value
        ? [`${part} of ${one.name}: ${value.unread === mayNot ? "the reader's role may not" : String(value.unread)}`]
        : [],
    ),
  );
  const unmeasured = targets
    .filter(({ state }) => state === "unmeasured")
    .map(({ title, environment }) => `${title.charAt(0).toLowerCase()}${title.slice(1)} of ${environment}`);
  return [
    ...(business ? [] : ["The value of the models is not known, so there is no net and no return on investment."]),
    ...(spend && !("unread" in spend)
      ? spend.value.estimated
        ? ["The bill of the last days may still change."]
        : []
      : [
          `Costs are list prices of what is up, with the assumed use of docs/cost.md; a bill may differ${spend ? ` (the bill: ${spend.unread})` : ""}.`,
        ]),
    ...(unmeasured.length > 0 ? [`Not measured: ${unmeasured.join(", ")}.`] : []),
    ...(unread.length > 0 ? [`Not read: ${unread.join("; ")}.`] : []),
    ...(facts.previousUnread ? [`The report before this one was not read: ${facts.previousUnread}.`] : []),
    ...platform.down.map(({ name, why }) => `${name}: ${why}.`),
    "What is at stake of a target is what was paid for the time in which it was missed; its range ends where it goes on.",
    "Alarms, violations, alerts and prices are those of the time of reading; all else is of the period.",
  ];
}
