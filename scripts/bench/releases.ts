import { setTimeout as delay } from "node:timers/promises";
import { championVariant } from "../../contract/variants";
import { Metrics } from "../../aws/cloudwatch";
import { callerIdentity } from "../../aws/sts";
import type { RolloutResult } from "../../automation/release/rollout/rollout";
import type { ServerFile } from "../../local/main";
import { Traffic } from "../traffic";
import type { Recorder } from "./figures";
import { Stage } from "./stage";

const requestsPerSecond = 50;
const minRequests = 10_000;

/**
 * Two releases and two rollbacks of prod, a canary on two instances, under open-loop traffic without retries.
 * @param speed cloud seconds per real second.
 */
export async function benchReleases(record: Recorder, server: ServerFile, speed: number): Promise<void> {
  const stage = await Stage.make(server);
  const first = await stage.promote(await stage.register("a"));
  const second = await stage.register("b", "a");
  const { at: since } = await callerIdentity(stage.prod.session);
  const traffic = new Traffic(stage.prod.session, stage.endpoint, await stage.tilesWithDetections());
  traffic.start(requestsPerSecond);
  const done: { what: string; seconds: number; released: RolloutResult }[] = [];
  try {
    for (const what of ["release", "rollback", "release", "rollback"]) {
      const started = performance.now();
      const released = await (what === "release" ? stage.promote(second) : stage.rollback());
      done.push({ what, seconds: (performance.now() - started) / 1000, released });
    }
    while (traffic.count < minRequests) await delay(100);
  } finally {
    const { sent, failed, failures, p50Ms, p99Ms } = await traffic.stop();
    for (const text of failures) console.error(`failed: ${text}`);
    record.figure("requests sent, without retries", sent, "", {
      text: `at least ${minRequests}`,
      met: sent >= minRequests,
    });
    record.figure("requests failed", failed, "", { text: "0", met: failed === 0 });
    record.figure("latency of a request, median", p50Ms, "ms");
    record.figure("latency of a request, p99", p99Ms, "ms");
  }
  for (const what of ["release", "rollback"]) {
    const seconds = done.filter((one) => one.what === what).map((one) => one.seconds);
    const mean = seconds.reduce((sum, one) => sum + one, 0) / seconds.length;
    record.figure(`a ${what}, mean of ${seconds.length}, real time`, mean, "s");
    record.figure(`a ${what}, mean of ${seconds.length}, cloud time`, (mean * speed) / 60, "min");
  }
  const configs = [
    ...new Set([first, ...done.map(({ released }) => released)].map(({ endpointConfigName }) => endpointConfigName)),
  ];
  for (const [index, config] of configs.entries())
    record.figure(`requests served by configuration ${"AB"[index] ?? index}`, await served(stage, config, since), "");
  record.about = `prod (canary of 50 %, two instances) is released twice and rolled back twice while ${requestsPerSecond} requests a second are sent (open loop; tiles of 192 pixels), on a cloud whose clock runs ${speed} times as fast. Starting engines and containers takes real time, which then counts ${speed} times: read cloud times as upper bounds. Requests served are CloudWatch's count, golden images included.`;
}

/** What CloudWatch counted of an endpoint configuration. */
async function served({ prod, endpoint }: Stage, config: string, since: Date): Promise<number> {
  const { at } = await callerIdentity(prod.session);
  const query = {
    namespace: "AWS/SageMaker",
    name: "Invocations",
    dimensions: { EndpointName: endpoint, VariantName: championVariant, EndpointConfigName: config },
    statistic: "Sum",
    periodSeconds: 3600,
  };
  const start = new Date(Math.floor(since.getTime() / 3_600_000) * 3_600_000);
  return (await new Metrics(prod.session).values(query, start, new Date(at.getTime() + 3_600_000))).reduce(
    (sum, value) => sum + value,
    0,
  );
}
