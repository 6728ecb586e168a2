import type { EffectsFacts } from "../../insight/read-model/facts";
import { kpisOf } from "../../infra/settings/business";
import { effectOf } from "../../lifecycle/effect/effect";
import { roiOf } from "../../lifecycle/effect/roi";
import { isoDay } from "../../lifecycle/forecasting/calendar";
import { changeDay, historyOf } from "../../scripts/bench/effects/histories";

const kpis = kpisOf([
  "false-calls calls/image lower inspection feedback:wrong usd=2..6 target=9",
  "repairs repairs/day higher field csv",
]);
const days = 90;

/** A release that lowered one KPI, and of which nothing can be said about the other. */
export function effectsFacts(modelPackageArn: string, outside: (text: string) => string): EffectsFacts {
  const day = isoDay(changeDay(days));
  const release = { id: "r-0123456789ab", day };
  const otherChanges = [{ day: isoDay(changeDay(days) - 80), what: outside("promote of release r-1") }];
  const rows = historyOf({ seed: 5, days, phi: 0.4, effect: -3, weekend: 1 }).map((point) => ({
    day: isoDay(point.day),
    value: point.value,
  }));
  const results = kpis.map((kpi, index) =>
    effectOf({
      kpi,
      today: "2027-01-01",
      definedOn: "2026-01-01",
      release,
      otherChanges,
      rows: index === 0 ? rows : rows.slice(0, 20),
    }),
  );
  const costs = [
    { name: outside("training"), amount: 500, coverage: 1, known: "billed", when: "once" } as const,
    {
      ...{ name: "people", amount: 900, range: [600, 1200] as const, coverage: 1 },
      ...({ known: "assumed", when: "period" } as const),
    },
  ];
  const benefits = [{ kpi: kpis[0]!, estimate: results[0]!.estimate, exposed: 1000 }];
  return {
    kpis,
    releases: [{ release: release.id, modelPackageArn, day, results }],
    roi: roiOf({ periodDays: 30, benefits, costs }),
  };
}

/** Where nothing ever went live. */
export const noEffects: EffectsFacts = {
  kpis,
  releases: [],
  roi: { verdict: "withheld", reasons: ["nothing ever went live"] },
};
