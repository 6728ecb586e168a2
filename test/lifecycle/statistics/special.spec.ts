import assert from "node:assert/strict";
import {
  chiSquaredTail,
  gammaCdf,
  gammaTail,
  logGamma,
  logIncompleteBeta,
  logNormalCdf,
  logSum,
  normalCdf,
  normalQuantile,
} from "../../../lifecycle/statistics/special";

/** All expected values: SciPy 1.17.1 (`scipy.stats`, `scipy.special`). */
function close(actual: number, expected: number, what: string): void {
  assert.ok(Math.abs(actual - expected) <= 1e-10 * Math.abs(expected), `${what}: ${actual}, not ${expected}`);
}

describe("special functions", () => {
  it("have SciPy's values of the normal distribution, far into the tails", () => {
    for (const [z, cdf, logarithm] of [
      [-20, 2.7536241186061556e-89, -203.9171553710973],
      [-8, 6.22096057427174e-16, -35.01343715991456],
      [-3.5, 0.00023262907903552502, -8.366065308344094],
      [-1, 0.15865525393145707, -1.8410216450092634],
      [0.7, 0.758036347776927, -0.2770239422771313],
      [5, 0.9999997133484281, -2.8665161296376294e-7],
    ] as const) {
      close(normalCdf(z), cdf, `below ${z}`);
      close(logNormalCdf(z), logarithm, `logarithm below ${z}`);
    }
    for (const [z, logarithm] of [
      [-29, -424.78741990973026],
      [-31, -484.8539636271794],
      [-40, -804.6084420137539],
      [-100, -5005.524208694205],
    ] as const)
      close(logNormalCdf(z), logarithm, `logarithm below ${z}`);
    for (const [p, z] of [
      [1e-300, -37.0470962993612],
      [1e-100, -21.273453560965322],
      [1e-10, -6.361340902404056],
      [0.025, -1.9599639845400545],
      [0.9, 1.2815515655446004],
    ] as const)
      close(normalQuantile(p), z, `quantile ${p}`);
  });

  it("have SciPy's values of gamma, beta and chi-squared distributions", () => {
    for (const [shape, x, below, above] of [
      [0.5, 0.1, 0.34527915398142317, 0.6547208460185768],
      [3, 2, 0.32332358381693654, 0.6766764161830634],
      [30, 55, 0.9999114521695294, 8.854783047068032e-5],
      [100, 80, 0.0171083130351331, 0.9828916869648668],
      [0.5, 30, 0.9999999999999906, 9.485737571073857e-15],
      [1000, 1100, 0.9989406767460701, 0.0010593232539299773],
    ] as const) {
      close(gammaCdf(shape, x), below, `gamma ${shape} below ${x}`);
      close(gammaTail(shape, x), above, `gamma ${shape} above ${x}`);
    }
    for (const [a, b, x, logarithm] of [
      [2, 3, 0.4, -3.1296446911402582],
      [0.5, 0.5, 0.1, -0.44083152888095345],
      [80, 20, 0.2, -137.31660199053155],
      [300, 100, 0.8, -226.18098725461934],
    ] as const)
      close(logIncompleteBeta(a, b, x), logarithm, `beta ${a} ${b} below ${x}`);
    for (const [x, logarithm] of [
      [1e-5, 11.512919692895826],
      [3.3, 0.9870985778947343],
      [1e6, 12815504.569147611],
    ] as const)
      close(logGamma(x), logarithm, `gamma function of ${x}`);
    close(chiSquaredTail(60, 1), 9.485737571073857e-15, "chi-squared above 60");
    close(chiSquaredTail(200, 5), 2.8406228986415534e-41, "chi-squared above 200");
  });

  it("add what would overflow", () => {
    close(logSum([1000, 1000]), 1000 + Math.LN2, "two large ones");
    assert.equal(logSum([-Infinity, -Infinity]), -Infinity);
  });
});
