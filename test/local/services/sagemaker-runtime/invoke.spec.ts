import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import type { Members } from "../../../../local/members";
import { configured, served, startTestCloud, type TestCloud } from "../sagemaker/harness";
import { eventually } from "../../../support/eventually";

describe("InvokeEndpoint", () => {
  let test: TestCloud;
  beforeEach(async () => (test = await startTestCloud({ speed: 60 })));
  afterEach(() => test.stop());
  const sample = (name: string, dimensions: number): number[] =>
    test.samples
      .filter((entry) => entry.name === name && Object.keys(entry.dimensions).length === dimensions)
      .map((entry) => entry.value);

  it("passes content type and custom attributes to the container and back", async () => {
    await configured(test, "alpha");
    await served(test, "shop", "alpha");
    const answer = await test.invoke({
      EndpointName: "shop",
      ContentType: "image/jpeg",
      CustomAttributes: "trace=7",
      Body: Buffer.alloc(1000),
    });
    assert.deepEqual(
      [answer.ContentType, answer.CustomAttributes, answer.InvokedProductionVariant],
      ["application/json", "trace=7", "champion"],
    );
    const body = JSON.parse(answer.Body.toString());
    assert.deepEqual([body.type, body.size], ["image/jpeg", 1000]);
  });

  it("answers what is unknown with ValidationError, as the runtime spells it", async () => {
    await configured(test, "alpha");
    await served(test, "shop", "alpha");
    const refused = (input: Members): Promise<string> =>
      test.refused("InvokeEndpoint", { Body: Buffer.from("x"), ...input }, "sagemaker-runtime");
    assert.equal(
      await refused({ EndpointName: "none" }),
      "ValidationError: Endpoint none of account 111122223333 not found.",
    );
    assert.match(await refused({ EndpointName: "shop", TargetVariant: "v2" }), /^ValidationError: Variant v2 /);
    assert.equal(
      await refused({ EndpointName: "shop", TargetModel: "m.tar.gz" }),
      "ValidationError: Endpoint shop is not a multi-model endpoint and does not support target model header.",
    );
  });

  it("answers a container's error as ModelError with the original status and message", async () => {
    await configured(test, "alpha");
    await served(test, "shop", "alpha");
    const failed = await test.invoke({ EndpointName: "shop", Body: Buffer.from("fail 400") }).catch((error) => error);
    assert.equal(failed.code, "ModelError");
    assert.equal(failed.status, 424);
    assert.match(
      failed.message,
      /^Received client error \(400\) from primary with message "cannot: fail 400"\. See https:\/\/eu-central-1\.console\.aws\.amazon\.com\/.*\/aws\/sagemaker\/Endpoints\/shop in account 111122223333 for more information\.$/,
    );
    assert.deepEqual(failed.members, {
      OriginalStatusCode: 400,
      OriginalMessage: "cannot: fail 400",
      LogStreamArn: "arn:aws:logs:eu-central-1:111122223333:log-group:/aws/sagemaker/Endpoints/shop",
    });
    await test.invoke({ EndpointName: "shop", Body: Buffer.from("fail 500") }).catch(() => undefined);
    await eventually(() => {
      assert.deepEqual(sample("Invocation4XXErrors", 2), [1, 0]);
      assert.deepEqual(sample("Invocation5XXErrors", 2), [0, 1]);
    });
  });

  it("measures each invocation per variant and per configuration, latencies in microseconds", async () => {
    await configured(test, "alpha", { environment: { TOY_PAUSE: "20" } });
    await served(test, "shop", "alpha");
    await test.invoke({ EndpointName: "shop" });
    const [latency] = await eventually(() => {
      const measured = sample("ModelLatency", 2);
      assert.equal(measured.length, 1);
      return measured;
    });
    assert.ok(latency! > 19_000 && latency! < 5_000_000, String(latency));
    const withConfig = test.samples.find(
      (entry) => entry.name === "Invocations" && entry.dimensions.EndpointConfigName,
    )!;
    assert.deepEqual(withConfig.dimensions, {
      EndpointName: "shop",
      VariantName: "champion",
      EndpointConfigName: "alpha",
    });
  });

  it("answers in SageMaker's words for a container that was killed, until its successor is up", async () => {
    await configured(test, "alpha");
    await served(test, "shop", "alpha");
    const ask = (body = "x"): Promise<Members> =>
      test.invoke({ EndpointName: "shop", Body: Buffer.from(body) }).catch((error) => error);
    const first = await ask("die");
    assert.deepEqual([first.code, first.status, first.members.OriginalStatusCode], ["ModelError", 424, 0]);
    const words =
      "Amazon SageMaker could not get a response from the shop endpoint. This can occur when CPU or memory utilization is high. " +
      "To check your utilization, see Amazon CloudWatch. To fix this problem, use an instance type with more CPU capacity or memory.";
    assert.equal(first.members.OriginalMessage, words);
    for (let tries = 0; ; tries++) {
      const answer = await ask();
      if (answer.Body) break;
      assert.deepEqual([answer.code, answer.members.OriginalMessage], ["ModelError", words]);
      assert.ok(tries < 50, String(answer));
      await delay(100);
    }
    await eventually(() => {
      const failed = sample("Invocation5XXErrors", 2).filter((value) => value === 1).length;
      assert.ok(failed > 3, `${failed} failed requests are in the metrics`);
    });
    assert.equal((await test.call("DescribeEndpoint", { EndpointName: "shop" })).EndpointStatus, "InService");
  });

  it("loses with a killed container what it was handling, and nothing of the other instance", async () => {
    await configured(test, "alpha", { variant: { InitialInstanceCount: 2 }, environment: { TOY_PAUSE: "300" } });
    await served(test, "shop", "alpha");
    const pending = Array.from({ length: 20 }, () => test.invoke({ EndpointName: "shop" }));
    const outcomes = Promise.allSettled(pending);
    await delay(100);
    await test.invoke({ EndpointName: "shop", Body: Buffer.from("die") }).catch(() => undefined);
    // Once its end is noticed, everything goes to the instance that is left.
    await eventually(() => test.invoke({ EndpointName: "shop" }));
    await test.invoke({ EndpointName: "shop" });
    const failed = (await outcomes).filter(({ status }) => status === "rejected").length;
    // Binomial(20, 1/2): 0 or 20 once in 500000.
    assert.ok(failed > 0 && failed < 20, `${failed} of 20 failed`);
  });

  it("does not trip over connections that the container closed while idle", async () => {
    await configured(test, "alpha", { environment: { TOY_KEEP_ALIVE: "1" } });
    await served(test, "shop", "alpha");
    for (let index = 0; index < 20; index++) {
      await test.invoke({ EndpointName: "shop" });
      await delay(index % 5);
    }
  });
});

