/** Dollars to the cent, and more digits below a dollar. */
export function money(usd: number): string {
  const digits = usd !== 0 && Math.abs(usd) < 1 ? 4 : 2;
  return usd.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: digits });
}
