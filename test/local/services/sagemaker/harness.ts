import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Call } from "../../../../local/call";
import { Cloud, type CloudOptions } from "../../../../local/cloud";
import type { Members } from "../../../../local/members";
import { type MetricSample, requiresOf, type Service, type ServiceEvent } from "../../../../local/service";
import { AwsError } from "../../../../local/errors";
import type { Principal } from "../../../../local/iam/principal";
import { BotocoreModels } from "../../../../local/model/models";
import type { Isolation } from "../../../../local/runner/isolation";
import { createSageMaker } from "../../../../local/services/sagemaker";
import { createSageMakerRuntime } from "../../../../local/services/sagemaker-runtime";
import { makeTemporaryFolder } from "../../../support/temporary-folder";

const ACCOUNT = "111122223333";
export const ROLE = `arn:aws:iam::${ACCOUNT}:role/peregrine/dev/execution`;
/** An image that is built for GPUs of CUDA 13, and one that runs where they are. */
export const GPU_IMAGE = `${ACCOUNT}.dkr.ecr.eu-central-1.amazonaws.com/toy-cuda:1`;
export const IMAGE = `${ACCOUNT}.dkr.ecr.eu-central-1.amazonaws.com/toy:1`;
const models = new BotocoreModels();
const root: Principal = { type: "root", arn: `arn:aws:iam::${ACCOUNT}:root`, accountId: ACCOUNT, id: ACCOUNT };

const toy = { entrypoint: ["node", join(__dirname, "images", "toy.cjs")] };

/** A cloud with SageMaker, an S3 in memory, and notes of what reached the other services. */
export interface TestCloud {
  readonly cloud: Cloud;
  readonly bucket: Map<string, Buffer>;
  readonly events: ServiceEvent[];
  readonly samples: MetricSample[];
  readonly logs: { group: string; stream: string; line: string }[];
  /** Principals' role and S3 operation of each request, `<role> <operation> <key>`. */
  readonly s3Calls: string[];
  call(operation: string, input: Members, service?: string): Promise<Members>;
  /** @returns code and message of the error that a call must end with. */
  refused(operation: string, input: Members, service?: string): Promise<string>;
  invoke(input: Members): Promise<Members>;
  describeUntil(operation: string, input: Members, done: (answer: Members) => boolean): Promise<Members>;
  endpointUntil(name: string, status: string): Promise<Members>;
  stop(): Promise<void>;
}

export interface TestOptions {
  readonly stateDir?: string;
  readonly speed?: number;
  readonly lags?: CloudOptions["lags"];
  readonly bucket?: Map<string, Buffer>;
  /** Refuses what a principal may not do, in place of IAM. @returns a message, or nothing. */
  readonly deny?: (call: Call, input: Members) => string | undefined;
  readonly isolation?: Isolation;
  /** Closed services that the account used before. */
  readonly existingCustomerOf?: readonly string[];
  readonly services?: (cloud: Cloud) => Service[];
}

export async function startTestCloud(options: TestOptions = {}): Promise<TestCloud> {
  const cloud = new Cloud({ models, speed: options.speed, stateDir: options.stateDir, lags: options.lags });
  const bucket = options.bucket ?? new Map<string, Buffer>();
  const test = {
    events: [] as ServiceEvent[],
    samples: [] as MetricSample[],
    logs: [] as TestCloud["logs"],
    s3Calls: [] as string[],
  };
  Object.assign(cloud.internals, {
    emit: (event: ServiceEvent) => test.events.push(event),
    measure: (samples: MetricSample[]) => test.samples.push(...samples),
    log: (group: string, stream: string, lines: string[]) =>
      test.logs.push(...lines.map((line) => ({ group, stream, line }))),
    assume: (roleArn: string) => {
      if (roleArn.endsWith("/untrusting")) throw new AwsError("AccessDenied", "not trusted", 403);
      return {
        type: "role",
        arn: roleArn.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/") + "/SageMaker",
        accountId: ACCOUNT,
        id: "AROA:SageMaker",
        roleArn,
      };
    },
    credentials: () => ({ accessKeyId: "ASIATEST", secretAccessKey: "secret", sessionToken: "token" }),
  });
  cloud.register(memoryS3(bucket, test.s3Calls));
  cloud.register(
    createSageMaker(cloud, {
      images: {
        toy,
        "toy-cuda": {
          ...toy,
          platform: { architecture: "amd64", cuda: "13.3" },
          entrypointOnGpu: ["node", "--title=gpu", ...toy.entrypoint.slice(1)],
        },
      },
      gatewayUrl: () => "http://127.0.0.1:4599",
      isolation: options.isolation,
      existingCustomerOf: options.existingCustomerOf,
    }),
  );
  cloud.register(createSageMakerRuntime(cloud));
  for (const service of options.services?.(cloud) ?? []) cloud.register(service);
  cloud.authoriser = {
    authorise: (service, input, call) => {
      // The tables must hold for every request, also where nothing is refused.
      requiresOf(service, call.operation)?.(input, call);
      const refusal = options.deny?.(call, input);
      if (refusal) throw new AwsError("AccessDenied", refusal, 403);
    },
  };
  await cloud.start();
  const call = async (operation: string, input: Members, service = "sagemaker"): Promise<Members> =>
    (await cloud.call(service, operation, input, {
      principal: root,
      sourceIp: "127.0.0.1",
      userAgent: "test",
    })) as Members;
  const describeUntil: TestCloud["describeUntil"] = async (operation, input, done) => {
    for (;;) {
      const answer = await call(operation, input);
      if (done(answer)) return answer;
      await delay(20);
    }
  };
  return {
    cloud,
    bucket,
    ...test,
    call,
    invoke: (input) => call("InvokeEndpoint", { Body: Buffer.from("hello"), ...input }, "sagemaker-runtime"),
    refused: async (operation, input, service) => {
      try {
        await call(operation, input, service);
      } catch (error) {
        if (error instanceof AwsError) return `${error.code}: ${error.message}`;
        throw error;
      }
      throw new Error(`${operation} was not refused`);
    },
    describeUntil,
    endpointUntil: (EndpointName, status) =>
      describeUntil("DescribeEndpoint", { EndpointName }, (answer) => answer.EndpointStatus === status),
    stop: () => cloud.stop(),
  };
}

