import assert from "node:assert/strict";
import fc from "fast-check";
import { adjustedPValues } from "../../../lifecycle/statistics/false-discovery";
import { leastSquares, varianceOfSum } from "../../../lifecycle/statistics/linear";
import {
  assignments,
  choose,
  permutationInterval,
  permutationPValue,
} from "../../../lifecycle/statistics/permutations";
import {
  mixtureDeviation,
  mixtureInterval,
  mixtureMean,
  mixturePValue,
} from "../../../lifecycle/statistics/mixture-of-students";
import { studentCdf } from "../../../lifecycle/statistics/special";
import { studentQuantile } from "../../../lifecycle/statistics/student";

const near = (one: number, other: number, most = 1e-9) =>
  assert.ok(Math.abs(one - other) <= most * Math.max(1, Math.abs(other)), `${one} is not ${other}`);
const column = (values: readonly number[]) => Float64Array.from(values);

describe("least squares", () => {
  it("have the closed form of a line", () => {
    const [x, y] = [column([1, 2, 3, 4, 6]), column([2, 1, 4, 3, 7])];
    const fit = leastSquares([column([1, 1, 1, 1, 1]), x], y)!;
    // Means 3.2 and 3.4, squares 14.8, products 15.6.
    near(fit.coefficients[1]!, 15.6 / 14.8);
    near(fit.coefficients[0]!, 3.4 - (3.2 * 15.6) / 14.8);
    near(fit.residualSquares, 21.2 - 15.6 ** 2 / 14.8);
    near(varianceOfSum(fit, [0, 1]), 1 / 14.8);
    near(varianceOfSum(fit, [1, 3.2]), 1 / 5);
    near(fit.logDeterminant, Math.log(5 * 14.8));
  });

  it("are none where columns depend on each other", () => {
    assert.equal(leastSquares([column([1, 1, 1]), column([2, 2, 2])], column([1, 2, 3])), undefined);
  });
});

describe("Student's quantile", () => {
  it("has the tables' values, and is the cdf turned round", () => {
    near(studentQuantile(0.975, 1), 12.706204736432095);
    near(studentQuantile(0.975, 10), 2.2281388519649385);
    near(studentQuantile(0.025, 29), -2.045229642132703);
    assert.equal(studentQuantile(0.5, 3), 0);
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 0.999, noNaN: true }), fc.integer({ min: 1, max: 300 }), (p, degrees) =>
        near(studentCdf(studentQuantile(p, degrees), degrees), p, 1e-9),
      ),
      { seed: 1, numRuns: 200 },
    );
  });
});

describe("mixtures of Student's t", () => {
  it("of one part are that part, and of two lie between them", () => {
    const one = { weight: 1, mean: 2, deviation: 0.5, degrees: 10 };
    const { low, high } = mixtureInterval([one], 0.95);
    near(low, 2 - 0.5 * 2.2281388519649385);
    near(high, 2 + 0.5 * 2.2281388519649385);
    near(mixturePValue([one]), 2 * studentCdf(-4, 10));
    const two = [
      { ...one, weight: 0.25 },
      { ...one, weight: 0.75, mean: 6 },
    ];
    assert.deepEqual([mixtureMean(two), mixtureDeviation(two)], [5, Math.sqrt(0.25 + 0.25 * 9 + 0.75)]);
    const wide = mixtureInterval(two, 0.95);
    assert.ok(wide.low > low && wide.low < 2 && wide.high > 6);
  });
});

describe("randomisation inference", () => {
  it("counts all assignments", () => {
    assert.equal(choose(9, 4), 126);
    assert.deepEqual(assignments(3, 2), [
      [0, 1],
      [0, 2],
      [1, 2],
    ]);
    // Fisher: the three largest of six, one way of twenty on either side.
    assert.equal(permutationPValue([7, 8, 9], [1, 2, 3], assignments(6, 3)), 2 / 20);
  });

  it("has intervals of the effects that it does not reject", () => {
    const ways = assignments(10, 5);
    const [treated, control] = [
      [5.1, 6.3, 5.9, 6.8, 5.5],
      [1.2, 0.4, 1.9, 0.8, 1.1],
    ];
    const { low, high } = permutationInterval(treated, control, ways, 0.05);
    for (const [shift, kept] of [
      [low + 0.01, true],
      [low - 0.01, false],
      [high - 0.01, true],
      [high + 0.01, false],
    ] as const)
      assert.equal(permutationPValue(treated, control, ways, shift) > 0.05, kept, String(shift));
  });
});

describe("p-values of many questions", () => {
  it("are Benjamini and Hochberg's", () => {
    // R: p.adjust(c(0.01, 0.02, 0.03, 0.5), "BH").
    const adjusted = adjustedPValues([0.5, 0.01, 0.03, 0.02]);
    for (const [index, expected] of [0.5, 0.04, 0.04, 0.04].entries()) near(adjusted[index]!, expected);
    assert.deepEqual(adjustedPValues([0.2]), [0.2]);
  });
});
