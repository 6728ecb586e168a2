import assert from "node:assert/strict";
import { environments } from "../../../contract/environments";
import { kpiCatalogue } from "../../../contract/kpi";
import { kpisOf } from "../../../infra/settings/business";
import { validate } from "../../../infra/settings/settings";
import { parseSchedule } from "../../../local/services/events/schedules";
import { built } from "../../support/build";
import { stackConfig } from "../../support/program";

describe("business metrics", () => {
  for (const environment of environments)
    it(`are published once a day in ${environment}, by a function that has the catalogue`, async () => {
      const { recorder } = await built(environment);
      const { inputs } = recorder.one("aws:scheduler/schedule:Schedule", `peregrine-${environment}-kpis-schedule`);
      const from = Date.parse("2026-11-29T12:00:00Z");
      assert.equal(
        new Date(parseSchedule(inputs["scheduleExpression"], from)(from)!).toISOString().slice(0, 16),
        "2026-11-30T05:00",
      );
      assert.match(inputs["target"].roleArn, /publish-kpis-start/);
      const { variables } = recorder.one(
        "aws:lambda/function:Function",
        `peregrine-${environment}-kpis-handler-function`,
      ).inputs["environment"];
      const kpis = kpiCatalogue.parse(JSON.parse(variables.KPIS));
      assert.deepEqual(
        kpis.map(({ name, source }) => [name, source]),
        [
          ["false-calls", { kind: "feedback", measure: "wrong" }],
          ["missed-objects", { kind: "feedback", measure: "missed" }],
        ],
      );
      assert.ok(Number(variables.SETTLE_DAYS) >= 1);
    });

  it("say all that is known of them", () => {
    assert.deepEqual(
      kpisOf([
        "revisits visits/day lower field metric:Sum:Inspection/Drones:Revisits:Site=north:Line=3 usd=80..120.5 target=2 relevant=0.5",
        "repairs repairs/day higher field csv target=-1",
      ]),
      [
        {
          ...{ name: "revisits", unit: "visits", per: "day", better: "lower", owner: "field" },
          ...{ usd: [80, 120.5], target: 2, relevant: 0.5 },
          source: {
            ...{ kind: "metric", statistic: "Sum", namespace: "Inspection/Drones", metric: "Revisits" },
            dimensions: { Site: "north", Line: "3" },
          },
        },
        {
          ...{ name: "repairs", unit: "repairs", per: "day", better: "higher", owner: "field", target: -1 },
          source: { kind: "csv" },
        },
      ],
    );
  });

  it("are refused where they say too little, twice, or what cannot be", () => {
    const problems = (...kpis: string[]): string =>
      validate("dev", { ...stackConfig("dev"), "peregrine:kpis": JSON.stringify(kpis) })
        .problems.map(({ propertyPath, reason }) => `${propertyPath} ${reason}`)
        .join("\n");
    assert.equal(problems(), "");
    assert.match(
      problems("a calls/image lower x"),
      /peregrine:kpis\[0\] is "a calls\/image lower x"; expected a KPI of the form/,
    );
    assert.match(problems("a calls/image lower x sql"), /kpis\[0\].*has no source/);
    assert.match(problems("a calls/image lower x feedback:all"), /has no source/);
    assert.match(problems("a calls/image lower x metric:Max:N:M"), /has no source/);
    assert.match(problems("a b/day lower x csv", "a b/day lower x csv"), /kpis\[1\] two KPIs are called a/);
    assert.match(problems("a b/day lower x feedback:wrong"), /its unit ends with \/image/);
    assert.match(problems("a b/day lower x csv usd=3..2"), /from the lower to the higher/);
    assert.match(problems("a b/day lower x csv usd=-3..2"), /0 or more/);
    assert.match(problems("a b/day lower x csv relevant=0"), /a size, above 0/);
    const many = Array.from({ length: 60 }, (_, index) => `kpi-${index} b/day lower x csv`);
    assert.match(problems(...many), /characters as the function gets it; 3000 is the most/);
  });
});
