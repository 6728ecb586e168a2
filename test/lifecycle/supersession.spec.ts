import assert from "node:assert/strict";
import { approvalState, supersession } from "../../lifecycle/supersession";

const arn = (version: number) =>
  `arn:aws:sagemaker:eu-central-1:123456789012:model-package/peregrine-dev-detector/${version}`;
const live = (version: number, at?: string, outcome = "live") => ({
  modelPackageArn: arn(version),
  outcome,
  ...(at ? { decision: { at, person: "cleo" } } : {}),
});
const [nine, ten, eleven] = ["2026-11-29T09:00:00.000Z", "2026-11-29T10:00:00.000Z", "2026-11-29T11:00:00.000Z"];

describe("an approval that had to wait", () => {
  it("is superseded by what was approved later and went live before its turn, and says by what", () => {
    const { verdict, reasons } = supersession(arn(3), ten, [live(2, nine), live(4, eleven)]);
    assert.equal(verdict, "superseded");
    assert.match(reasons[0]!, /detector\/4 went live, which cleo approved at 2026-11-29T11/);
  });

  it("stays superseded when people went back to an earlier release since", () => {
    assert.equal(supersession(arn(3), ten, [live(2, nine), live(4, eleven), live(2, nine)]).verdict, "superseded");
  });

  for (const [what, releases] of Object.entries({
    "what was approved before it": [live(2, nine)],
    "a trial, about which nobody has decided": [live(4)],
    "a later approval that did not go live": [live(4, eleven, "rolled-back")],
    "the same package, approved again": [live(3, eleven)],
    nothing: [],
  }))
    it(`is not superseded by ${what}`, () => assert.equal(supersession(arn(3), ten, releases).verdict, "release"));

  it("is the gate's business where no decision is known", () =>
    assert.equal(supersession(arn(3), undefined, [live(4, eleven)]).verdict, "release"));
});

describe("an approval in an environment", () => {
  const released = (version: number, releaseId: string, outcome = "live") => ({
    ...live(version, nine, outcome),
    releaseId,
  });
  const approved = { releaseId: "r-3", decidedAt: ten };
  const stateOf = (...releases: ReturnType<typeof released>[]) => approvalState(arn(3), approved, releases);

  it("is pending until its release went live there", () => {
    assert.equal(stateOf().verdict, "pending");
    assert.equal(stateOf(released(3, "r-3", "rolled-back")).verdict, "pending");
    assert.equal(stateOf(released(3, "r-3")).verdict, "released");
  });

  it("is pending where the same package was live with other bytes, as in a trial", () =>
    assert.equal(stateOf(released(3, "r-other")).verdict, "pending"));

  it("stays released when people put another release in its place", () =>
    assert.equal(stateOf(released(3, "r-3"), released(2, "r-2")).verdict, "released"));

  it("is superseded by a later decision that went live, and says which", () => {
    const { verdict, reasons } = stateOf({ ...live(4, eleven), releaseId: "r-4" });
    assert.equal(verdict, "superseded");
    assert.match(reasons[0]!, /detector\/4 went live/);
  });

  it("counts any release of the package where no decision approves it", () =>
    assert.equal(approvalState(arn(3), undefined, [released(3, "r-other")]).verdict, "released"));
});
