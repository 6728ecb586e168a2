import { strict as assert } from "node:assert";
import { runCheck } from "../../../automation/doctor/checks";
import { refuse } from "../../../automation/doctor/preflight";
import { doctorSettings } from "../../../automation/doctor/settings";
import { NotReady, UserError } from "../../../automation/errors";
import { judgeRegion } from "../../../lifecycle/health/account";
import { judgeClosedServices } from "../../../lifecycle/health/closed-services";
import { combined, ok, warning } from "../../../lifecycle/health/finding";
import { judgeVersions } from "../../../lifecycle/health/versions";

const wanted = { node: ">=20.19", pulumi: "3.248.0" };

describe("what the doctor says", () => {
  it("of versions: too old a Node and another major version of Pulumi fail, an older Pulumi is warned of", () => {
    const level = (node: string, pulumi: string | undefined) => judgeVersions({ node, pulumi, wanted }).level;
    assert.deepEqual(
      [
        level("20.19.0", "3.248.0"),
        level("24.1.0", "3.300.1"),
        level("20.18.9", "3.248.0"),
        level("18.20.0", "3.248.0"),
      ],
      ["ok", "ok", "failed", "failed"],
    );
    assert.deepEqual(
      [level("22.0.0", "4.0.0"), level("22.0.0", "3.247.9"), level("22.0.0", undefined)],
      ["failed", "warning", "warning"],
    );
  });

  it("of a shell whose AWS CLI asks another Region than the stack is in", () => {
    const { level, cure } = judgeRegion("eu-central-1", { AWS_REGION: "us-east-1" });
    assert.deepEqual([level, cure], ["warning", "Before you follow a runbook: export AWS_REGION=eu-central-1"]);
    assert.equal(judgeRegion("eu-central-1", { AWS_REGION: "eu-central-1" }).level, "ok");
    assert.equal(judgeRegion("eu-central-1", {}).level, "ok");
  });

  it("of closed services: used ones are the account's, wanted ones may be refused", () => {
    assert.match(
      judgeClosedServices(
        ["aws:sagemaker/monitoringSchedule:MonitoringSchedule"],
        { monitoringMode: "managed" },
        "prod",
      ).text,
      /has Model Monitor, closed to new customers since 2026-07-30: this account is a customer/,
    );
    assert.equal(judgeClosedServices([], { monitoringMode: "managed" }, "prod").level, "warning");
    assert.equal(judgeClosedServices(["aws:s3/bucket:Bucket"], { monitoringMode: "self-hosted" }, "prod").level, "ok");
  });

  it("of settings that cannot be understood: all of them at once", () => {
    assert.throws(
      () => doctorSettings({ datasetBucket: "", servingMinInstances: "many" }, "prod"),
      (error: Error) =>
        error instanceof UserError && /datasetBucket is "".*servingMinInstances is "many"/.test(error.message),
    );
    const good = {
      datasetBucket: "data-of-others",
      imageTag: "1",
      trainingInstanceType: "ml.g5.xlarge",
      processingInstanceType: "ml.m5.xlarge",
      trainingSpot: "false",
      servingInstanceType: "ml.g6.xlarge",
      servingMinInstances: "2",
      servingMaxInstances: 6,
      requireMfa: "true",
      allowedAccountIds: [123456789012],
    };
    const read = doctorSettings(good, "prod");
    assert.deepEqual(
      [read.trainingSpot, read.requireMfa, read.servingMinInstances, read.allowedAccountIds],
      [false, true, 2, ["123456789012"]],
    );
    assert.deepEqual(doctorSettings({ ...good, allowedAccountIds: '["123456789012"]' }, "prod").allowedAccountIds, [
      "123456789012",
    ]);
    assert.throws(() => doctorSettings({ ...good, allowedAccountIds: "123" }, "prod"), /allowedAccountIds/);
  });

  it("when it is not allowed to look: a warning; when looking fails: a failure with its cure", async () => {
    const denied = Object.assign(new Error("no"), { name: "AccessDeniedException" });
    assert.equal((await runCheck("a", () => Promise.reject(denied))).level, "warning");
    const broken = await runCheck("a", () => Promise.reject(new UserError("broken", "mend it")));
    assert.deepEqual([broken.level, broken.text, broken.cure], ["failed", "broken", "mend it"]);
  });

  it("of several things together: the worst, with each cure once", () => {
    assert.deepEqual(combined([ok("x"), warning("a", "do"), warning("b", "do")], "well"), {
      level: "warning",
      text: "a; b",
      cure: "do",
    });
    assert.deepEqual(combined([ok("x")], "well"), ok("well"));
  });

  it("before an update: every failure with its cure, and nothing of warnings", () => {
    refuse("prod", [{ name: "versions", ...warning("old", "renew") }]);
    assert.throws(
      () =>
        refuse("prod", [
          { name: "versions", ...warning("old", "renew") },
          { name: "quotas", level: "failed", text: "is 0", cure: "ask" },
        ]),
      (error: Error) => {
        assert(error instanceof NotReady);
        assert.equal(error.message, "prod is not ready to be updated; nothing was changed:\n  - quotas: is 0\n    ask");
        return true;
      },
    );
  });
});
