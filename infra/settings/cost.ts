import type { Reader } from "./reader";

const stops = ["off", "manual", "automatic"] as const;
const monitors = ["off", "account", "environment"] as const;
const nights = ["on", "scale-in", "off"] as const;

export interface CostSettings {
  readonly monthlyBudgetUsd: number;
  /** What happens to new launches when the budget is spent. */
  readonly stop: (typeof stops)[number];
  readonly anomalies: { readonly monitor: (typeof monitors)[number]; readonly minUsd: number };
  readonly activateTags: boolean;
  readonly nights: NightSettings;
}

/** What the endpoint does outside of office hours. */
export interface NightSettings {
  readonly endpoint: (typeof nights)[number];
  /** `HH:MM`, Monday to Friday. */
  readonly from: string;
  readonly to: string;
  /** IANA name of the time zone. */
  readonly timezone: string;
}

const hour = /^([01]\d|2[0-3]):[0-5]\d$/;

/** @param instances the endpoint's bounds: an endpoint that scales would come back in the morning without its scaling. */
export function readCost(
  read: Reader,
  instances: { readonly minInstances: number; readonly maxInstances: number },
): CostSettings {
  const cost: CostSettings = {
    monthlyBudgetUsd: read.integer("peregrine:monthlyBudgetUsd", 1, 10_000_000),
    stop: read.oneOf("peregrine:budgetStop", stops, (text) => text as CostSettings["stop"]),
    anomalies: {
      monitor: read.oneOf("peregrine:anomalyMonitor", monitors, (text) => text as CostSettings["anomalies"]["monitor"]),
      minUsd: read.integer("peregrine:anomalyLeastUsd", 1, 1_000_000),
    },
    activateTags: read.boolean("peregrine:activateCostTags"),
    nights: {
      endpoint: read.oneOf("peregrine:nights", nights, (text) => text as NightSettings["endpoint"]),
      from: read.text("peregrine:officeFrom", hour, "a time such as 07:00"),
      to: read.text("peregrine:officeTo", hour, "a time such as 19:00"),
      timezone: read.text(
        "peregrine:officeTimezone",
        /^[A-Za-z_]+(\/[A-Za-z0-9_+-]+)*$/,
        "an IANA time zone such as Europe/Berlin",
      ),
    },
  };
  const { endpoint, from, to } = cost.nights;
  if (hour.test(from) && hour.test(to) && from >= to)
    read.problem("peregrine:officeTo", `is ${to}, not after peregrine:officeFrom (${from})`);
  if (endpoint === "off" && instances.maxInstances > 1)
    read.problem(
      "peregrine:nights",
      `is off, but the endpoint scales up to ${instances.maxInstances} instances, and an endpoint that is made anew in the morning has no scaling; use scale-in, or set peregrine:servingMaxInstances to 1`,
    );
  if (endpoint === "scale-in" && instances.maxInstances === 1)
    read.problem(
      "peregrine:nights",
      "is scale-in, but the endpoint has a single instance, the least there is; use off or on",
    );
  return cost;
}
