import {
  ApplicationAutoScalingClient,
  PutScalingPolicyCommand,
  RegisterScalableTargetCommand,
} from "@aws-sdk/client-application-auto-scaling";
import {
  CreateEndpointConfigCommand,
  SageMakerClient,
  UpdateEndpointCommand,
  UpdateEndpointWeightsAndCapacitiesCommand,
  type DescribeEndpointCommandOutput,
} from "@aws-sdk/client-sagemaker";
import { challengerVariant, championVariant } from "../../contract/variants";
import type { ServerFile } from "../../local/main";
import { Traffic, type TrafficResult } from "../traffic";
import { echoVariant, endpointUntil, makeEndpoint } from "./echo-endpoint";
import type { Recorder } from "./figures";

const region = "eu-central-1";
const endpoint = "bench";
const requestsPerSecond = 60;
/** Invocations of an instance in a minute of cloud time, a second of real time here: 60 need three instances. */
const target = 20;
const most = 3;

interface Row {
  readonly step: string;
  readonly minutes: number;
  readonly champion: number;
  readonly challenger: number;
}

/**
 * Two variants, each a scalable target, under open-loop traffic without retries: out, another split, an update that
 * retains counts, one that does not, and in when the traffic ends.
 * @param speed cloud seconds per real second.
 */
export async function benchScaling(record: Recorder, { accountId: account }: ServerFile, speed: number): Promise<void> {
  const names = [championVariant, challengerVariant] as const;
  await makeEndpoint(account, region, [echoVariant(championVariant), echoVariant(challengerVariant, 0)]);
  const sagemaker = new SageMakerClient({ region });
  await sagemaker.send(
    new CreateEndpointConfigCommand({
      EndpointConfigName: "next",
      ProductionVariants: names.map((name) => echoVariant(name)),
    }),
  );
  await register(names);
  const rows: Row[] = [];
  const counts = ({ ProductionVariants: variants = [] }: DescribeEndpointCommandOutput): number[] =>
    names.map((name) => variants.find(({ VariantName }) => VariantName === name)?.CurrentInstanceCount ?? 0);
  /** Until the endpoint is as a step must leave it, in minutes of cloud time. */
  const step = async (what: string, change: () => unknown, wanted: (counts: number[]) => boolean): Promise<number> => {
    const began = performance.now();
    await change();
    const answer = await endpointUntil(
      sagemaker,
      (one) => one.EndpointStatus === "InService" && one.PendingDeploymentSummary === undefined && wanted(counts(one)),
    );
    const minutes = ((performance.now() - began) / 60_000) * speed;
    const [champion, challenger] = counts(answer) as [number, number];
    rows.push({ step: what, minutes, champion, challenger });
    return minutes;
  };
  const update = (RetainAllVariantProperties: boolean) => (): Promise<unknown> =>
    sagemaker.send(
      new UpdateEndpointCommand({ EndpointName: endpoint, EndpointConfigName: "next", RetainAllVariantProperties }),
    );

  const traffic = new Traffic({ region }, endpoint, [
    { key: "nothing.jpg", contentType: "image/jpeg", body: Buffer.alloc(1000, 1) },
  ]);
  let result: TrafficResult;
  let [out, other, kept, again] = [0, 0, 0, 0];
  try {
    out = await step(
      "load begins",
      () => traffic.start(requestsPerSecond),
      ([champion]) => champion === most,
    );
    other = await step(
      "weights 1 : 1",
      () =>
        sagemaker.send(
          new UpdateEndpointWeightsAndCapacitiesCommand({
            EndpointName: endpoint,
            DesiredWeightsAndCapacities: [{ VariantName: challengerVariant, DesiredWeight: 1 }],
          }),
        ),
      ([champion, challenger]) => champion === 2 && challenger === 2,
    );
    kept = await step("update, counts retained", update(true), () => true);
    await step("update, counts of the configuration", update(false), () => true);
    again = await step(
      "the same load goes on",
      () => undefined,
      ([champion, challenger]) => champion! >= 2 && challenger! >= 2,
    );
  } finally {
    result = await traffic.stop();
  }
  const last = await step(
    "load ends",
    () => undefined,
    ([champion, challenger]) => champion === 1 && challenger === 1,
  );
  for (const text of result.failures) console.error(`failed: ${text}`);
  record.figure("requests sent, without retries", result.sent, "");
  record.figure("requests failed", result.failed, "", { text: "0", met: result.failed === 0 });
  // Three minutes above the target, and a minute each until they are seen and until the instances are up.
  record.figure("scaling out, one instance to three, cloud time", out, "min", { text: "at most 6", met: out <= 6 });
  record.figure("both variants fit after the split changed, cloud time", other, "min");
  record.figure("an update that retains counts, cloud time", kept, "min");
  record.figure("scaling out again after an update reset the counts, cloud time", again, "min", {
    text: "at most 12",
    met: again <= 12,
  });
  // Fifteen minutes below the target; the cooldown of what came before may still run.
  record.figure("scaling in to the minimum, cloud time", last, "min", {
    text: "15 to 22",
    met: last >= 15 && last <= 22,
  });
  record.rows = rows;
  record.table = {
    columns: ["step", "until it fits, cloud time", "instances of the champion", "of the challenger"],
    rows: rows.map(({ step: what, minutes, champion, challenger }) => [
      what,
      `${minutes.toFixed(1)} min`,
      String(champion),
      String(challenger),
    ]),
  };
  record.about = `An endpoint with two variants, each a scalable target of 1 to ${most} instances that tracks ${target} invocations of an instance in a minute, gets ${requestsPerSecond} requests a second of real time, which is a minute of the cloud's: its clock runs ${speed} times as fast. Requests are sent open loop and without retries, to containers that do nothing. Instances start in real time, so cloud times are upper bounds.`;
}

async function register(variants: readonly string[]): Promise<void> {
  const scaling = new ApplicationAutoScalingClient({ region });
  for (const variant of variants) {
    const scalable = {
      ServiceNamespace: "sagemaker",
      ResourceId: `endpoint/${endpoint}/variant/${variant}`,
      ScalableDimension: "sagemaker:variant:DesiredInstanceCount",
    } as const;
    await scaling.send(new RegisterScalableTargetCommand({ ...scalable, MinCapacity: 1, MaxCapacity: most }));
    await scaling.send(
      new PutScalingPolicyCommand({
        ...scalable,
        PolicyName: "load",
        PolicyType: "TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration: {
          TargetValue: target,
          PredefinedMetricSpecification: { PredefinedMetricType: "SageMakerVariantInvocationsPerInstance" },
        },
      }),
    );
  }
}
