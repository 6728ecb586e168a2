import type { Demand } from "./problems";
import type { servingSettings } from "./serving";
import { flag, integer, oneOf, text, type Values } from "./setting";

const hour = /^([01]\d|2[0-3]):[0-5]\d$/;

export const costSettings = {
  monthlyBudgetUsd: integer(1, 10_000_000, {
    meaning:
      "Monthly budget of the environment, by its tag, in USD. Alerts at 50, 80 and 100 per cent spent and at 100 per cent forecast.",
    example: "500",
  }),
  budgetStop: oneOf(["off", "manual", "automatic"], {
    meaning:
      "What follows at 100 per cent spent, one of off, manual, automatic. A policy that denies new jobs, apps, endpoints and pipeline runs is attached to the launching roles, by itself or after somebody's approval; what serves goes on, and so do releases and rollbacks.",
    default: "automatic",
  }),
  anomalyMonitor: oneOf(["off", "account", "environment"], {
    meaning:
      "Cost anomaly detection, one of off, account (by service, one per account), environment (by this environment's tag; in the account that pays).",
    default: "off",
  }),
  anomalyLeastUsd: integer(1, 1_000_000, {
    meaning: "Least impact of an anomaly that people are told about, USD.",
    default: "10",
  }),
  activateCostTags: flag({
    meaning:
      "True activates the project's tags for cost allocation. In the account that pays, in one stack, and only after AWS has seen the tags (up to a day after the first `pulumi up`).",
    default: "false",
  }),
  nights: oneOf(["on", "scale-in", "off"], {
    meaning:
      "What the endpoint does outside of office hours, one of on, scale-in (down to one instance), off (deleted, and made again in the morning from the same configuration; for endpoints that do not scale).",
    default: "on",
  }),
  officeFrom: text(hour, "a time such as 07:00", {
    meaning: "Start of the office hours, Monday to Friday.",
    default: "07:00",
  }),
  officeTo: text(hour, "a time such as 19:00", { meaning: "End of the office hours.", default: "19:00" }),
  officeTimezone: text(/^[A-Za-z_]+(\/[A-Za-z0-9_+-]+)*$/, "an IANA time zone such as Europe/Berlin", {
    meaning: "Time zone of the office hours (IANA).",
    default: "Europe/Berlin",
  }),
};
type CostValues = Values<typeof costSettings>;

export const costDemands: readonly Demand<CostValues & Values<typeof servingSettings>>[] = [
  {
    of: ["officeFrom", "officeTo"],
    *clashes({ officeFrom, officeTo }) {
      if (officeFrom >= officeTo)
        yield { name: "officeTo", reason: `is ${officeTo}, not after peregrine:officeFrom (${officeFrom})` };
    },
  },
  {
    of: ["nights", "servingMaxInstances"],
    *clashes({ nights, servingMaxInstances }) {
      if (nights === "off" && servingMaxInstances > 1)
        yield {
          name: "nights",
          reason: `is off, but the endpoint scales up to ${servingMaxInstances} instances, and an endpoint that is made anew in the morning has no scaling; use scale-in, or set peregrine:servingMaxInstances to 1`,
        };
      if (nights === "scale-in" && servingMaxInstances === 1)
        yield {
          name: "nights",
          reason: "is scale-in, but the endpoint has a single instance, the least there is; use off or on",
        };
    },
  },
];

export interface CostSettings {
  readonly monthlyBudgetUsd: number;
  /** What happens to new launches when the budget is spent. */
  readonly stop: CostValues["budgetStop"];
  readonly anomalies: { readonly monitor: CostValues["anomalyMonitor"]; readonly minUsd: number };
  readonly activateTags: boolean;
  readonly nights: NightSettings;
}

/** What the endpoint does outside of office hours. */
export interface NightSettings {
  readonly endpoint: CostValues["nights"];
  /** `HH:MM`, Monday to Friday. */
  readonly from: string;
  readonly to: string;
  /** IANA name of the time zone. */
  readonly timezone: string;
}

export function costOf(values: CostValues): CostSettings {
  return {
    monthlyBudgetUsd: values.monthlyBudgetUsd,
    stop: values.budgetStop,
    anomalies: { monitor: values.anomalyMonitor, minUsd: values.anomalyLeastUsd },
    activateTags: values.activateCostTags,
    nights: {
      endpoint: values.nights,
      from: values.officeFrom,
      to: values.officeTo,
      timezone: values.officeTimezone,
    },
  };
}
