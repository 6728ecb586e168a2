import type { PlatformFacts } from "../read-model/facts";
import { valueOf } from "../read-model/facts";
import { shortVersion } from "../read-model/versions";
import type { ShownEffect } from "./facts";

/** What releases did to the business metrics, as far as that is known by more than an association. */
export function shownEffects({ environments }: PlatformFacts): ShownEffect[] {
  return environments.flatMap(({ name, effects }) => {
    const { releases } = valueOf(effects, { kpis: [], releases: [], roi: { verdict: "withheld", reasons: [] } });
    return releases.flatMap(({ modelPackageArn, day, results }, index) => {
      const before = releases[index + 1];
      const change = [...(before ? [shortVersion(before.modelPackageArn)] : []), shortVersion(modelPackageArn)].join(
        " → ",
      );
      return results.flatMap(({ kpi, unit, grade, estimate, sentence }): ShownEffect[] =>
        estimate && grade
          ? [
              {
                ...{ change, environment: name, at: day, figure: kpi, unit, grade, sentence },
                effect: { value: digits(estimate.mean), low: digits(estimate.low), high: digits(estimate.high) },
              },
            ]
          : [],
      );
    });
  });
}

/** Three of them: more than the interval says. */
function digits(value: number): number {
  return Number(value.toPrecision(3));
}
