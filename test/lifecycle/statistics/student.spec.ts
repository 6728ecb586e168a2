import assert from "node:assert/strict";
import { studentCdf } from "../../../lifecycle/statistics/special";

describe("Student's t distribution", () => {
  it("has SciPy's values", () => {
    // scipy.stats.t.cdf, SciPy 1.17.
    for (const [t, degrees, expected] of [
      [0.5, 3, 0.6742760175759245],
      [2.2, 10, 0.9737794657753234],
      [-1.7, 29, 0.04991689574423466],
      [4.5, 119, 0.9999920363075634],
      [-8, 179, 7.511084807113095e-14],
      [0.01, 1, 0.503182992764907],
      [30, 5, 0.999999614067569],
      [1, 2.5, 0.7979694863608632],
    ] as const)
      assert.ok(Math.abs(studentCdf(t, degrees) - expected) <= 1e-10 * expected, `${t} with ${degrees}`);
  });

  it("reaches its ends", () => {
    assert.deepEqual([studentCdf(-Infinity, 4), studentCdf(0, 4), studentCdf(Infinity, 4)], [0, 0.5, 1]);
  });
});
