import type { BillLine } from "./bill";
import type { ResourceGroup } from "./groups";

/**
 * Columns of FOCUS 1.0, the FinOps Open Cost and Usage Specification, as far as Cost Explorer can fill them; what it
 * cannot is empty, as the specification has it for what a provider does not know. `x_` marks columns of ours.
 */
export const focusColumns = [
  "BilledCost",
  "BillingAccountId",
  "BillingCurrency",
  "BillingPeriodEnd",
  "BillingPeriodStart",
  "ChargeCategory",
  "ChargeClass",
  "ChargeDescription",
  "ChargeFrequency",
  "ChargePeriodEnd",
  "ChargePeriodStart",
  "ConsumedQuantity",
  "ConsumedUnit",
  "ContractedCost",
  "EffectiveCost",
  "InvoiceIssuerName",
  "ListCost",
  "PricingQuantity",
  "PricingUnit",
  "ProviderName",
  "PublisherName",
  "RegionId",
  "ResourceId",
  "ServiceCategory",
  "ServiceName",
  "SkuId",
  "SubAccountId",
  "Tags",
  "x_Estimated",
  "x_Group",
  "x_UsageType",
] as const;
export type FocusRow = Readonly<Record<(typeof focusColumns)[number], string>>;

/** FOCUS's closed list of categories, by what we group costs by. */
const categories: Readonly<Record<ResourceGroup, string>> = {
  serving: "AI and Machine Learning",
  training: "AI and Machine Learning",
  studio: "AI and Machine Learning",
  tracking: "AI and Machine Learning",
  builds: "Developer Tools",
  functions: "Compute",
  keys: "Security",
  watching: "Management and Governance",
  "cost reports": "Management and Governance",
  storage: "Storage",
  messages: "Integration",
  network: "Networking",
  other: "Other",
};

export interface FocusPlace {
  readonly accountId: string;
  readonly region: string;
  readonly project: string;
}

/** Lines of a bill in FOCUS's columns: one row for a day's usage of one thing under one pair of tags. */
export function focusRows(lines: readonly BillLine[], { accountId, region, project }: FocusPlace): FocusRow[] {
  return lines.map((line) => {
    const { day, environment, service, usageType, group, usd, quantity, unit = "", estimated } = line;
    const cost = plain(usd);
    return {
      ...{ BilledCost: cost, ContractedCost: "", EffectiveCost: cost, ListCost: "" },
      ...{ BillingAccountId: accountId, SubAccountId: accountId, BillingCurrency: "USD" },
      ...{ BillingPeriodStart: midnight(`${day.slice(0, 7)}-01`), BillingPeriodEnd: nextMonth(day) },
      ...{ ChargePeriodStart: midnight(day), ChargePeriodEnd: midnight(nextDay(day)) },
      ...{ ChargeCategory: "Usage", ChargeClass: "", ChargeFrequency: "Usage-Based" },
      ChargeDescription: `${usageType} of ${service}`,
      ...{ ConsumedQuantity: plain(quantity), ConsumedUnit: unit, PricingQuantity: plain(quantity), PricingUnit: unit },
      ...{ InvoiceIssuerName: "Amazon Web Services", ProviderName: "Amazon Web Services" },
      ...{ PublisherName: "Amazon Web Services", RegionId: region, ResourceId: "" },
      ...{ ServiceCategory: categories[group], ServiceName: service, SkuId: "" },
      Tags: JSON.stringify({ project, environment }),
      ...{ x_Estimated: String(estimated), x_Group: group, x_UsageType: usageType },
    };
  });
}

/** Without exponents, which spreadsheets read differently. */
function plain(value: number): string {
  return value.toFixed(10).replace(/\.?0+$/, "");
}

const midnight = (day: string): string => `${day}T00:00:00Z`;

function nextDay(day: string): string {
  return new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10);
}

function nextMonth(day: string): string {
  return midnight(new Date(Date.UTC(Number(day.slice(0, 4)), Number(day.slice(5, 7)), 1)).toISOString().slice(0, 10));
}