/** A model archive with a name in it, as `train` would write it. */
export function modelArchive(name: string): Buffer {
  const folder = makeTemporaryFolder();
  try {
    writeFileSync(join(folder, "model.json"), JSON.stringify({ name }));
    return execFileSync("tar", ["-czf", "-", "-C", folder, "model.json"]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Model, endpoint configuration and what belongs to them, for one served archive. */
export async function configured(
  test: TestCloud,
  name: string,
  changes: { variant?: Members; config?: Members; environment?: Members; image?: string } = {},
): Promise<void> {
  const key = `models/${name}/model.tar.gz`;
  if (!test.bucket.has(`artifacts/${key}`)) test.bucket.set(`artifacts/${key}`, modelArchive(name));
  await test.call("CreateModel", {
    ModelName: name,
    ExecutionRoleArn: ROLE,
    PrimaryContainer: {
      Image: changes.image ?? IMAGE,
      ModelDataUrl: `s3://artifacts/${key}`,
      Environment: changes.environment ?? {},
    },
  });
  await test.call("CreateEndpointConfig", {
    EndpointConfigName: name,
    ProductionVariants: [
      {
        VariantName: "champion",
        ModelName: name,
        InstanceType: "ml.c6i.large",
        InitialInstanceCount: 1,
        InitialVariantWeight: 1,
        ...changes.variant,
      },
    ],
    ...changes.config,
  });
}

export async function served(test: TestCloud, endpoint: string, config: string): Promise<void> {
  await test.call("CreateEndpoint", { EndpointName: endpoint, EndpointConfigName: config });
  await test.endpointUntil(endpoint, "InService");
}

function memoryS3(bucket: Map<string, Buffer>, calls: string[]): Service {
  const etag = (body: Buffer): string => `"${createHash("md5").update(body).digest("hex")}"`;
  const at = (input: Members): Buffer => {
    const body = bucket.get(`${input.Bucket}/${input.Key}`);
    if (!body) throw new AwsError("NoSuchKey", "The specified key does not exist.", 404);
    return body;
  };
  const noted = (work: (input: Members) => Members) => (input: Members, call: Call) => {
    calls.push(`${call.principal.roleArn?.split("/").pop()} ${call.operation} ${input.Key ?? input.Prefix}`);
    return work(input);
  };
  return {
    id: "s3",
    operations: {
      GetObject: noted((input) => ({ Body: at(input), ETag: etag(at(input)) })),
      HeadObject: noted((input) => ({ ETag: etag(at(input)), ContentLength: at(input).length })),
      PutObject: noted((input) => {
        bucket.set(`${input.Bucket}/${input.Key}`, Buffer.from(input.Body));
        return { ETag: etag(input.Body) };
      }),
      ListObjectsV2: noted((input) => {
        const prefix = `${input.Bucket}/${input.Prefix ?? ""}`;
        if (input.Bucket === "nowhere") throw new AwsError("NoSuchBucket", "The specified bucket does not exist", 404);
        const keys = [...bucket.keys()].filter((key) => key.startsWith(prefix)).sort();
        return {
          Contents: keys.map((key) => ({
            Key: key.slice(String(input.Bucket).length + 1),
            ETag: etag(bucket.get(key)!),
            Size: bucket.get(key)!.length,
          })),
          IsTruncated: false,
        };
      }),
    },
  };
}
