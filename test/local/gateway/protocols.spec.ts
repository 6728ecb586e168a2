import assert from "node:assert/strict";
import { CloudWatchClient, GetMetricDataCommand, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { CreateRoleCommand, GetRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { CreateEndpointConfigCommand, DescribeEndpointCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { InvokeEndpointCommand, SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { Cloud } from "../../../local/cloud";
import type { Members } from "../../../local/members";
import type { Handler } from "../../../local/operation";
import type { Service } from "../../../local/service";
import { AwsError } from "../../../local/errors";
import { startGateway, type Gateway } from "../../../local/gateway/gateway";
import { BotocoreModels } from "../../../local/model/models";
import { venv } from "../support";

/** Real SDK clients against handlers of this test: what they send arrives, what is answered comes back. */
describe("the gateway's wire protocols", () => {
  const credentials = { accessKeyId: "AKIATESTTESTTESTTEST", secretAccessKey: "secret" };
  const principal = {
    type: "user",
    arn: "arn:aws:iam::111122223333:user/u",
    accountId: "111122223333",
    id: "AIDA",
  } as const;
  const received = new Map<string, Members>();
  const answers = new Map<string, () => Members>();
  let gateway: Gateway;
  let cloud: Cloud;

  function service(id: string, ...names: string[]): Service {
    const handler =
      (name: string): Handler =>
      (input) => {
        received.set(name, input);
        return answers.get(name)?.() ?? {};
      };
    return { id, operations: Object.fromEntries(names.map((name) => [name, handler(name)])) };
  }

  before(async () => {
    cloud = new Cloud({ models: new BotocoreModels({ venv }) });
    cloud.authoriser = { authorise: () => undefined };
    cloud.register(service("iam", "CreateRole", "GetRole"));
    cloud.register(service("cloudwatch", "PutMetricData", "GetMetricData"));
    cloud.register(service("sagemaker", "CreateEndpointConfig", "DescribeEndpoint"));
    cloud.register(service("sagemaker-runtime", "InvokeEndpoint"));
    cloud.register(service("lambda", "Invoke"));
    gateway = await startGateway({
      cloud,
      port: 0,
      credentialsOf: (id) => (id === credentials.accessKeyId ? { ...credentials, principal } : undefined),
    });
  });
  after(() => gateway.close());

  const config = (): { endpoint: string; region: string; credentials: typeof credentials; maxAttempts: number } => ({
    endpoint: gateway.url,
    region: "eu-central-1",
    credentials,
    maxAttempts: 1,
  });

  it("JSON: nested lists, numbers and timestamps go and come", async () => {
    const client = new SageMakerClient(config());
    await client.send(
      new CreateEndpointConfigCommand({
        EndpointConfigName: "c",
        ProductionVariants: [
          {
            VariantName: "champion",
            ModelName: "m",
            InitialInstanceCount: 2,
            InstanceType: "ml.m5.large",
            InitialVariantWeight: 0.25,
          },
        ],
      }),
    );
    assert.deepEqual(received.get("CreateEndpointConfig"), {
      EndpointConfigName: "c",
      ProductionVariants: [
        {
          VariantName: "champion",
          ModelName: "m",
          InitialInstanceCount: 2,
          InstanceType: "ml.m5.large",
          InitialVariantWeight: 0.25,
        },
      ],
    });
    const created = new Date("2026-11-24T03:51:03.123Z");
    answers.set("DescribeEndpoint", () => ({
      EndpointName: "e",
      EndpointArn: "arn",
      EndpointStatus: "InService",
      CreationTime: created,
      LastModifiedTime: created,
      NotOfAws: "dropped",
    }));
    const described = await client.send(new DescribeEndpointCommand({ EndpointName: "e" }));
    assert.equal(described.CreationTime?.getTime(), created.getTime());
    assert.equal(described.EndpointStatus, "InService");
    assert.equal("NotOfAws" in described, false);
  });

  it("JSON: an error arrives with AWS's name, message and status, and is not retried", async () => {
    answers.set("DescribeEndpoint", () => {
      throw new AwsError("ValidationException", 'Could not find endpoint "arn:x".');
    });
    await assert.rejects(
      new SageMakerClient({ ...config(), maxAttempts: 3 }).send(new DescribeEndpointCommand({ EndpointName: "e" })),
      (error: any) => {
        assert.equal(error.name, "ValidationException");
        assert.equal(error.message, 'Could not find endpoint "arn:x".');
        assert.deepEqual([error.$metadata.httpStatusCode, error.$metadata.attempts], [400, 1]);
        return true;
      },
    );
  });

  it("query and XML: lists of tags, dates, escapes and modelled errors", async () => {
    const client = new IAMClient(config());
    answers.set("CreateRole", () => ({
      Role: {
        Path: "/a/",
        RoleName: "r",
        RoleId: "AROA",
        Arn: "arn",
        CreateDate: new Date("2026-01-02T03:04:05Z"),
        Description: "<&\"'> ü",
        Tags: [{ Key: "k", Value: "" }],
      },
    }));
    const { Role } = await client.send(
      new CreateRoleCommand({
        RoleName: "r",
        AssumeRolePolicyDocument: '{"a":"b&c=d"}',
        Tags: [
          { Key: "k", Value: "v w" },
          { Key: "l", Value: "ü" },
        ],
      }),
    );
    assert.deepEqual(received.get("CreateRole"), {
      RoleName: "r",
      AssumeRolePolicyDocument: '{"a":"b&c=d"}',
      Tags: [
        { Key: "k", Value: "v w" },
        { Key: "l", Value: "ü" },
      ],
    });
    assert.equal(Role?.CreateDate?.toISOString(), "2026-01-02T03:04:05.000Z");
    assert.equal(Role?.Description, "<&\"'> ü");
    assert.deepEqual(Role?.Tags, [{ Key: "k", Value: "" }]);
    answers.set("GetRole", () => {
      throw new AwsError("NoSuchEntity", "The role with name x cannot be found.", 404);
    });
    await assert.rejects(client.send(new GetRoleCommand({ RoleName: "x" })), {
      name: "NoSuchEntityException",
      message: "The role with name x cannot be found.",
    });
  });

  it("CBOR, JSON or query, whichever the CloudWatch client speaks: dates and doubles", async () => {
    const client = new CloudWatchClient(config());
    const at = new Date("2026-11-24T03:51:00Z");
    await client.send(
      new PutMetricDataCommand({
        Namespace: "n",
        MetricData: [{ MetricName: "m", Timestamp: at, Value: 0.5, Dimensions: [{ Name: "d", Value: "v" }] }],
      }),
    );
    assert.deepEqual(received.get("PutMetricData"), {
      Namespace: "n",
      MetricData: [{ MetricName: "m", Timestamp: at, Value: 0.5, Dimensions: [{ Name: "d", Value: "v" }] }],
    });
    answers.set("GetMetricData", () => ({
      MetricDataResults: [{ Id: "a", Timestamps: [at], Values: [1, 2.5], StatusCode: "Complete" }],
    }));
    const { MetricDataResults } = await client.send(
      new GetMetricDataCommand({ StartTime: at, EndTime: at, MetricDataQueries: [] }),
    );
    assert.deepEqual(MetricDataResults, [{ Id: "a", Timestamps: [at], Values: [1, 2.5], StatusCode: "Complete" }]);
  });

  it("REST-JSON: bytes as they are, labels and headers, a modelled error with its members", async () => {
    const client = new SageMakerRuntimeClient(config());
    const image = Buffer.from([0xff, 0xd8, 0, 1, 2, 0x0d, 0x0a]);
    answers.set("InvokeEndpoint", () => ({
      Body: Buffer.from('{"detections":[]}'),
      ContentType: "application/json",
      InvokedProductionVariant: "champion",
    }));
    const output = await client.send(
      new InvokeEndpointCommand({
        EndpointName: "prod-detector",
        Body: image,
        ContentType: "image/jpeg",
        TargetVariant: "champion",
        InferenceId: "i-1",
      }),
    );
    assert.deepEqual(received.get("InvokeEndpoint"), {
      EndpointName: "prod-detector",
      Body: image,
      ContentType: "image/jpeg",
      TargetVariant: "champion",
      InferenceId: "i-1",
    });
    assert.equal(Buffer.from(output.Body!).toString(), '{"detections":[]}');
    assert.equal(output.InvokedProductionVariant, "champion");
    answers.set("InvokeEndpoint", () => {
      throw new AwsError("ModelError", "Received client error (400)", 424, {
        OriginalStatusCode: 400,
        OriginalMessage: "no image",
        LogStreamArn: "arn:logs",
      });
    });
    await assert.rejects(client.send(new InvokeEndpointCommand({ EndpointName: "e", Body: image })), (error: any) => {
      assert.deepEqual(
        [error.name, error.OriginalStatusCode, error.OriginalMessage, error.$metadata.httpStatusCode],
        ["ModelError", 400, "no image", 424],
      );
      return true;
    });
  });

  it("REST-JSON: status code and headers from the output", async () => {
    answers.set("Invoke", () => ({ StatusCode: 202, FunctionError: "Unhandled", Payload: Buffer.from("{}") }));
    const output = await new LambdaClient(config()).send(
      new InvokeCommand({ FunctionName: "f", InvocationType: "Event", Payload: Buffer.from('{"a":1}') }),
    );
    assert.deepEqual(
      [output.StatusCode, output.FunctionError, received.get("Invoke")!.Payload.toString()],
      [202, "Unhandled", '{"a":1}'],
    );
  });

  it("denied requests carry the code of their protocol family", async () => {
    cloud.authoriser = {
      authorise: () => {
        throw new AwsError("AccessDenied", "User: u is not authorized to perform: x", 403);
      },
    };
    try {
      await assert.rejects(new SageMakerClient(config()).send(new DescribeEndpointCommand({ EndpointName: "e" })), {
        name: "AccessDeniedException",
      });
      await assert.rejects(new IAMClient(config()).send(new GetRoleCommand({ RoleName: "r" })), {
        name: "AccessDenied",
      });
    } finally {
      cloud.authoriser = { authorise: () => undefined };
    }
  });

  it("counts what is not implemented and what AWS would ignore", async () => {
    const { ListModelsCommand } = await import("@aws-sdk/client-sagemaker");
    await assert.rejects(new SageMakerClient(config()).send(new ListModelsCommand({})), {
      name: "UnknownOperationException",
    });
    assert.equal(cloud.unimplemented.get("sagemaker:ListModels"), 1);
  });

  it("tells the cloud's time in the Date header", async () => {
    const answer = await fetch(`${gateway.url}/`);
    assert.ok(Math.abs(Date.parse(answer.headers.get("date")!) - cloud.clock.nowMs()) < 2000);
    assert.equal(answer.status, 403);
  });

  it("refuses broken JSON and unsigned requests as AWS does", async () => {
    const unsigned = await fetch(`${gateway.url}/`, {
      method: "POST",
      headers: { "x-amz-target": "SageMaker.ListModels" },
      body: "{}",
    });
    assert.deepEqual(
      [unsigned.status, ((await unsigned.json()) as Members).__type],
      [400, "MissingAuthenticationTokenException"],
    );
  });
});
