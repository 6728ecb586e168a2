import assert from "node:assert/strict";
import type { ObjectStore } from "../../../aws/s3";
import { doorHeader, heldImageKey, maxImageBytes, type Rung, rungs } from "../../../contract/front-door";
import { answerHeld } from "../../../functions/answer-held";
import { type Dependencies, openDoor } from "../../../functions/front-door";
import type { Tried } from "../../../functions/front-door/climb";
import type { SentImage } from "../../../functions/front-door/endpoints";

const atMs = Date.UTC(2026, 10, 29, 7, 5);

function request(headers: Record<string, string> = {}, more: object = {}, context: object = {}) {
  return {
    rawPath: "/",
    headers: { "content-type": "image/jpeg", ...headers },
    requestContext: {
      authorizer: { iam: { userArn: "arn:aws:sts::111122223333:assumed-role/peregrine-prod-ml-engineer/ben" } },
      http: { method: "POST" },
      requestId: "0f1e-2d",
      timeEpoch: atMs,
      ...context,
    },
    body: Buffer.from("an image").toString("base64"),
    isBase64Encoded: true,
    ...more,
  };
}
const get = (path: string) => request({}, { rawPath: path, body: "" }, { http: { method: "GET" } });

const good: Tried = { kind: "answer", answer: { text: '{"detections":[]}', variant: "champion" } };
const broken: Tried = { kind: "failure", reasons: ["broken"] };

function place(says: Partial<Record<Rung, Tried>>, more: Partial<Dependencies> = {}) {
  const objects = new Map<string, Buffer>();
  const messages: string[] = [];
  const sent: SentImage[] = [];
  const store: Pick<ObjectStore, "put" | "get" | "exists"> = {
    put: async ({ key }, body) => void objects.set(key, Buffer.from(body)),
    get: async ({ key }) => objects.get(key),
    exists: async ({ key }) => objects.has(key),
  };
  const dependencies: Dependencies = {
    bucket: "bucket",
    queue: "peregrine-prod-held",
    rungs,
    breakers: { use: async () => "serve", note: async () => undefined, settle: async () => undefined },
    endpoints: {
      ask: async (rung, image) => {
        sent.push(image);
        return says[rung] ?? broken;
      },
    },
    objects: store,
    queues: { send: async (_queue, body) => `id-${messages.push(body)}` },
    log: () => undefined,
    elapsed: () => 0,
    ...more,
  };
  const held = (bodies: readonly string[] = messages) =>
    answerHeld(
      { Records: bodies.map((body, index) => ({ messageId: `m${index}`, body })) },
      { ...dependencies, clock: async () => atMs + 90_000 },
    );
  return { dependencies, objects, messages, sent, held };
}

