import type { Part } from "./pricer";

/** A number as people read it: at most four decimals, without trailing zeros. */
export function amount(value: number): string {
  return Number(value.toFixed(4)).toLocaleString("en-US", { maximumFractionDigits: 4 });
}

/** A price as people read it: tiny ones by the million. */
export function rate(usd: number): string {
  return usd > 0 && usd < 0.0001 ? `${amount(usd * 1_000_000)} USD a million` : `${amount(usd)} USD`;
}

/** `count` units of one price: the part, and how it came about. */
export function times(count: number, what: string, usd: number): Part {
  return { usd: count * usd, how: `${amount(count)} ${what} at ${rate(usd)}` };
}
