import assert from "node:assert/strict";
import { type DesiredRelease, lastStable, type ReleasedModel } from "../../../contract/desired-release";
import { keptBehind } from "../../../automation/release/desired-release";
import { describeConfiguration } from "../../../infra/serving/configuration";
import { describeFallbacks } from "../../../infra/serving/fallbacks";
import { built } from "../../support/build";
import { releaseOf, scopeOf } from "../../support/scope";

const changes = { "peregrine:frontDoorStandby": "warm", "peregrine:frontDoorSmallModel": "instance" };
const scope = scopeOf("prod", changes);
const settings = scope.settings.frontDoor!;
const [one, other, third] = ["1", "2", "3"].map((digit) => releaseOf(digit)) as [
  DesiredRelease,
  DesiredRelease,
  DesiredRelease,
];
const shaOf = (model: ReleasedModel | undefined): string | undefined => model?.modelSha256[0];
const after = (release: DesiredRelease, previous: DesiredRelease, kind?: "promote" | "rollback"): DesiredRelease => ({
  ...release,
  kept: keptBehind(release, previous, kind),
});

describe("what the front door falls back to", () => {
  it("is the release before, and none where nothing was released before", () => {
    assert.equal(describeFallbacks(one, settings, scope).standby, undefined);
    const release = after(other, one);
    const { standby } = describeFallbacks(release, settings, scope);
    assert.equal(standby!.name, describeConfiguration(lastStable(release)!, scope).name);
    assert.equal(shaOf(lastStable(release)), "1");
  });

  it("is never a release that was rolled back", () => {
    const promoted = after(third, after(other, one));
    const back = after(other, promoted, "rollback");
    assert.deepEqual(back.kept.map(shaOf), ["3", "1"]);
    assert.equal(shaOf(lastStable(back)), "1");
    // Whoever releases it again trusts it again.
    assert.equal(shaOf(lastStable(after(one, after(third, back)))), "3");
  });

  it("is a smaller model on one processor: the named archive, or the champion's own", () => {
    const { small } = describeFallbacks(one, settings, scope);
    assert.deepEqual(
      [small!.variants[0]!.settings.instanceType, shaOf(small!.variants[0]!.release)],
      ["ml.m5.xlarge", "1"],
    );
    const named = scopeOf("prod", { ...changes, "peregrine:frontDoorSmallSha256": "9".repeat(64) });
    const { release } = describeFallbacks(one, named.settings.frontDoor!, named).small!.variants[0]!;
    assert.deepEqual(
      [shaOf(release), release.modelDataUrl],
      ["9", `s3://${scope.artifactsBucket}/releases/${"9".repeat(64)}/model.tar.gz`],
    );
  });

  it("is watched as the champion is, on endpoints of its own", async () => {
    const parameters = { [scope.releaseParameter]: JSON.stringify(after(other, one)) };
    const { recorder } = await built("prod", changes, parameters);
    for (const rung of ["standby", "small"]) {
      const name = `peregrine-prod-detector-${rung}`;
      const { inputs } = recorder.one("aws:sagemaker/endpoint:Endpoint", `peregrine-prod-fallbacks-${rung}`);
      assert.equal(inputs["name"], name);
      const [{ alarmName }] = inputs["deploymentConfig"].autoRollbackConfiguration.alarms;
      const alarm = recorder.one("aws:cloudwatch/metricAlarm:MetricAlarm", `peregrine-prod-fallbacks-${rung}-errors`);
      assert.deepEqual([alarm.inputs["name"], alarm.inputs["dimensions"].EndpointName], [alarmName, name]);
    }
    // The standby's configuration is the kept one: it was made for a release, and nothing is made for the standby.
    const configurations = recorder.ofType("aws:sagemaker/endpointConfiguration:EndpointConfiguration");
    assert.equal(configurations.length, 3);
  });

  it("is nothing where no setting asks for it", async () => {
    const parameters = { [scope.releaseParameter]: JSON.stringify(after(other, one)) };
    const { recorder } = await built("prod", {}, parameters);
    assert.equal(recorder.ofType("aws:sagemaker/endpoint:Endpoint").length, 1);
  });
});
