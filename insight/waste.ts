import type { FoundWaste } from "../lifecycle/costs/waste";

/** What is of no use, with what removes it. */
export function wasteText({ project, idleDays, waste, monthlyUsd, unpriced, unread }: FoundWaste): string {
  const price = (usd: number | null) => (usd === null ? "unknown" : `${usd.toFixed(2)}`).padStart(12);
  const cost =
    waste.length === 0
      ? `Nothing of ${project} is idle, and nothing is left over.`
      : `${waste.length} thing${waste.length === 1 ? " is" : "s are"} of no use: ${monthlyUsd.toFixed(2)} USD a month${unpriced > 0 ? `, and ${unpriced} without a known price` : ""}.`;
  return [
    `${cost} Idle is what nobody called within ${idleDays} days.`,
    "",
    ...waste.flatMap(({ kind, arn, environment, why, monthlyUsd: usd, command }) => [
      `${price(usd)}  ${kind}${environment === undefined ? "" : ` in ${environment}`}: ${arn}`,
      `${" ".repeat(14)}${why}`,
      `${" ".repeat(14)}${command}`,
    ]),
    ...unread.map(
      ({ environment, why }) =>
        `${environment}: its stack could not be read, so none of its things is called left over (${why})`,
    ),
    "",
  ].join("\n");
}
