import assert from "node:assert/strict";
import type { ForecastPage } from "../../../../records/forecasts";
import { limitAhead } from "../../../../insight/report/rules/limit-ahead";
import { found, inProd, readAs, reportFacts } from "../facts";

const ahead = (willBreach: number, soonest: number | null): ForecastPage => ({
  day: "2026-11-29",
  failed: [],
  series: {
    disk: {
      verdict: "will-breach",
      reasons: [],
      outlook: {
        day: "2026-11-29",
        points: 30,
        notes: [],
        level: 71,
        willBreach,
        horizonDays: 14,
        interval: [80, 96],
        crossing: [soonest, 9, 13],
      },
      score: {
        warnings: 4,
        hits: 3,
        falseWarnings: 1,
        unjudged: 0,
        medianLeadDays: 6,
        brier: 0.08,
        forecasts: 30,
        intervalsHeld: 0.9,
      },
    },
  },
});
const facts = (page: ForecastPage) => reportFacts(inProd((env) => ({ ...env, forecasts: readAs(page) })));

describe("rule limit-ahead", () => {
  it("recommends to act before the day that a limit may be passed, and says what came of earlier warnings", () => {
    const [one] = found(limitAhead, facts(ahead(0.93, 4.2)));
    assert.equal(one!.dueBy, "2026-12-03");
    assert.match(one!.why, /chance of 93 % disk passes its limit within 14 days, as it looks in 9 days/);
    assert.equal(one!.risk, "Of 4 earlier warnings 3 came true.");
  });

  it("is due the next day where the limit may be passed already, and within a week where nobody knows", () => {
    assert.equal(found(limitAhead, facts(ahead(0.93, 0)))[0]!.dueBy, "2026-12-01");
    assert.equal(found(limitAhead, facts(ahead(0.93, null)))[0]!.dueBy, "2026-12-07");
  });

  it("is silent below a chance of 80 %, and where nothing is forecast", () => {
    assert.deepEqual(found(limitAhead, facts(ahead(0.79, 4))), []);
    assert.deepEqual(found(limitAhead, reportFacts()), []);
  });
});
