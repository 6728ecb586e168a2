import { type Bill, isEstimated, sharesBy, total } from "../../pricing/actual/bill";
import type { Evidence, Reading } from "../read-model/facts";
import type { SpendFacts } from "./facts";
import type { Period } from "./period";

/** Whole days of a bill that hold a period; the end is not part of it. */
export function billDays({ start, end }: Period): { readonly from: string; readonly to: string } {
  const to = new Date(Date.parse(end.slice(0, 10)) + 86_400_000).toISOString().slice(0, 10);
  return { from: start.slice(0, 10), to };
}

/** What a bill says of the period; where it cannot tell environments apart, or has nothing yet, that is no 0. */
export function spendOf(bill: Bill, evidence: Evidence): Reading<SpendFacts> {
  const { lines, inactiveTags, account } = bill;
  if (inactiveTags.length > 0)
    return {
      unread: `the tags ${inactiveTags.join(", ")} are not activated, so the bill cannot be told apart: npx peregrine cost tags --activate`,
    };
  if (account.usd === 0) return { unread: "nothing has come to the bill of these days yet" };
  return {
    value: {
      usd: total(lines),
      estimated: isEstimated(bill),
      parts: sharesBy(lines, ({ group }) => group).map(({ name, usd }) => ({ part: name, usd })),
    },
    evidence,
  };
}
