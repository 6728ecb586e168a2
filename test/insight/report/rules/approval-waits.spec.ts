import assert from "node:assert/strict";
import { approvalWaits } from "../../../../insight/report/rules/approval-waits";
import { hoursAgo, packageArn } from "../../platform";
import { found, inProd, readAs, reportFacts } from "../facts";

const waiting = (hours: number, approval = "PendingManualApproval") =>
  reportFacts(
    inProd((env) => ({ ...env, packages: readAs([{ arn: packageArn(5), approval, created: hoursAgo(hours) }]) })),
  );

describe("rule approval-waits", () => {
  it("recommends to decide about a candidate that waits for two days or longer", () => {
    const [one] = found(approvalWaits, waiting(75));
    assert.equal(one!.action, "Approve or reject peregrine-dev-detector/5.");
    assert.equal(one!.why, "It waits for an approver since 3 days.");
  });

  it("is silent before that, and about what was decided", () => {
    assert.deepEqual(found(approvalWaits, waiting(47)), []);
    assert.deepEqual(found(approvalWaits, waiting(75, "Approved")), []);
  });
});
