import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  DescribeEndpointCommand,
  SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { environmentOf, startDaemon, stopDaemon } from "../commands/local-daemon";
import { openEnvironment, projectDir } from "../project";
import { elapsed } from "../terminal";
import { Connection, median, sign, type SignedRequest, type SigningKeys, time, wire } from "./signed";

/** One measured figure; a budget is what the project promises for it. */
interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly budget?: string;
  readonly met?: boolean;
}

const stateDir = join(projectDir, ".peregrine", "bench");
const region = "eu-central-1";
const figures: Figure[] = [];

function record(name: string, value: number, unit: string, budget?: { text: string; met: boolean }): void {
  figures.push({ name, value: Number(value.toPrecision(4)), unit, budget: budget?.text, met: budget?.met });
  console.log(`${name}: ${value.toPrecision(4)} ${unit}${budget ? ` (${budget.text}${budget.met ? "" : ", NOT MET"})` : ""}`);
}

async function main(): Promise<void> {
  const started = performance.now();
  const starting = performance.now();
  const server = await startDaemon({ stateDir, port: 0, providerPort: 0, fresh: true, extraImages: { "bench-echo": { entrypoint: [process.execPath, join(__dirname, "echo-container.mjs")] } } });
  record("start of the local cloud", (performance.now() - starting) / 1000, "s");
  Object.assign(process.env, environmentOf(server));
  try {
    await benchServing(server.url, server.accountId, keysOf(server.credentialsFile));
    await benchEngine();
  } finally {
    await stopDaemon(stateDir);
    rmSync(stateDir, { recursive: true, force: true });
  }
  write();
  console.log(`measured in ${elapsed(performance.now() - started)}`);
  if (figures.some((figure) => figure.met === false)) process.exitCode = 1;
}

