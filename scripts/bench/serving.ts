import { readFileSync } from "node:fs";
import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import { championVariant } from "../../contract/variants";
import type { ServerFile } from "../../local/main";
import { makeEndpoint } from "./echo-endpoint";
import type { Recorder } from "./figures";
import { startEcho, startMoto } from "./peers";
import { Connection, median, sign, type SignedRequest, type SigningKeys, time, wire } from "./signed";

const region = "eu-central-1";

/** Control plane and invocations, each against its yardstick in the same run. */
export async function benchServing(
  record: Recorder,
  { url, accountId: account, credentialsFile }: ServerFile,
): Promise<void> {
  const keys = keysOf(credentialsFile);
  await makeEndpoint(account, region);
  const json = (target: string, body: object): [Record<string, string>, Buffer] => [
    { "content-type": "application/x-amz-json-1.1", "x-amz-target": `SageMaker.${target}` },
    Buffer.from(JSON.stringify(body)),
  ];
  const describe = await sign(url, "/", "sagemaker", ...json("DescribeEndpoint", { EndpointName: "bench" }), keys);
  const moto = await startMoto();
  try {
    // moto has no endpoint of ours: its own, of the same shape, made by the same calls.
    const client = new SageMakerClient({ region, endpoint: moto.url, credentials: keys });
    await client.send(
      new CreateModelCommand({
        ModelName: "bench",
        ExecutionRoleArn: `arn:aws:iam::${account}:role/bench`,
        PrimaryContainer: { Image: "i", ModelDataUrl: "s3://b/m.tar.gz" },
      }),
    );
    await client.send(
      new CreateEndpointConfigCommand({
        EndpointConfigName: "bench",
        ProductionVariants: [
          { VariantName: championVariant, ModelName: "bench", InitialInstanceCount: 1, InstanceType: "ml.m5.large" },
        ],
      }),
    );
    await client.send(new CreateEndpointCommand({ EndpointName: "bench", EndpointConfigName: "bench" }));
    const theirs = await sign(moto.url, "/", "sagemaker", ...json("DescribeEndpoint", { EndpointName: "bench" }), keys);
    const ratios: number[] = [];
    let ourRate = 0;
    let theirRate = 0;
    // In turn, so that a slow spell of the machine hits both.
    for (let round = 0; round < 5; round += 1) {
      ourRate = await ratePerSecond(describe, 1000);
      theirRate = await ratePerSecond(theirs, 300);
      ratios.push(ourRate / theirRate);
    }
    record.figure("DescribeEndpoint, one connection, local cloud", ourRate, "requests/s");
    record.figure("DescribeEndpoint, one connection, moto", theirRate, "requests/s");
    const ratio = median(ratios);
    record.figure("DescribeEndpoint, local cloud over moto", ratio, "times", {
      text: "at least 8 times",
      met: ratio >= 8,
    });
  } finally {
    moto.stop();
  }
  const direct = await startEcho();
  try {
    const body = Buffer.alloc(50_000, 1);
    const through = await sign(
      url,
      "/endpoints/bench/invocations",
      "sagemaker",
      { "content-type": "image/jpeg" },
      body,
      keys,
    );
    const straight = { ...through, url: new URL("/invocations", direct.url) };
    const [ours, theirs] = [new Connection(through.url), new Connection(straight.url)];
    const [sentThrough, sentStraight] = [wire(through), wire(straight)];
    const warm = async () => [await time(ours, sentThrough, 100), await time(theirs, sentStraight, 100)] as const;
    await warm();
    const overheads: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      const [a, b] = await warm();
      overheads.push(median(a) - median(b));
    }
    ours.close();
    theirs.close();
    const overhead = median(overheads);
    record.figure("InvokeEndpoint, what the gateway adds (50 kB image)", overhead, "ms", {
      text: "at most 2 ms",
      met: overhead <= 2,
    });
  } finally {
    direct.stop();
  }
}

async function ratePerSecond(one: SignedRequest, count: number): Promise<number> {
  const connection = new Connection(one.url);
  const bytes = wire(one);
  await time(connection, bytes, 50);
  const started = performance.now();
  await time(connection, bytes, count);
  connection.close();
  return (count * 1000) / (performance.now() - started);
}

/** The access key of the profile `ab`. */
function keysOf(credentialsFile: string): SigningKeys {
  const text = readFileSync(credentialsFile, "utf8");
  const value = (name: string) => new RegExp(`^${name}\\s*=\\s*(\\S+)`, "m").exec(text)![1]!;
  return { accessKeyId: value("aws_access_key_id"), secretAccessKey: value("aws_secret_access_key"), region };
}