describe("the front door", () => {
  it("answers as the model does, and says who did", async () => {
    const { dependencies, sent } = place({ champion: good });
    const { statusCode, headers, body } = await openDoor(request({ [doorHeader.flight]: "flight-7" }), dependencies);
    assert.equal(statusCode, 200);
    assert.equal(body, '{"detections":[]}');
    assert.deepEqual([headers[doorHeader.server], headers[doorHeader.variant]], ["champion", "champion"]);
    assert.match(headers[doorHeader.inferenceId]!, /^flight-7\/[\w-]{22}$/);
    assert.deepEqual(
      [sent[0]!.inferenceId, sent[0]!.body.toString(), sent[0]!.contentType],
      [headers[doorHeader.inferenceId], "an image", "image/jpeg"],
    );
  });

  it("keeps a client's inference id, and makes one of 64 characters at most where there is none", async () => {
    const { dependencies, sent } = place({ champion: good });
    await openDoor(request({ [doorHeader.inferenceId]: "flight-7/0001" }), dependencies);
    await openDoor(request({ [doorHeader.flight]: "f".repeat(41) }), dependencies);
    await openDoor(request(), dependencies);
    await openDoor(request(), dependencies);
    const ids = sent.map(({ inferenceId }) => inferenceId);
    assert.equal(ids[0], "flight-7/0001");
    assert.deepEqual([ids[1]!.length, new Set(ids).size], [64, 4]);
  });

  it("refuses what it cannot take, and says what to do", async () => {
    const big = Buffer.alloc(maxImageBytes + 1).toString("base64");
    const cases: [number, RegExp, object][] = [
      [405, /by POST/, request({}, {}, { http: { method: "PUT" } })],
      [405, /\/answers\//, get("/elsewhere")],
      [415, /image\/jpeg or image\/png/, request({ "content-type": "application/json" })],
      [413, /Cut it into tiles/, request({}, { body: big })],
      [400, /empty/, request({}, { body: "" })],
      [400, /x-peregrine-flight: 1 to 41/, request({ [doorHeader.flight]: "a/b" })],
      [400, /x-peregrine-inference-id: not an inference id/, request({ [doorHeader.inferenceId]: "x".repeat(65) })],
    ];
    for (const [status, message, event] of cases) {
      const { dependencies, sent } = place({ champion: good });
      const { statusCode, body } = await openDoor(event, dependencies);
      assert.equal(statusCode, status, body);
      assert.match(body, message);
      assert.equal(sent.length, 0);
    }
    const { dependencies } = place({ champion: good });
    const largest = Buffer.alloc(maxImageBytes).toString("base64");
    assert.equal((await openDoor(request({}, { body: largest }), dependencies)).statusCode, 200);
    assert.ok(JSON.stringify(request({}, { body: largest })).length < 6_000_000);
  });

  it("passes on what a model says about the request itself", async () => {
    const refusal: Tried = { kind: "refusal", refusal: { status: 400, message: "no JPEG" }, reasons: ["no JPEG"] };
    const { dependencies } = place({ champion: refusal, standby: refusal });
    const { statusCode, body } = await openDoor(request(), dependencies);
    assert.deepEqual([statusCode, JSON.parse(body)], [400, { message: "no JPEG" }]);
  });

  it("holds what nobody can answer, and gives the answer once somebody could", async () => {
    const says: Partial<Record<Rung, Tried>> = {};
    const { dependencies, held, messages } = place(says);
    const id = "flight 7/ü".replace("ü", "0001");
    const { statusCode, headers, body } = await openDoor(request({ [doorHeader.inferenceId]: id }), dependencies);
    assert.deepEqual([statusCode, headers[doorHeader.server], headers["retry-after"]], [202, "hold", "60"]);
    const { answer } = JSON.parse(body) as { answer: string };
    assert.equal((await openDoor(get(answer), dependencies)).statusCode, 202);
    assert.deepEqual(await held(), { batchItemFailures: [{ itemIdentifier: "m0" }] });
    says.small = good;
    assert.deepEqual(await held(), { batchItemFailures: [] });
    const given = await openDoor(get(answer), dependencies);
    assert.deepEqual(
      [given.statusCode, given.body, given.headers[doorHeader.server]],
      [200, '{"detections":[]}', "small"],
    );
    // The queue may bring it again; by now the champion would say something else.
    says.champion = { kind: "answer", answer: { text: '{"detections":[1]}', variant: "champion" } };
    await held();
    assert.equal((await openDoor(get(answer), dependencies)).body, '{"detections":[]}');
    assert.equal(messages.length, 1);
  });

  it("tells who asks for an unknown answer that there is none", async () => {
    const { dependencies } = place({});
    assert.equal((await openDoor(get("/answers/f%2F1"), dependencies)).statusCode, 404);
    assert.equal((await openDoor(get("/answers/%"), dependencies)).statusCode, 404);
  });

  it("answers a held image that no model takes with what the model said", async () => {
    const says: Partial<Record<Rung, Tried>> = {};
    const { dependencies, held } = place(says);
    await openDoor(request({ [doorHeader.inferenceId]: "f/1" }), dependencies);
    says.champion = { kind: "refusal", refusal: { status: 400, message: "no JPEG" }, reasons: ["400"] };
    says.standby = says.champion;
    assert.deepEqual(await held(), { batchItemFailures: [] });
    assert.equal((await openDoor(get("/answers/f%2F1"), dependencies)).statusCode, 400);
  });

  it("says so when it can keep nothing, and promises nothing then", async () => {
    const down = { send: () => Promise.reject(new Error("SQS is down")) };
    const { dependencies, messages } = place({}, { queues: down });
    const { statusCode, headers, body } = await openDoor(request(), dependencies);
    assert.deepEqual([statusCode, headers["retry-after"], messages.length], [503, "60", 0]);
    assert.match(body, /send it again/);
  });

  it("never believes a message without its image", async () => {
    const { held, objects, dependencies, messages } = place({});
    await openDoor(request({ [doorHeader.inferenceId]: "f/1" }), dependencies);
    objects.delete(heldImageKey("f/1"));
    assert.deepEqual(await held([...messages, "{}"]), {
      batchItemFailures: [{ itemIdentifier: "m0" }, { itemIdentifier: "m1" }],
    });
  });

  it("lets nobody in whose signature AWS has not checked", async () => {
    await assert.rejects(
      openDoor(request({}, {}, { authorizer: undefined }), place({}).dependencies),
      /no signed request/,
    );
  });
});
