import assert from "node:assert/strict";
import { servingBelowTarget } from "../../../../insight/report/rules/serving-below-target";
import { found, inProd, readAs, reportFacts, withMetric } from "../facts";

describe("rule serving-below-target", () => {
  it("tells apart who answers, what fails and what is late", () => {
    const facts = reportFacts(
      inProd((env) => ({
        ...withMetric(env, { requests: [100], serverErrors: [20], clientErrors: [0], latencyP90: [250_000] }),
        failover: readAs({ server: "hold", url: "u", switches: [] }),
      })),
    );
    assert.deepEqual(
      found(servingBelowTarget, facts).map(({ subject, why }) => [subject, why]),
      [
        ["answers", "Who answers the front door's clients: hold, wanted is the champion."],
        ["failures", "Requests answered with 5xx: 20.0 %, wanted is at most 5.0 %."],
        ["latency", "Model latency (90th percentile): 250.0 ms, wanted is at most 100 ms."],
      ],
    );
  });

  it("is silent where clients get what was promised", () => {
    assert.deepEqual(found(servingBelowTarget, reportFacts()), []);
  });
});
