import {
  designOf,
  type ExperimentDesign,
  type ExperimentTraffic,
  planInputs,
} from "../../../lifecycle/experiment/design";
import { type ExperimentPlan, planExperiment } from "../../../lifecycle/experiment/plan";
import { judgeExperiment } from "../../../lifecycle/experiment/verdict";
import { Random } from "../random";
import { looksOf, startedAt } from "./courses";

const prices = { challengerUsdPerHour: 0.23, usdPerLabel: 0.04, usdPerRequest: 1e-6 };

interface Planned {
  readonly design: ExperimentDesign;
  readonly traffic: ExperimentTraffic;
  readonly plan: ExperimentPlan;
}

/** A design that was drawn by chance, with enough flights to be judged. */
function drawn(random: Random, index: number): Planned {
  for (;;) {
    const between = (low: number, high: number): number => low * (high / low) ** random.uniform();
    const size = between(0.02, 0.2);
    const looks = 2 + Math.floor(8 * random.uniform());
    const rule = (["fixed", "group-sequential", "always-valid"] as const)[index % 3]!;
    const input = {
      design: {
        name: `design-${index}`,
        unit: random.chance(0.6) ? "flight" : "request",
        challengerPercent: 5 + 45 * random.uniform(),
        metric: { name: "F1", better: random.chance(0.5) ? "higher" : "lower" },
        question: random.chance(0.7)
          ? { kind: "superiority", minimumEffect: size }
          : { kind: "non-inferiority", margin: size },
        alpha: random.chance(0.5) ? 0.05 : 0.01,
        power: 0.5 + 0.45 * random.uniform(),
        stopping: rule === "fixed" ? { rule } : { rule, looks },
        maximumHours: between(24, 1000),
      },
      traffic: {
        requestsPerSecond: between(0.2, 20),
        flightSize: Math.round(between(10, 200)),
        correlation: 0.5 * random.uniform(),
        deviation: 0.1 + 0.3 * random.uniform(),
        labelledShare: between(0.01, 0.3),
      },
    };
    const { design, traffic } = planInputs({ ...input, prices });
    const plan = planExperiment(input.design, input.traffic, prices);
    if (Math.min(plan.units.champion, plan.units.challenger) >= 30 && plan.power > 0.1)
      return { design, traffic, plan };
  }
}

/** Predicted and simulated power of designs that were drawn by chance. */
export interface Calibration {
  readonly rule: string;
  readonly predicted: number;
  readonly won: number;
  readonly runs: number;
}

export function calibrate(designs: number, runs: number, seed: number): Calibration[] {
  const random = new Random(seed);
  return Array.from({ length: designs }, (_, index) => {
    const { design, traffic, plan } = drawn(random, index);
    // The simulation ends where the plan does, so that a maximum beyond it changes nothing.
    const ending = designOf({ ...design, maximumHours: plan.hours });
    const looks = design.stopping.rule === "fixed" ? 1 : design.stopping.looks;
    const effect = design.question.kind === "superiority" ? design.question.minimumEffect : 0;
    let won = 0;
    for (let run = 0; run < runs; run++) {
      const course = { startedAt, looks: looksOf(random, design, traffic, { effect }, plan.hours, looks) };
      if (judgeExperiment(ending, course).verdict === "won") won++;
    }
    return { rule: design.stopping.rule, predicted: plan.power, won, runs };
  });
}