/** Control plane and invocations, each against its yardstick in the same run. */
async function benchServing(url: string, account: string, keys: SigningKeys): Promise<void> {
  await makeEndpoint(account);
  const json = (target: string, body: object): [Record<string, string>, Buffer] => [
    { "content-type": "application/x-amz-json-1.1", "x-amz-target": `SageMaker.${target}` },
    Buffer.from(JSON.stringify(body)),
  ];
  const describe = await sign(url, "/", "sagemaker", ...json("DescribeEndpoint", { EndpointName: "bench" }), keys);
  const moto = await startMoto();
  try {
    // moto has no endpoint of ours: its own, of the same shape, made by the same calls.
    const client = new SageMakerClient({ region, endpoint: moto.url, credentials: keys });
    await client.send(new CreateModelCommand({ ModelName: "bench", ExecutionRoleArn: `arn:aws:iam::${account}:role/bench`, PrimaryContainer: { Image: "i", ModelDataUrl: "s3://b/m.tar.gz" } }));
    await client.send(new CreateEndpointConfigCommand({ EndpointConfigName: "bench", ProductionVariants: [{ VariantName: "champion", ModelName: "bench", InitialInstanceCount: 1, InstanceType: "ml.m5.large" }] }));
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
    record("DescribeEndpoint, one connection, local cloud", ourRate, "requests/s");
    record("DescribeEndpoint, one connection, moto", theirRate, "requests/s");
    const ratio = median(ratios);
    record("DescribeEndpoint, local cloud over moto", ratio, "times", { text: "at least 8 times", met: ratio >= 8 });
  } finally {
    moto.stop();
  }
  const direct = await startEcho();
  try {
    const body = Buffer.alloc(50_000, 1);
    const through = await sign(url, "/endpoints/bench/invocations", "sagemaker", { "content-type": "image/jpeg" }, body, keys);
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
    record("InvokeEndpoint, what the gateway adds (50 kB image)", overhead, "ms", { text: "at most 2 ms", met: overhead <= 2 });
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

/** `up`, and a warm `preview`, of the production stack under the policy pack. */
async function benchEngine(): Promise<void> {
  const prod = await openEnvironment("prod");
  const timed = async (action: () => Promise<unknown>) => {
    const started = performance.now();
    await action();
    return (performance.now() - started) / 1000;
  };
  const up = await timed(() => prod.up());
  record("pulumi up of prod, from nothing", up, "s", { text: "at most 20 s", met: up <= 20 });
  const previews: number[] = [];
  for (let round = 0; round < 3; round += 1) previews.push(await timed(() => prod.preview()));
  const preview = median(previews);
  record("pulumi preview of prod with the policy pack, warm", preview, "s", { text: "at most 10 s", met: preview <= 10 });
  record("pulumi destroy of prod", await timed(() => prod.destroy()), "s");
}

/** An endpoint whose container does nothing. */
async function makeEndpoint(account: string): Promise<void> {
  const settings = { region };
  const roleArn = `arn:aws:iam::${account}:role/bench`;
  const trust = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: { Service: "sagemaker.amazonaws.com" }, Action: "sts:AssumeRole" }] };
  const allow = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: ["s3:*", "ecr:*", "logs:*", "cloudwatch:*"], Resource: "*" }] };
  const iam = new IAMClient(settings);
  await iam.send(new CreateRoleCommand({ RoleName: "bench", AssumeRolePolicyDocument: JSON.stringify(trust) }));
  await iam.send(new PutRolePolicyCommand({ RoleName: "bench", PolicyName: "bench", PolicyDocument: JSON.stringify(allow) }));
  const s3 = new S3Client(settings);
  await s3.send(new CreateBucketCommand({ Bucket: "bench", CreateBucketConfiguration: { LocationConstraint: region } }));
  await s3.send(new PutObjectCommand({ Bucket: "bench", Key: "model.tar.gz", Body: emptyArchive() }));
  const sagemaker = new SageMakerClient(settings);
  const image = `${account}.dkr.ecr.${region}.amazonaws.com/bench-echo:1`;
  await sagemaker.send(new CreateModelCommand({ ModelName: "bench", ExecutionRoleArn: roleArn, PrimaryContainer: { Image: image, ModelDataUrl: "s3://bench/model.tar.gz" } }));
  await sagemaker.send(new CreateEndpointConfigCommand({ EndpointConfigName: "bench", ProductionVariants: [{ VariantName: "champion", ModelName: "bench", InitialInstanceCount: 1, InstanceType: "ml.m5.large" }] }));
  await sagemaker.send(new CreateEndpointCommand({ EndpointName: "bench", EndpointConfigName: "bench" }));
  for (;;) {
    const { EndpointStatus, FailureReason } = await sagemaker.send(new DescribeEndpointCommand({ EndpointName: "bench" }));
    if (EndpointStatus === "InService") return;
    if (EndpointStatus === "Failed") throw new Error(`the echo endpoint failed: ${FailureReason}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** `model.tar.gz` of a model that needs nothing. */
function emptyArchive(): Buffer {
  return execFileSync("tar", ["-czf", "-", "-T", "/dev/null"]);
}

interface Peer {
  readonly url: string;
  stop(): void;
}

/** A plain moto server, as its own documentation starts it. */
async function startMoto(): Promise<Peer> {
  const port = await freePort();
  return waitFor(spawn(join(projectDir, ".venv", "bin", "moto_server"), ["-H", "127.0.0.1", "-p", String(port)], { stdio: "ignore" }), `http://127.0.0.1:${port}`);
}

async function startEcho(): Promise<Peer> {
  const port = await freePort();
  return waitFor(spawn(process.execPath, [join(__dirname, "echo-container.mjs"), String(port)], { stdio: "ignore" }), `http://127.0.0.1:${port}`);
}

async function waitFor(child: ChildProcess, url: string): Promise<Peer> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`${child.spawnfile} ended with exit code ${child.exitCode}`);
    try {
      await fetch(url);
      return { url, stop: () => void child.kill() };
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** The access key of the profile `ab`. */
function keysOf(credentialsFile: string): SigningKeys {
  const text = readFileSync(credentialsFile, "utf8");
  const value = (name: string) => new RegExp(`^${name}\\s*=\\s*(\\S+)`, "m").exec(text)![1]!;
  return { accessKeyId: value("aws_access_key_id"), secretAccessKey: value("aws_secret_access_key"), region };
}

function write(): void {
  mkdirSync(join(projectDir, "bench"), { recursive: true });
  writeFileSync(join(projectDir, "bench", "results.json"), JSON.stringify({ node: process.version, figures }, undefined, 2) + "\n");
  const rows = figures.map(({ name, value, unit, budget, met }) => `| ${name} | ${value} ${unit} | ${budget ? `${budget}: ${met ? "met" : "**not met**"}` : ""} |`);
  writeFileSync(
    join(projectDir, "docs", "performance.md"),
    ["# Performance", "", "Written by `npm run bench`; figures of one run on one machine, so read ratios first. The data is in [bench/results.json](../bench/results.json).", "", "| what | measured | budget |", "|---|---|---|", ...rows, ""].join("\n"),
  );
}

main().catch((error: unknown) => {
  console.error((error as Error).stack ?? String(error));
  process.exitCode = 1;
});
