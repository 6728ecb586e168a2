import type { Evidence } from "../read-model/facts";
import { evidenceOf } from "../read-model/facts";
import type { Health } from "../read-model/summary";
import { known, type Money, moneyText, priceOfPeriod, usd } from "./amount";
import type { ReportFacts } from "./facts";
import { daysOf } from "./period";
import type { Target } from "./targets/target";
import { count } from "./verdict";

/** One of the four numbers of a report. */
export interface ReportTile {
  readonly name: "value" | "cost" | "net" | "risk";
  readonly title: string;
  readonly value: string;
  /** How it is known: A to D of an effect, `billed`, `list prices`, or why it is not known. */
  readonly grade: string;
  /** Against the report before. */
  readonly change: string;
  readonly target: string;
  readonly health: Health;
  readonly evidence: readonly Evidence[];
  /** Undefined where it is not known. */
  readonly usd?: number;
}

/** Value, cost, net and risk of the period. What is not known is said to be so. */
export function tilesOf(facts: ReportFacts, missed: readonly Target[]): ReportTile[] {
  const { platform, period } = facts;
  const [value, cost] = [valueOfPeriod(facts), costOfPeriod(facts)];
  const budget = platform.environments.reduce((sum, { objectives }) => sum + objectives.monthlyBudgetUsd, 0);
  const budgetOfPeriod = (budget * daysOf(period)) / (365 / 12);
  const within = known(cost) && cost.usd <= budgetOfPeriod;
  const net: Money =
    known(value) && known(cost)
      ? {
          usd: value.usd - cost.usd,
          range: [value.range[0] - cost.range[1], value.range[1] - cost.range[0]],
          how: "value less cost",
        }
      : { unknown: known(value) ? "the cost is not known" : "the value is not known", command: "" };
  const stakes = missed.flatMap(({ atStake }) => (known(atStake) ? [atStake] : []));
  const atStake = stakes.reduce((sum, one) => sum + one.usd, 0);
  const atMost = stakes.reduce((sum, one) => sum + one.range[1], 0);
  const unpriced = missed.length - stakes.length;
  const tile = (
    name: ReportTile["name"],
    title: string,
    amount: Money,
    rest: Pick<ReportTile, "grade" | "target" | "health" | "evidence">,
  ): ReportTile => ({
    name,
    title,
    value: moneyText(amount),
    change: changeOf(facts, name, known(amount) ? amount.usd : undefined),
    ...rest,
    ...(known(amount) ? { usd: amount.usd } : {}),
  });
  const business = facts.business && !("unread" in facts.business) ? facts.business.value : undefined;
  return [
    tile("value", "Value", value, {
      grade: business ? `evidence ${business.grade}` : (value as { unknown: string }).unknown,
      target: "above the cost",
      health: known(value) && known(cost) ? (value.usd >= cost.usd ? "good" : "bad") : "unknown",
      evidence: facts.business ? [evidenceOf(facts.business)] : [],
    }),
    tile("cost", "Cost", cost, {
      grade: known(cost) ? cost.how : cost.unknown,
      target: `at most ${usd(budgetOfPeriod)}, the budgets' share of the period`,
      health: known(cost) ? (within ? "good" : "bad") : "unknown",
      evidence:
        facts.spend && !("unread" in facts.spend)
          ? [facts.spend.evidence]
          : platform.environments.map(({ price }) => evidenceOf(price)),
    }),
    tile("net", "Net", net, {
      grade: known(net) ? net.how : net.unknown,
      target: "above 0",
      health: known(net) ? (net.range[0] > 0 ? "good" : net.usd > 0 ? "watch" : "bad") : "unknown",
      evidence: [],
    }),
    tile(
      "risk",
      "At stake",
      { usd: atStake, range: [atStake, atMost], how: "sum of what missed targets cost" },
      {
        grade: `${count(missed.length, "missed target", "missed targets")}${unpriced > 0 ? `, ${unpriced} without a price` : ""}`,
        target: "nothing missed",
        health: missed.length === 0 ? "good" : missed.some(({ severity }) => severity === "critical") ? "bad" : "watch",
        evidence: missed.flatMap(({ evidence }) => evidence).slice(0, 3),
      },
    ),
  ];
}

function valueOfPeriod({ business }: ReportFacts): Money {
  if (business && !("unread" in business)) {
    const { value, low, high } = business.value.valueUsd;
    return { usd: value, range: [low, high], how: `evidence ${business.value.grade}` };
  }
  const why = business ? business.unread : "nobody has declared what a detection is worth";
  return { unknown: why, command: "" };
}

/** What was billed, else what is up at list prices; not known where one environment has none. */
function costOfPeriod({ spend, platform, period }: ReportFacts): Money {
  if (spend && !("unread" in spend)) {
    const { usd: paid, estimated } = spend.value;
    return { usd: paid, range: [paid, paid], how: estimated ? "billed, the last days estimated" : "billed" };
  }
  const all = platform.environments.map((one) => priceOfPeriod(one, period));
  const unknown = all.find((one) => !known(one));
  if (unknown && !known(unknown)) return unknown;
  const sum = all.reduce((total, one) => total + (known(one) ? one.usd : 0), 0);
  return { usd: sum, range: [sum, sum], how: "list prices of what is up" };
}

function changeOf({ previous }: ReportFacts, name: string, now: number | undefined): string {
  if (!previous) return "first report";
  const before = previous.numbers[name];
  if (before === undefined || now === undefined) return "no number to compare with";
  const difference = now - before;
  if (Math.abs(difference) < 0.005) return `as on ${previous.period.end.slice(0, 10)}`;
  return `${difference > 0 ? "+" : ""}${usd(difference)} since ${previous.period.end.slice(0, 10)}`;
}
