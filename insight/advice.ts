import type { InstanceAdvice, InstanceOption, ServingNeed } from "../pricing/adviser";

/** The advice about an environment's instances, for people. */
export function adviceText(
  environment: string,
  { objectiveP90Ms, peakImagesPerSecond }: ServingNeed,
  { best, options }: InstanceAdvice,
): string {
  const task = `${environment}: ${objectiveP90Ms} ms for nine requests in ten, at a peak of ${peakImagesPerSecond.toFixed(2)} images a second`;
  return [
    task,
    best
      ? `The cheapest allowed type that does it: ${best.instances} ${best.type}, ${price(best)}`
      : "No allowed type is known to do it. State how fast one is: --stated TYPE=MILLISECONDS:IMAGES_A_SECOND",
    "",
    ...options.flatMap((one) => [
      `${one.type.padEnd(18)}${one.verdict.padEnd(10)}${price(one)}`,
      ...one.reasons.map((reason) => `${" ".repeat(18)}${reason}`),
    ]),
    "",
    "Prices are of the instances alone. Traffic that stays as it was, and a model that stays the same, are assumed.",
    "",
  ].join("\n");
}

function price({ monthlyUsd }: InstanceOption): string {
  return monthlyUsd === undefined ? "price unknown" : `${monthlyUsd.toFixed(2)} USD a month`;
}
