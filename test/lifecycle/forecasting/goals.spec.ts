import assert from "node:assert/strict";
import { leastSquares, ours } from "../../../scripts/bench/forecasts/rules";
import { type RunKind, runsOf } from "../../../scripts/bench/forecasts/runs";

/** Small samples of what `npm run bench -- --only forecasts` measures in full; margins are binomial. */
describe("forecasts of a score with autocorrelated noise", () => {
  const share = (kind: RunKind, runs: number, seed: number) => {
    const found = runsOf(ours, kind, runs, seed);
    return { ...found, share: found.warned / found.runs };
  };

  it("rarely warn of a quiet one that is three deviations away from its limit, where a trend line often does", () => {
    const quiet = { headroom: 3, phi: 0.6 };
    const days = { quiet: 60 };
    // At most 5 %: of 12 runs, three and more would be one chance in fifty.
    assert.ok(runsOf(ours, quiet, 12, 1000, days).warned <= 2);
    assert.ok(runsOf(leastSquares, quiet, 20, 1000).warned >= 4);
  }).timeout(120_000);

  it("warn of a decline that begins three deviations away", () => {
    const { share: caught } = share({ headroom: 3, slope: 0.001, phi: 0.6 }, 20, 2000);
    // At least 90 %: of 20 runs, fewer than 15 would be one chance in a hundred.
    assert.ok(caught >= 0.75, `${caught}`);
  }).timeout(120_000);

  it("warn of one that begins seven deviations away ten days ahead, of a steep one seven", () => {
    const slow = share({ headroom: 7, slope: 0.001, phi: 0.6 }, 5, 3000);
    assert.equal(slow.share, 1);
    assert.ok(slow.leadDays! >= 10, `${slow.leadDays}`);
    const steep = share({ headroom: 7, slope: 0.003, phi: 0.6 }, 12, 4000);
    assert.ok(steep.share >= 0.9, `${steep.share}`);
    assert.ok(steep.leadDays! >= 6, `${steep.leadDays}`);
  }).timeout(120_000);
});
