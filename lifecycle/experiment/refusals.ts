import type { ExperimentCost } from "./cost";
import { type Arm, arms, type ExperimentDesign, type ExperimentTraffic, testOf } from "./design";

/** What a design would come to. */
export interface Prospect {
  readonly power: number;
  readonly hours: number;
  readonly units: Readonly<Record<Arm, number>>;
  readonly usd: ExperimentCost;
  /** Information that the design asks for, and what an hour of labels brings. */
  readonly target: number;
  readonly speed: number;
  readonly smallestEffect: number;
}

/** Below it a variance that is robust to clusters is itself a guess (Cameron and Miller, JHR 50, 2015, section VI). */
const leastUnits = 30;
/** By so much few units may fall short of the wanted power: the information that is asked for ignores how few they are. */
const tolerance = 0.03;

/** All that makes a design hopeless, and what would help. */
export function refusals(
  design: ExperimentDesign,
  traffic: ExperimentTraffic,
  { power, hours, units, usd, target, speed, smallestEffect }: Prospect,
): { readonly reasons: readonly string[]; readonly proposals: readonly string[] } {
  const reasons: string[] = [];
  const proposals = new Set<string>();
  const share = design.challengerPercent / 100;
  if (power < design.power - tolerance) {
    const what = design.question.kind === "superiority" ? "difference" : "margin";
    reasons.push(
      `within ${design.maximumHours} hours it finds a ${what} of ${testOf(design).effect} with a chance of ${percent(power)}, not ${percent(design.power)}`,
    );
    const needed = target / speed + traffic.labelHours;
    const even = (needed - traffic.labelHours) * 4 * share * (1 - share) + traffic.labelHours;
    if (share !== 0.5) proposals.add(`half of the traffic for each model: ${length(even)}`);
    proposals.add(`${length(needed)} with this split`);
    proposals.add(`a ${what} of ${smallestEffect.toPrecision(2)} is what ${design.maximumHours} hours can find`);
    if (traffic.labelledShare < 1) proposals.add("more labels: information grows with them");
    proposals.add("a shadow test: both models answer the same images, and pairs need a fraction of them");
  }
  for (const arm of arms)
    if (units[arm] < leastUnits) {
      reasons.push(
        `${units[arm]} labelled ${design.unit}s of the ${arm} are too few to know how much they vary: at least ${leastUnits}`,
      );
      proposals.add("a longer experiment, or more labels, brings more of them");
    }
  if (design.budgetUsd !== undefined && usd.total > design.budgetUsd) {
    reasons.push(
      `it costs up to ${usd.total.toFixed(2)} US dollars in ${hours.toFixed(1)} hours, more than ${design.budgetUsd}`,
    );
    proposals.add("fewer labels, a smaller instance for the challenger, or a larger effect cost less");
  }
  return { reasons, proposals: [...proposals] };
}

function percent(chance: number): string {
  return `${(100 * chance).toFixed(0)} %`;
}

function length(hours: number): string {
  return hours < 72 ? `${hours.toFixed(1)} hours` : `${(hours / 24).toFixed(0)} days`;
}
