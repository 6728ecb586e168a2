import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Mlflow, MlflowError } from "../../aws/mlflow";
import { isDenied } from "../../aws/session";

const app = "arn:aws:sagemaker:eu-central-1:111122223333:mlflow-app/app-0123456789AB";
const server = "arn:aws:sagemaker:us-east-1:111122223333:mlflow-tracking-server/tracking";
const session = { region: "eu-central-1", credentials: { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "secret" } };

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}
type Reply = { readonly status?: number; readonly body?: unknown; readonly headers?: Record<string, string> };

describe("the client of MLflow", () => {
  const seen: Seen[] = [];
  let replies: (request: Seen) => Reply = () => ({});
  let http: Server;
  let url: string;
  const variables = [
    "SAGEMAKER_MLFLOW_CUSTOM_ENDPOINT",
    "MLFLOW_TRACKING_USERNAME",
    "MLFLOW_TRACKING_PASSWORD",
    "MLFLOW_TRACKING_TOKEN",
  ];
  const before = Object.fromEntries(variables.map((name) => [name, process.env[name]]));

  beforeEach(async () => {
    seen.length = 0;
    for (const name of variables) delete process.env[name];
    http = createServer((message, answer) => {
      const chunks: Buffer[] = [];
      message.on("data", (chunk: Buffer) => chunks.push(chunk));
      message.on("end", () => {
        const request = {
          method: message.method!,
          url: message.url!,
          headers: message.headers,
          body: Buffer.concat(chunks).toString(),
        };
        seen.push(request);
        const { status = 200, body = {}, headers = {} } = replies(request);
        answer.writeHead(status, headers).end(typeof body === "string" ? body : JSON.stringify(body));
      });
    });
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
  });

  for (const [arn, header, service, region] of [
    [app, "x-sm-mlflow-app-arn", "sagemaker", "eu-central-1"],
    [server, "x-mlflow-sm-tracking-server-arn", "sagemaker-mlflow", "us-east-1"],
  ] as const)
    it(`says by ${header} which one it means, and signs for ${service} in the Region of its ARN`, async () => {
      process.env["SAGEMAKER_MLFLOW_CUSTOM_ENDPOINT"] = url;
      await Mlflow.of(session, arn).history("r1", "map 50+é");
      assert.equal(seen[0]!.headers[header], arn);
      assert.match(
        String(seen[0]!.headers.authorization),
        new RegExp(
          `^AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/\\d{8}/${region}/${service}/aws4_request, SignedHeaders=.*${header}`,
        ),
      );
      assert.equal(seen[0]!.url, "/api/2.0/mlflow/metrics/get-history?run_id=r1&metric_key=map%2050%2B%C3%A9");
    });

  it("shows an MLflow of somebody else what MLflow's own client would, and no signature", async () => {
    await Mlflow.of(session, `${url}/below`).experiments();
    assert.equal(seen[0]!.headers.authorization, undefined);
    assert.equal(seen[0]!.url, "/below/api/2.0/mlflow/experiments/search");
    process.env["MLFLOW_TRACKING_TOKEN"] = "token";
    await Mlflow.of(session, url).experiments();
    assert.equal(seen[1]!.headers.authorization, "Bearer token");
    process.env["MLFLOW_TRACKING_USERNAME"] = "anna";
    process.env["MLFLOW_TRACKING_PASSWORD"] = "p";
    await Mlflow.of(session, url).experiments();
    assert.equal(seen[2]!.headers.authorization, `Basic ${Buffer.from("anna:p").toString("base64")}`);
  });

  it("reads all pages of runs, with numbers that JSON does not have", async () => {
    const info = { run_id: "a", experiment_id: "7", status: "FINISHED", start_time: 5, artifact_uri: "s3://b/a" };
    replies = ({ url: path, body }) => {
      if (path.endsWith("experiments/search"))
        return { body: { experiments: [{ experiment_id: "7", name: "drones" }] } };
      return JSON.parse(body).page_token === undefined
        ? { body: { runs: [{ info, data: { metrics: [{ key: "loss", value: "NaN" }] } }], next_page_token: "2" } }
        : { body: { runs: [{ info: { ...info, run_id: "b", run_name: "n", end_time: 9 }, data: {} }] } };
    };
    const runs = [];
    for await (const run of Mlflow.of(session, url).runs(["7"], "attributes.status = 'FINISHED'")) runs.push(run);
    assert.deepEqual(runs, [
      {
        id: "a",
        name: "",
        experiment: "drones",
        status: "FINISHED",
        startMs: 5,
        artifactUri: "s3://b/a",
        params: {},
        metrics: { loss: Number.NaN },
        tags: {},
      },
      {
        id: "b",
        name: "n",
        experiment: "drones",
        status: "FINISHED",
        startMs: 5,
        endMs: 9,
        artifactUri: "s3://b/a",
        params: {},
        metrics: {},
        tags: {},
      },
    ]);
    assert.equal(JSON.parse(seen[0]!.body).filter, "attributes.status = 'FINISHED'");
  });

  it("takes artifacts that the server hands out by their path, and says where it cannot", async () => {
    const mlflow = Mlflow.of(session, url);
    replies = ({ url: path }) => (path.endsWith("none") ? { status: 404 } : { body: "bytes" });
    const run = { id: "r", artifactUri: "mlflow-artifacts:/7/r/artifacts" };
    assert.equal(String(await mlflow.artifact(run, "evaluation/a b.json")), "bytes");
    assert.equal(seen[0]!.url, "/api/2.0/mlflow-artifacts/artifacts/7/r/artifacts/evaluation/a%20b.json");
    assert.equal(await mlflow.artifact(run, "none"), undefined);
    await assert.rejects(
      mlflow.artifact({ id: "r", artifactUri: "/tmp/mlruns" }, "x"),
      /artifacts of run r lie in \/tmp/,
    );
  });

  it("asks again what is throttled, and says what MLflow and SageMaker say", async () => {
    const mlflow = Mlflow.of(session, url);
    let calls = 0;
    replies = () => (++calls < 3 ? { status: 429 } : { body: { metrics: [{ value: 1, step: "4", timestamp: "8" }] } });
    assert.deepEqual(await mlflow.history("r", "m"), [{ value: 1, step: 4, timestampMs: 8 }]);
    replies = () => ({ status: 404, body: { error_code: "RESOURCE_DOES_NOT_EXIST", message: "no run r" } });
    assert.equal(await mlflow.run("r"), undefined);
    await assert.rejects(mlflow.history("r", "m"), (error: MlflowError) => {
      assert.deepEqual([error.status, error.code, isDenied(error)], [404, "RESOURCE_DOES_NOT_EXIST", false]);
      return /metrics\/get-history: no run r/.test(error.message);
    });
    replies = () => ({
      status: 403,
      headers: { "x-amzn-errortype": "AccessDeniedException" },
      body: { Message: "no" },
    });
    await assert.rejects(mlflow.run("r"), (error: Error) => isDenied(error));
    replies = () => ({ status: 500, body: "<html>" });
    await assert.rejects(mlflow.run("r"), /HTTP 500/);
  });

  it("says which MLflow does not answer, and why", async () => {
    await assert.rejects(
      Mlflow.of(session, "http://127.0.0.1:1").experiments(),
      /MLflow at http:\/\/127\.0\.0\.1:1 does not answer: .*(ECONNREFUSED|bad port)/,
    );
  });

  it("refuses what is no MLflow", () => {
    for (const uri of ["sqlite:///x.db", "arn:aws:sagemaker:eu-central-1:111122223333:endpoint/x", ""])
      assert.throws(() => Mlflow.of(session, uri), /is no MLflow/);
  });
});
