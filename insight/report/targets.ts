import type { Severity } from "../../contract/alerts";
import { productionEnvironment } from "../../contract/environments";
import { known, moneyText } from "./amount";
import type { ReportFacts } from "./facts";
import { dayAfter } from "./period";
import { drift, labelLag, quality } from "./targets/of-models";
import { budget, log } from "./targets/of-platform";
import { answers, failures, latency } from "./targets/of-serving";
import type { Judge, Target } from "./targets/target";

/** Days until something must be done about it, by its severity. */
export const dueDays: Readonly<Record<Severity, number>> = { critical: 1, warning: 7, info: 14 };

const judges: readonly Judge[] = [quality, drift, latency, failures, labelLag, budget, answers, log];

/** All targets of all environments that are up. */
export function targetsOf({ platform, period }: Pick<ReportFacts, "platform" | "period">): Target[] {
  return platform.environments.flatMap((environment) =>
    judges
      .flatMap((judge) => judge(environment, period))
      .map(({ name, ...rest }) => ({
        ...rest,
        id: `${name}:${environment.name}`,
        environment: environment.name,
        owner: environment.owners[rest.area],
        due: dayAfter(period.end, dueDays[rest.severity]),
      })),
  );
}

/**
 * Missed targets, the dearest first. What nobody can put a price on stands where its severity says: something critical
 * before all others, since unknown is not nothing; anything else behind them.
 */
export function missedOf(targets: readonly Target[]): Target[] {
  const rank = ({ atStake, severity }: Target): number =>
    known(atStake) ? atStake.usd : severity === "critical" ? Infinity : -1;
  const order = (one: Target) => (one.environment === productionEnvironment ? 0 : 1);
  return targets
    .filter(({ state }) => state === "missed")
    .sort((one, other) => {
      const [mine, theirs] = [rank(one), rank(other)];
      return mine === theirs ? order(one) - order(other) || (one.id < other.id ? -1 : 1) : theirs - mine;
    });
}

/** What is at stake, as text: why it is not known, where it is not. */
export function stakeText({ atStake }: Target): string {
  return known(atStake) ? moneyText(atStake) : `not known: ${atStake.unknown}`;
}
