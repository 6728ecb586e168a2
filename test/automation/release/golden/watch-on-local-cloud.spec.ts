import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Metrics } from "../../../../aws/cloudwatch";
import { askGolden } from "../../../../automation/release/golden/ask";
import type { GoldenImage } from "../../../../automation/release/golden/images";
import { watchUpdate } from "../../../../automation/release/golden/watch";
import type { Environment } from "../../../../automation/stack/environment";
import { rolloutAlarms } from "../../../../infra/serving/alarms";
import { makeTemporaryFolder } from "../../../support/temporary-folder";
import { scopeOf } from "../../../support/scope";
import { CanaryEndpoint, endpoint, variant } from "../canary";

const speed = 60;
const expected = {
  width: 200,
  height: 200,
  detections: [0, 40, 80, 120].map((x) => ({ name: "tree", confidence: 1, box: [x, 10, x + 20, 30] as const })),
};
const images = ["a.jpg", "b.jpg", "c.jpg"].map((key): GoldenImage => ({
  key,
  contentType: "image/jpeg",
  body: Buffer.from(key),
  expected: { image: key, ...expected },
}));

/**
 * The whole chain but Pulumi: our probes and metric, CloudWatch's alarm as the program makes it, SageMaker's guarded
 * update.
 */
describe("golden images against an update by canary", function () {
  const folder = makeTemporaryFolder();
  let canary: CanaryEndpoint;

  before(async () => {
    const releases = Object.fromEntries(["old", "next", "other"].map((name) => [name, { MODEL: name }]));
    const { "rollout-golden": golden } = rolloutAlarms(scopeOf("prod"));
    canary = await CanaryEndpoint.start({
      speed,
      program: join(__dirname, "..", "images", "detector.cjs"),
      releases,
      alarms: { "rollout-golden": golden! },
      folder: join(folder, "aws"),
    });
  });
  after(() => canary?.stop());

  /** Updates as a release does: asked before, watched meanwhile. @param canarySeconds cloud time. */
  async function update(config: string, canarySeconds: number) {
    const { session } = canary;
    const before = await askGolden(session, endpoint, images);
    const watch = watchUpdate({ session, name: "prod" } as Environment, endpoint, variant, images, before);
    const began = performance.now();
    const live = await canary.update(config, { canarySeconds, terminationSeconds: 60 });
    return {
      live: [live?.EndpointStatus, live?.EndpointConfigName],
      seconds: (performance.now() - began) / 1000,
      seen: await watch.stop(),
    };
  }

  for (const kind of ["empty", "absurd"] as const)
    it(`has SageMaker itself take a model back whose answers are ${kind}, in the canary`, async () => {
      const { session } = canary;
      const { clock, faults } = canary.local.cloud;
      const { id } = faults.add({ kind, endpoint, config: "next" });
      const since = clock.now();
      const { live, seconds, seen } = await update("next", 600);
      faults.clear([id]);
      assert.deepEqual([live, seen.trouble], [["InService", "old"], undefined]);
      assert.match(
        seen.wrong.join(),
        kind === "empty"
          ? /nothing found where 4 objects are expected/
          : /4 of 4 detections have a confidence outside 0 to 1/,
      );
      assert.match(
        (await new Metrics(session).alarmReasons("rollout-golden-next", since))[0]!,
        /^Threshold Crossed: 1 out of the last 6 datapoints \[1\.0/,
      );
      // The canary alone would have taken ten minutes.
      assert.ok(seconds < 600 / speed, `${seconds} s`);
      // The next one must not meet this one's alarm.
      while ((await new Metrics(session).alarmStates("rollout-golden-next"))["rollout-golden-next"] === "ALARM")
        await delay(100);
    });

  it("lets a sound model pass, and the way back from a bad one: its own answers stop nothing", async () => {
    const sound = await update("next", 120);
    assert.deepEqual(
      [sound.live, sound.seen.wrong, sound.seen.trouble, sound.seen.asked > 0],
      [["InService", "next"], [], undefined, true],
    );
    const { faults } = canary.local.cloud;
    const { id } = faults.add({ kind: "empty", endpoint, config: "next" });
    const back = await update("other", 120);
    faults.clear([id]);
    assert.deepEqual([back.live, back.seen.wrong], [["InService", "other"], []]);
  });
});
