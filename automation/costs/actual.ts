import { CostExplorer, usdPerRequest } from "../../aws/cost-explorer";
import type { AnswerCache } from "../../aws/cost-explorer";
import { type AwsSession, hasCode, isDenied } from "../../aws/session";
import { callerIdentity } from "../../aws/sts";
import { environmentTags, project } from "../../contract/names";
import { reportTags } from "./tags";
import { type Bill, type BillRequests, billLine, total } from "../../pricing/actual/bill";
import { UserError } from "../errors";

/** Days of a bill: the end is not part of it. */
export interface Days {
  readonly from: string;
  readonly to: string;
}

/** A bill, and what asking for it cost. */
export interface ReadBill extends BillRequests {
  readonly bill: Bill;
  /** Who paid. */
  readonly accountId: string;
  /** Today, by AWS's clock. */
  readonly today: string;
}

const iso = /^\d{4}-\d{2}-\d{2}$/;

/**
 * Reads the bill of environments, told apart by the project's tags.
 * @param days the month until now where they are left out.
 * @throws UserError with the cause where Cost Explorer cannot be asked.
 */
export async function readBill(
  session: AwsSession,
  environments: readonly string[],
  days: Partial<Days>,
  cache?: AnswerCache,
): Promise<ReadBill> {
  const { accountId, at } = await callerIdentity(session);
  const today = at.toISOString().slice(0, 10);
  const { from, to } = checked({ from: days.from ?? `${today.slice(0, 7)}-01`, to: days.to ?? dayAfter(today) });
  const explorer = new CostExplorer(session, accountId, at, cache);
  try {
    const [tags, account, ...each] = await Promise.all([
      explorer.allocationTags(),
      explorer.usage({ from, to, granularity: "DAILY", by: ["tag:project"] }),
      ...environments.map((environment) =>
        explorer.usage({
          from,
          to,
          granularity: "DAILY",
          by: ["SERVICE", "USAGE_TYPE"],
          tags: environmentTags(environment),
        }),
      ),
    ]);
    const lines = each.flatMap((rows, index) =>
      rows.map(({ from: day, keys: [service, usageType], usd, quantity, unit, estimated }) =>
        billLine({
          ...{ day, environment: environments[index]!, service: service!, usageType: usageType! },
          ...{ usd, quantity, unit, estimated },
        }),
      ),
    );
    const tagged = account.filter(({ keys: [value] }) => value === project);
    return {
      bill: {
        ...{ project, from, to, currency: "USD", lines },
        account: { usd: total(account), taggedUsd: total(tagged) },
        inactiveTags: reportTags.filter((key) => !tags.get(key)),
      },
      ...{ accountId, today },
      paidRequests: explorer.paidRequests,
      cachedAnswers: explorer.cachedAnswers,
      requestsUsd: explorer.paidRequests * usdPerRequest,
    };
  } catch (error) {
    throw explained(error);
  }
}

/** The day after. */
function dayAfter(day: string): string {
  return new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10);
}

function checked(days: Days): Days {
  const wrong = [days.from, days.to].filter((day) => !iso.test(day) || Number.isNaN(Date.parse(day)));
  if (wrong.length > 0)
    throw new UserError(
      `These are no days: ${wrong.join(", ")}.`,
      "Write days as 2026-11-30; the end is not included.",
    );
  if (days.from >= days.to)
    throw new UserError(
      `The time from ${days.from} to ${days.to} is empty.`,
      "The end is not included: for one day, give the day after it.",
    );
  return days;
}

function explained(error: unknown): unknown {
  if (isDenied(error))
    return new UserError(
      `Cost Explorer may not be asked: ${(error as Error).message}`,
      "Take a role that may read costs (docs/governance.md), or ask for ce:GetCostAndUsage and ce:ListCostAllocationTags.",
      { cause: error },
    );
  if (hasCode(error, "DataUnavailableException"))
    return new UserError(
      `Cost Explorer has no data: ${(error as Error).message}`,
      "Where Cost Explorer was just switched on, it takes 24 hours until the first costs show.",
      { cause: error },
    );
  if (hasCode(error, "ValidationException"))
    return new UserError(
      `Cost Explorer refuses the question: ${(error as Error).message}`,
      "Ask for a time within the last 14 months, up to the end of this month.",
      { cause: error },
    );
  return error;
}
