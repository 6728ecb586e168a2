import { groupOfUsage, type ResourceGroup, resourceGroups } from "./groups";

/** What was used of one thing on one day in one environment, and what that cost. */
export interface BillLine {
  readonly day: string;
  /** Value of the tag; empty where usage carries none. */
  readonly environment: string;
  readonly service: string;
  readonly usageType: string;
  readonly group: ResourceGroup;
  readonly usd: number;
  readonly quantity: number;
  readonly unit: string | undefined;
  readonly estimated: boolean;
}

/** A bill of a project over some days. */
export interface Bill {
  readonly project: string;
  readonly from: string;
  /** The day after the last one. */
  readonly to: string;
  readonly currency: "USD";
  readonly lines: readonly BillLine[];
  /** What the whole account paid in that time, and how much of it carries the project's tag. */
  readonly account: { readonly usd: number; readonly taggedUsd: number };
  /** Tags that are not told apart on the bill: nobody activated them, or AWS has not seen them yet. */
  readonly inactiveTags: readonly string[];
}

/** What asking for a bill cost. */
export interface BillRequests {
  readonly paidRequests: number;
  readonly cachedAnswers: number;
  readonly requestsUsd: number;
}

/** A part of a bill. */
export interface Share {
  readonly name: string;
  readonly usd: number;
}

export function billLine(line: Omit<BillLine, "group">): BillLine {
  return { ...line, group: groupOfUsage(line.service, line.usageType) };
}

export function total(lines: readonly { readonly usd: number }[]): number {
  return lines.reduce((sum, { usd }) => sum + usd, 0);
}

/** Whether any of it may still change. */
export function isEstimated({ lines }: Bill): boolean {
  return lines.some(({ estimated }) => estimated);
}

/** Costs by something of each line, the dearest first. */
export function sharesBy(lines: readonly BillLine[], nameOf: (line: BillLine) => string): Share[] {
  const sums = new Map<string, number>();
  for (const line of lines) sums.set(nameOf(line), (sums.get(nameOf(line)) ?? 0) + line.usd);
  return [...sums].map(([name, usd]) => ({ name, usd })).sort((one, other) => other.usd - one.usd);
}

/** Costs of each group, also of those that cost nothing. */
export function byGroup(lines: readonly BillLine[]): ReadonlyMap<ResourceGroup, number> {
  return new Map(resourceGroups.map((group) => [group, total(lines.filter((line) => line.group === group))]));
}
