import assert from "node:assert/strict";
import { CloudWatchClient, ListDashboardsCommand } from "@aws-sdk/client-cloudwatch";
import { DescribeVpcsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { GetRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { GetFunctionCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetBucketTaggingCommand, S3Client } from "@aws-sdk/client-s3";
import { ListModelsCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { Cloud } from "../../../local/cloud";
import { FailureLog } from "../../../local/failure-log";
import { startGateway, type Gateway } from "../../../local/gateway/gateway";
import { BotocoreModels } from "../../../local/model/models";
import { venv } from "../support";

interface Told {
  readonly name: string;
  readonly message: string;
  readonly $metadata: { readonly httpStatusCode: number; readonly requestId?: string };
}

/** A handler that throws what no handler should: real clients, one for each wire protocol, see no trace of it. */
describe("a fault of the local cloud", () => {
  const credentials = { accessKeyId: "AKIATESTTESTTESTTEST", secretAccessKey: "secret" };
  const principal = {
    type: "user",
    arn: "arn:aws:iam::111122223333:user/u",
    accountId: "111122223333",
    id: "A",
  } as const;
  let cloud: Cloud;
  let gateway: Gateway;
  let entries: string[];

  before(async () => {
    cloud = new Cloud({
      models: new BotocoreModels({ venv }),
      failures: new FailureLog((entry) => void entries.push(entry)),
    });
    cloud.authoriser = { authorise: () => undefined };
    const planted = () => {
      throw new TypeError("planted");
    };
    for (const [id, operation] of [
      ["sagemaker", "ListModels"],
      ["cloudwatch", "ListDashboards"],
      ["iam", "GetRole"],
      ["ec2", "DescribeVpcs"],
      ["lambda", "GetFunction"],
      ["s3", "GetBucketTagging"],
    ] as const)
      cloud.register({ id, operations: { [operation]: planted } });
    gateway = await startGateway({ cloud, port: 0, credentialsOf: () => ({ ...credentials, principal }) });
  });
  beforeEach(() => {
    entries = [];
  });
  after(() => gateway.close());

  const config = () => ({ endpoint: gateway.url, region: "eu-central-1", credentials, maxAttempts: 1 });
  const protocols: Readonly<Record<string, () => Promise<unknown>>> = {
    json: () => new SageMakerClient(config()).send(new ListModelsCommand({})),
    "smithy-rpc-v2-cbor": () => new CloudWatchClient(config()).send(new ListDashboardsCommand({})),
    query: () => new IAMClient(config()).send(new GetRoleCommand({ RoleName: "r" })),
    ec2: () => new EC2Client(config()).send(new DescribeVpcsCommand({})),
    "rest-json": () => new LambdaClient(config()).send(new GetFunctionCommand({ FunctionName: "f" })),
    "rest-xml": () =>
      new S3Client({ ...config(), forcePathStyle: true }).send(new GetBucketTaggingCommand({ Bucket: "bucket" })),
  };

  for (const [protocol, send] of Object.entries(protocols))
    it(`is told over ${protocol} as InternalFailure with an id, under which the log has the trace`, async () => {
      const told = (await send().then(
        () => assert.fail("the planted handler answered"),
        (error: unknown) => error,
      )) as Told;
      assert.equal(told.name, "InternalFailure");
      assert.equal(told.$metadata.httpStatusCode, 500);
      const id = told.$metadata.requestId;
      assert.match(
        told.message,
        new RegExp(`^The local cloud failed at \\S+ by a fault of its own\\. .* under ${id}\\.$`),
      );
      assert.equal(entries.length, 1);
      assert.match(entries[0]!, new RegExp(`${id} \\S+: TypeError: planted\\n +at .*internal-failure\\.spec`));
    });

  it("is told without its trace in the audit trail too, and to callers from inside", async () => {
    await assert.rejects(
      cloud.as(principal, "sagemaker", "ListModels", {}, "test"),
      ({ code, message, status }: { code: string; message: string; status: number }) =>
        code === "InternalFailure" && status === 500 && !message.includes("planted"),
    );
    const [record] = cloud.audit.recent();
    assert.equal(record!.errorCode, "InternalFailure");
    assert.doesNotMatch(JSON.stringify(record), /planted|spec\.ts/);
    assert.equal(entries.length, 1);
  });
});
