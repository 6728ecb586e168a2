import assert from "node:assert/strict";
import { crossings, spendingBounds, spent } from "../../../lifecycle/statistics/group-sequential";

const boundsAt = (information: readonly number[], alpha: number): number[] =>
  spendingBounds({ information, spent: information.map((t) => spent(alpha, t, 2)) });
const even = (looks: number): number[] => Array.from({ length: looks }, (_, look) => (look + 1) / looks);
const sum = (values: readonly number[]): number => values.reduce((total, one) => total + one, 0);

function near(actual: readonly number[], expected: readonly number[], tolerance: number): void {
  actual.forEach((one, index) =>
    assert.ok(Math.abs(one - expected[index]!) <= tolerance, `${index}: ${one}, not ${expected[index]}`),
  );
  assert.equal(actual.length, expected.length);
}

const dailyLooks = [
  0.011404679673257933, 0.02292450819418779, 0.0356455988484443, 0.04835740420885424, 0.05971666577058213,
  0.06976017458481187, 0.07984165086754545, 0.09002459314412276, 0.10026356929804565, 0.11129746744100509,
  0.1222487922920801, 0.13250332796555583, 0.1418309168157694, 0.15072692856918676, 0.15940425274581055,
  0.16819162796171988, 0.17766544268380677, 0.18725283769713902, 0.19600162922594835, 0.20386600701959812,
  0.21159934032678884, 0.21916233120704773, 0.22688560894714668, 0.23509036348536208,
];
const dailyBounds = [
  5.0536015, 4.819334, 4.70702194, 4.60970036, 4.55329219, 4.5118919, 4.465161, 4.42168832, 4.37932413, 4.33343066,
  4.29780246, 4.26550766, 4.2476601, 4.22343408, 4.20455427, 4.1834642, 4.15580542, 4.13352266, 4.1170148, 4.10326736,
  4.08845795, 4.07496919, 4.05959646, 4.0417501,
];

describe("group-sequential bounds", () => {
  it("are those of the multivariate normal distribution", () => {
    // scipy.stats.multivariate_normal.cdf (SciPy 1.17.1, abseps 1e-11), solved look by look.
    near(boundsAt([0.3, 0.6, 1], 0.025), [2.8408037, 2.4267406, 2.0450211], 1e-6);
  });

  it("are those of Spotify's solver, as near as that comes", () => {
    // spotify/confidence at e1f8a49, bounds(t, alpha, rho=2, ztrun=8, sides=2): it stops at 1e-7 of probability.
    near(
      boundsAt(even(14), 0.025),
      [
        3.657082753411244, 3.346548601202309, 3.1593966880012574, 3.0144971020174864, 2.8932648782831305,
        2.787621241746987, 2.6931950436928194, 2.6072774284331692, 2.528058893424558, 2.454269699108931,
        2.3849547975748964, 2.3194208885513907, 2.2571005147512184, 2.1975564784531887,
      ],
      1e-4,
    );
    near(
      boundsAt([0.05, 0.2, 0.21, 0.5, 0.9, 1], 0.025),
      [
        3.8361069311760336, 3.107194416022406, 3.2284891405836964, 2.5446504468355147, 2.1233477925101116,
        2.13346458670677,
      ],
      5e-4,
    );
    near(
      boundsAt([0.1, 0.25, 0.5, 0.75, 1], 0.0033333 / 2),
      [4.149412273611645, 3.747518747134119, 3.4043788542482973, 3.2200664800142302, 3.0782593735670583],
      5e-4,
    );
    // tests/frequentist/test_bounds.py, the first 24 daily looks of its second vector, where 1e-7 is up to a fifth of what
    // a look spends.
    near(boundsAt(dailyLooks, 0.0033333333333333335 / 2), dailyBounds, 0.015);
  });

  it("spend exactly what they may, at any number of looks", () => {
    for (const looks of [1, 2, 14, 56]) {
      const information = even(looks);
      const stages = boundsAt(information, 0.025).map((upper, look) => ({
        information: information[look]!,
        upper,
        lower: -Infinity,
      }));
      assert.ok(Math.abs(sum(crossings(stages, 0).upper) - 0.025) < 1e-6, `${looks} looks`);
    }
  });

  it("have the reference table's power and mean sample", () => {
    // 504 units an arm, d = 0.2, two-sided 0.05, 14 looks; 20,000 simulated runs: power 0.86, mean 327.
    const information = even(14);
    const stages = boundsAt(information, 0.025).map((upper, look) => ({
      information: (information[look]! * 504) / 2,
      upper,
      lower: -upper,
    }));
    const { upper, lower } = crossings(stages, 0.2);
    const ended = upper.map((one, look) => one + lower[look]!);
    const mean = 504 * (sum(ended.map((one, look) => one * information[look]!)) + 1 - sum(ended));
    assert.ok(Math.abs(sum(upper) - 0.862) < 0.003, `power ${sum(upper)}`);
    assert.ok(Math.abs(mean - 327) < 2, `mean ${mean}`);
  });

  it("ask for nothing at a look that spends nothing", () => {
    const [first, second] = spendingBounds({ information: [0.5, 1], spent: [0, 0.025] });
    assert.equal(first, 8);
    assert.ok(Math.abs(second! - 1.959964) < 1e-5);
  });
});
