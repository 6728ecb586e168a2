import assert from "node:assert/strict";
import { supersession } from "../../lifecycle/supersession";

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
