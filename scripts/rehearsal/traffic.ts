import { championVariant } from "../../contract/variants";
import { prefixes } from "../../contract/places";
import { setTimeout as delay } from "node:timers/promises";
import { Metrics } from "../../aws/cloudwatch";
import { ObjectStore } from "../../aws/s3";
import { SageMakerRuntime } from "../../aws/sagemaker-runtime";
import { callerIdentity } from "../../aws/sts";
import { poll } from "../../automation/poll";
import type { GoldenImage } from "../../automation/release/golden/images";
import { goldenImages } from "../../automation/release/golden/set";
import type { Environment } from "../../automation/stack/environment";
import { datasetOf } from "../dataset";
import { Traffic, type TrafficResult } from "../traffic";
import type { OnProgress, Rehearsal } from "./rehearsal";
import type { Facts, Sample } from "./summary";

const requestsPerSecond = 20;
const trafficSeconds = 4;
/** Of traffic that monitoring is asked about. */
const watchedSeconds = 8;
/** Real time that metrics and captured data may take. */
const deliveryMs = 60_000;

/** Traffic on production, with the held-out tiles. */
export async function startTraffic(rehearsal: Rehearsal): Promise<Traffic> {
  const { prod } = rehearsal.environments;
  const traffic = new Traffic(prod.session, (await prod.outputs()).endpointName!, rehearsal.tiles);
  traffic.start(requestsPerSecond);
  return traffic;
}

/** Sends tiles to an environment for a while; no request may fail. */
export async function sendTiles(
  rehearsal: Rehearsal,
  environment: Environment,
  tiles: readonly GoldenImage[],
  onProgress: OnProgress,
): Promise<number> {
  const traffic = new Traffic(environment.session, (await environment.outputs()).endpointName, tiles);
  traffic.start(requestsPerSecond);
  for (let second = 1; second <= watchedSeconds; second += 1) {
    await delay(1000);
    onProgress(`${second} of ${watchedSeconds} s at ${requestsPerSecond} requests a second`);
  }
  return (await endTraffic(rehearsal, traffic)).sent;
}

/** Runs an action under traffic of which no request may fail. */
export async function underTraffic(
  rehearsal: Rehearsal,
  action: () => Promise<Facts>,
): Promise<{ facts: Facts; traffic: { sent: number; failed: number } }> {
  const traffic = await startTraffic(rehearsal);
  let facts: Facts;
  let result: TrafficResult;
  try {
    facts = await action();
  } finally {
    result = await endTraffic(rehearsal, traffic);
  }
  return { facts, traffic: result };
}

/** Stops traffic and counts its requests. @throws Error when one failed. */
export async function endTraffic(
  rehearsal: Rehearsal,
  traffic: { stop(): Promise<TrafficResult> },
): Promise<TrafficResult> {
  const result = await traffic.stop();
  const { sent, failed, failures } = result;
  addRequests(rehearsal, { sent, failed });
  if (failed > 0) throw new Error(`${failed} of ${sent} requests failed: ${failures.join("; ")}`);
  return result;
}

/** What the platform saw of the traffic: metrics and captured data. */
export async function seeTraffic(rehearsal: Rehearsal, onProgress: OnProgress): Promise<Facts> {
  const { prod } = rehearsal.environments;
  const outputs = await prod.outputs();
  const start = (await callerIdentity(prod.session)).at;
  const traffic = await startTraffic(rehearsal);
  for (let second = 1; second <= trafficSeconds; second += 1) {
    await delay(1000);
    onProgress(`${second} of ${trafficSeconds} s at ${requestsPerSecond} requests a second`);
  }
  const result = await traffic.stop();
  addRequests(rehearsal, result);
  if (result.failed > 0)
    throw new Error(`${result.failed} of ${result.sent} requests failed: ${result.failures.join("; ")}`);
  onProgress("waiting for metrics and captured data");
  const invocations = await seen(
    () => countInvocations(prod, outputs.endpointName!, start),
    (count) => count >= result.sent,
  );
  const captured = await seen(
    () => countCaptured(prod, outputs.artifactsBucket),
    (count) => count > 0,
  );
  rehearsal.samples = await drawSamples(
    prod,
    outputs.endpointName!,
    await goldenImages(prod.session, datasetOf(prod), 6),
  );
  return {
    sent: result.sent,
    failed: result.failed,
    p50: `${result.p50Ms.toFixed(0)} ms`,
    p99: `${result.p99Ms.toFixed(0)} ms`,
    invocations,
    captureFiles: captured,
  };
}

async function countInvocations(prod: Environment, endpoint: string, start: Date): Promise<number> {
  const { at } = await callerIdentity(prod.session);
  const query = {
    namespace: "AWS/SageMaker",
    name: "Invocations",
    dimensions: { EndpointName: endpoint, VariantName: championVariant },
    statistic: "Sum",
    periodSeconds: 60,
  };
  const floor = new Date(Math.floor(start.getTime() / 60_000) * 60_000);
  const values = await new Metrics(prod.session).values(query, floor, new Date(at.getTime() + 60_000));
  return values.reduce((sum, value) => sum + value, 0);
}

async function countCaptured(prod: Environment, bucket: string): Promise<number> {
  return (await new ObjectStore(prod.session).list(bucket, prefixes.capture)).filter(({ key }) =>
    key.endsWith(".jsonl"),
  ).length;
}

/**
 * Metrics and captured data arrive when the service delivers them.
 * @throws Error when the answer is not good in time.
 */
async function seen(ask: () => Promise<number>, isGood: (count: number) => boolean): Promise<number> {
  const count = await poll(ask, isGood, { timeoutMs: deliveryMs, backoff: { firstMs: 500, maxMs: 500 } });
  if (!isGood(count)) throw new Error(`not seen within ${deliveryMs / 1000} s; last count: ${count}`);
  return count;
}

async function drawSamples(
  prod: Environment,
  endpoint: string,
  images: readonly { key: string; contentType: string; body: Buffer }[],
): Promise<Sample[]> {
  const runtime = new SageMakerRuntime(prod.session);
  return Promise.all(
    images.map(async ({ key, contentType: type, body }) => {
      const answer = JSON.parse((await runtime.invoke(endpoint, body, type)).body.toString("utf8")) as {
        image: { w: number; h: number };
        detections: Sample["detections"];
      };
      return {
        name: key.split("/").slice(-2).join("/"),
        contentType: type,
        body,
        width: answer.image.w,
        height: answer.image.h,
        detections: answer.detections,
      };
    }),
  );
}

function addRequests(rehearsal: Rehearsal, { sent, failed }: { readonly sent: number; readonly failed: number }): void {
  rehearsal.requests = { sent: rehearsal.requests.sent + sent, failed: rehearsal.requests.failed + failed };
}