describe("data capture", () => {
  const capture = (changes: Members = {}): Members => ({
    EnableCapture: true,
    InitialSamplingPercentage: 100,
    DestinationS3Uri: "s3://artifacts/capture",
    CaptureOptions: [{ CaptureMode: "Input" }, { CaptureMode: "Output" }],
    CaptureContentTypeHeader: { JsonContentTypes: ["application/json"] },
    ...changes,
  });
  const captured = (test: TestCloud): [string, Members[]][] =>
    [...test.bucket]
      .filter(([key]) => key.startsWith("artifacts/capture/"))
      .map(([key, body]) => [
        key,
        body
          .toString()
          .trim()
          .split("\n")
          .map((line) => JSON.parse(line)),
      ]);

  it("writes JSON Lines in the official layout as the endpoint's role", async () => {
    const test = await startTestCloud({ speed: 60 });
    await configured(test, "alpha", { config: { DataCaptureConfig: capture() } });
    await served(test, "shop", "alpha");
    await test.invoke({
      EndpointName: "shop",
      ContentType: "image/jpeg",
      InferenceId: "id-1",
      Body: Buffer.from("picture"),
    });
    await test.invoke({ EndpointName: "shop", ContentType: "application/json", Body: Buffer.from('{"a":1}') });
    assert.equal(
      (await test.call("DescribeEndpoint", { EndpointName: "shop" })).DataCaptureConfig.CaptureStatus,
      "Started",
    );
    await test.stop();
    const files = captured(test);
    assert.equal(files.length, 1);
    assert.match(
      files[0]![0],
      /^artifacts\/capture\/shop\/champion\/\d{4}\/\d\d\/\d\d\/\d\d\/\d\d-\d\d-\d{3}-[0-9a-f-]{36}\.jsonl$/,
    );
    const [picture, json] = files[0]![1] as [Members, Members];
    assert.deepEqual(picture.captureData.endpointInput, {
      observedContentType: "image/jpeg",
      mode: "INPUT",
      data: Buffer.from("picture").toString("base64"),
      encoding: "BASE64",
    });
    assert.equal(picture.captureData.endpointOutput.encoding, "JSON");
    assert.equal(typeof picture.captureData.endpointOutput.data, "string");
    assert.equal(picture.eventMetadata.inferenceId, "id-1");
    assert.match(picture.eventMetadata.inferenceTime, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.equal(picture.eventVersion, "0");
    assert.equal(json.captureData.endpointInput.data, '{"a":1}');
    assert.ok(test.s3Calls.some((entry) => entry.startsWith("execution PutObject capture/shop/")));
  });

  it("writes within a minute of cloud time", async () => {
    const test = await startTestCloud({ speed: 60 });
    await configured(test, "alpha", { config: { DataCaptureConfig: capture() } });
    await served(test, "shop", "alpha");
    await test.invoke({ EndpointName: "shop" });
    await eventually(() => assert.equal(captured(test).length, 1));
    await test.stop();
  });

  it("samples, and captures only the sides it was asked for", async () => {
    const test = await startTestCloud();
    await configured(test, "half", {
      config: {
        DataCaptureConfig: capture({
          InitialSamplingPercentage: 50,
          CaptureOptions: [{ CaptureMode: "Output" }],
          CaptureContentTypeHeader: undefined,
        }),
      },
    });
    await served(test, "shop", "half");
    for (let index = 0; index < 200; index++) await test.invoke({ EndpointName: "shop" });
    await test.stop();
    const lines = captured(test).flatMap(([, file]) => file);
    // Binomial(200, 1/2): outside 60..140 once in 10^8.
    assert.ok(lines.length > 60 && lines.length < 140, String(lines.length));
    assert.deepEqual(Object.keys(lines[0]!.captureData), ["endpointOutput"]);
    assert.equal(lines[0]!.captureData.endpointOutput.encoding, "BASE64");
  });

  it("tells the endpoint's log, not the caller, when it may not write", async () => {
    const test = await startTestCloud({
      deny: (call) => (call.operation === "PutObject" ? "not allowed to PutObject" : undefined),
    });
    await configured(test, "alpha", { config: { DataCaptureConfig: capture() } });
    await served(test, "shop", "alpha");
    await test.invoke({ EndpointName: "shop" });
    await test.stop();
    assert.ok(
      test.logs.some((entry) => entry.stream === "champion/data-log" && /not allowed to PutObject/.test(entry.line)),
    );
  });
});
