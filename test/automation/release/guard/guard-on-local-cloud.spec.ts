import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Metrics } from "../../../../aws/cloudwatch";
import { SageMakerRuntime } from "../../../../aws/sagemaker-runtime";
import { guardUpdate } from "../../../../automation/release/guard/watch";
import { rolloutAlarms } from "../../../../infra/serving/alarms";
import { scopeOf } from "../../../support/scope";
import { makeTemporaryFolder } from "../../../support/temporary-folder";
import { account, CanaryEndpoint, endpoint, variant } from "../canary";

const packageOf = (name: string) => `arn:aws:sagemaker:eu-central-1:${account}:model-package/detector/${name}`;
/** A minute is three seconds: enough requests in it to tell a share of a few per cent. */
const speed = 20;
/** Far above what a container takes on a busy machine. */
const latencyMs = 1500;
/**
 * The plain alarm on errors is silent below 5 %. That on latency would be while nine of ten answers are in time, which a
 * busy machine decides: the counts show that.
 */
const { "rollout-latency": _, ...alarms } = rolloutAlarms(scopeOf("prod", { "peregrine:errorPercent": "5" }));
/** Releases by what is wrong with them, as the container's environment. */
const releases = {
  old: {},
  sound: {},
  errors: { FAIL_EVERY: "30" },
  slow: { SLOW_EVERY: "14", SLOW_MS: String(2 * latencyMs) },
  empty: { EMPTY_EVERY: "10" },
  unsure: { UNSURE_EVERY: "8" },
} as const;
type Release = keyof typeof releases;

/**
 * The whole chain but Pulumi: what two fleets of real processes serve, CloudWatch's metrics and logs, the guard, the
 * alarm as the program makes it, and SageMaker's guarded update.
 */
describe("the guard of a rollout against an update by canary", function () {
  this.slow(60_000);
  const folder = makeTemporaryFolder();
  const traffic = new AbortController();
  let sending: Promise<unknown>;
  let canary: CanaryEndpoint;

  before(async () => {
    canary = await CanaryEndpoint.start({
      speed,
      program: join(__dirname, "..", "images", "counting-detector.cjs"),
      releases: Object.fromEntries(
        Object.entries(releases).map(([name, faults]) => [name, { ...faults, MODEL_PACKAGE_ARN: packageOf(name) }]),
      ),
      alarms,
      folder: join(folder, "aws"),
    });
    const runtime = new SageMakerRuntime(canary.session, 1);
    const one = async () => {
      while (!traffic.signal.aborted)
        await runtime.invoke(endpoint, Buffer.from("image"), "image/jpeg", {}).catch(() => delay(5));
    };
    sending = Promise.all(Array.from({ length: 12 }, one));
  });
  after(async () => {
    traffic.abort();
    await sending;
    await canary?.stop();
  });

  /** Updates as a release does, under traffic. @param canarySeconds cloud time. */
  async function update(release: Release, canarySeconds: number) {
    const { session } = canary;
    const { clock } = canary.local.cloud;
    const began = clock.nowMs();
    const guard = guardUpdate(
      { session, name: "prod" },
      { endpoint, variant, latencyMs, modelPackageArn: packageOf(release) },
    );
    const live = await canary.update(release, { canarySeconds, terminationSeconds: 120 });
    const minutes = (clock.nowMs() - began) / 60_000;
    const raised = canary
      .alarmsOf(release)
      .map(
        async ([kind, alarm]) =>
          [kind, (await new Metrics(session).alarmReasons(alarm, new Date(began))).length] as const,
      );
    return {
      live: live?.EndpointConfigName,
      minutes,
      outcome: await guard.stop(),
      raised: (await Promise.all(raised)).filter(([, times]) => times > 0).map(([alarm]) => alarm),
    };
  }

  for (const [release, reason] of [
    ["errors", /^more errors: /],
    ["slow", /^more answers beyond the latency objective: /],
    ["empty", /^more empty or absurd answers: /],
    ["unsure", /^more answers of low confidence: /],
  ] as const)
    it(`has SageMaker itself take a release back that has more ${release}, which no plain alarm sees`, async () => {
      const { live, minutes, outcome, raised } = await update(release, 3000);
      process.stdout.write(`      ${release}: back after ${minutes.toFixed(1)} minutes of the cloud's clock\n`);
      assert.deepEqual(
        [live, outcome.verdict, raised],
        ["old", "roll back", ["rollout-golden"]],
        outcome.reasons.join(),
      );
      assert.match(outcome.reasons.join("\n"), reason);
      const { requests, answers, slow } = outcome.served.new;
      assert.ok(release !== "slow" || slow < 0.1 * requests, "the alarm on latency looks at one request in ten");
      assert.ok(requests > 0 && answers > 0.5 * requests, JSON.stringify(outcome.served));
    });

  it("lets a sound release go live, and says that so little time has proven nothing", async () => {
    const { live, outcome, raised } = await update("sound", 180);
    assert.deepEqual([live, outcome.verdict, raised], ["sound", "inconclusive", []], outcome.reasons.join());
    assert.match(outcome.reasons.join("\n"), /watched for [1-9] of at least 10 blocks/);
  });
});
