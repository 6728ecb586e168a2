import { hoursPerMonth } from "../../pricing/assumptions";
import type { EnvironmentFacts } from "../read-model/facts";
import { money } from "../money";
import type { Period } from "./period";

/** An amount of money with how it comes about: nobody has to believe a number that cannot be worked out again. */
export interface Amount {
  readonly usd: number;
  /** From, to. */
  readonly range: readonly [number, number];
  /** The formula, in words and numbers. */
  readonly how: string;
}

/** An amount, or why there is none, with the command that makes one: unknown is never taken as 0. */
export type Money = Amount | { readonly unknown: string; readonly command: string };

export const known = (amount: Money): amount is Amount => "usd" in amount;

/** `$120.50 ($80.00 to $300.00)`, `$120.50`, or `not known`. */
export function moneyText(amount: Money): string {
  if (!known(amount)) return "not known";
  const [low, high] = amount.range;
  const alone = Math.abs(high - low) < 0.005;
  return alone ? usd(amount.usd) : `${usd(amount.usd)} (${usd(low)} to ${usd(high)})`;
}

/** Dollars with their sign in front of the mark. */
export const usd = (value: number): string => `${value < 0 ? "-" : ""}$${money(Math.abs(value))}`;

/** What an environment costs for a period, by the prices of what is up now. */
export function priceOfPeriod({ name, price }: EnvironmentFacts, { start, end }: Period): Money {
  if ("unread" in price)
    return { unknown: `the price of ${name} is not known: ${price.unread}`, command: pricing(name) };
  const hours = (Date.parse(end) - Date.parse(start)) / 3_600_000;
  const value = (price.value.monthlyUsd / hoursPerMonth) * hours;
  return {
    usd: value,
    range: [value, value],
    how: `${usd(price.value.monthlyUsd)} a month for what is up in ${name}, for ${Math.round(hours)} hours`,
  };
}

/** What was paid for a share of a period, and for all of it where nobody acts. */
export function shareOfPrice(environment: EnvironmentFacts, period: Period, share: number, what: string): Money {
  const whole = priceOfPeriod(environment, period);
  if (!known(whole)) return whole;
  return {
    usd: whole.usd * share,
    range: [whole.usd * share, whole.usd],
    how: `${what}; that share of ${usd(whole.usd)} (${whole.how}), and all of it where it goes on`,
  };
}

const pricing = (environment: string): string => `npx peregrine cost plan --stack ${environment} --state`;
