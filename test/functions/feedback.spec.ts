import assert from "node:assert/strict";
import { takeFeedback } from "../../functions/feedback";
import { answerLabel, type FeedbackRefusal, groundTruthLine, maxFeedbackBytes } from "../../contract/labels";

const boxes = [{ class: "tree", box: [1, 2, 30, 40] }];

function request(body: unknown, more: Record<string, unknown> = {}, context: Record<string, unknown> = {}) {
  return {
    headers: { "content-type": "application/json" },
    requestContext: {
      authorizer: { iam: { userArn: "arn:aws:sts::111122223333:assumed-role/peregrine-prod-ml-engineer/ben" } },
      http: { method: "POST" },
      requestId: "0f1e-2d",
      timeEpoch: Date.UTC(2026, 10, 29, 7, 5),
      ...context,
    },
    body: typeof body === "string" ? body : JSON.stringify(body),
    isBase64Encoded: false,
    ...more,
  };
}

function memory() {
  const stored = new Map<string, string>();
  const lines: string[] = [];
  return {
    stored,
    lines,
    bucket: "bucket",
    endpoint: "peregrine-prod-detector",
    objects: {
      put: async ({ bucket, key }: { bucket: string; key: string }, body: Buffer | string) =>
        void stored.set(`${bucket}/${key}`, String(body)),
    },
    log: (line: string) => void lines.push(line),
  };
}

describe("feedback about answers", () => {
  it("is kept as ground truth by the hour in which it came, with who signed it", async () => {
    const place = memory();
    const labels = [
      { inferenceId: "flight-7/0001", boxes, annotator: "ada", sample: "random" },
      { inferenceId: "flight-7/0002", verdicts: [{ detection: 0, verdict: "wrong" }] },
    ];
    const answer = await takeFeedback(request({ labels }), place);
    const key = "labels/peregrine-prod-detector/2026/11/29/07/0f1e-2d.jsonl";
    assert.equal(answer.statusCode, 200);
    assert.deepEqual(JSON.parse(answer.body), { accepted: 2, key, by: "peregrine-prod-ml-engineer/ben" });
    const lines = place.stored
      .get(`bucket/${key}`)!
      .trimEnd()
      .split("\n")
      .map((line) => groundTruthLine.parse(JSON.parse(line)));
    assert.deepEqual(
      lines.map(({ eventMetadata }) => eventMetadata.eventId),
      ["flight-7/0001", "flight-7/0002"],
    );
    assert.deepEqual(
      lines.map(({ groundTruthData }) => answerLabel.parse(JSON.parse(groundTruthData.data))),
      [
        {
          boxes,
          annotator: "ada",
          sample: "random",
          by: "peregrine-prod-ml-engineer/ben",
          at: "2026-11-29T07:05:00.000Z",
        },
        {
          verdicts: [{ detection: 0, verdict: "wrong" }],
          missed: [],
          by: "peregrine-prod-ml-engineer/ben",
          at: "2026-11-29T07:05:00.000Z",
        },
      ],
    );
  });

  it("reads a body that came in base64", async () => {
    const place = memory();
    const body = Buffer.from(JSON.stringify({ labels: [{ inferenceId: "f/1", boxes: [] }] })).toString("base64");
    assert.equal((await takeFeedback(request(body, { isBase64Encoded: true }), place)).statusCode, 200);
  });

  it("is refused whole, with every problem at its place", async () => {
    const place = memory();
    const labels = [
      { inferenceId: "f/1", boxes },
      { inferenceId: "", boxes },
      {
        inferenceId: "f/2",
        boxes: [
          { class: "tree", box: [5, 5, 5, 9] },
          { class: "", box: [1, 2, 3] },
        ],
      },
      { inferenceId: "f/3", boxes, verdicts: [] },
      { inferenceId: "f/4", verdicts: [{ detection: 1, verdict: "other-class" }] },
      { inferenceId: "f/5", boxes, by: "somebody else" },
      "f/6",
    ];
    const answer = await takeFeedback(request({ labels }), place);
    assert.equal(answer.statusCode, 400);
    const { problems, count } = JSON.parse(answer.body) as FeedbackRefusal;
    assert.equal(place.stored.size, 0);
    assert.equal(count, problems.length);
    for (const start of [
      "labels[1].inferenceId: not an inference id",
      "labels[2].boxes[0].box: a box has an extent",
      "labels[2].boxes[1].class",
      "labels[2].boxes[1].box",
      "labels[3]: has either boxes or verdicts",
      "labels[4].verdicts[0]: the verdict other-class",
      "labels[5]: Unrecognized key",
      "labels[6]: no object",
    ])
      assert.ok(
        problems.some((problem) => problem.startsWith(start)),
        `${start} is not among\n${problems.join("\n")}`,
      );
  });

  it("tells the first hundred problems, and how many there are", async () => {
    const labels = Array.from({ length: 300 }, () => ({ inferenceId: "f/1" }));
    const { problems, count } = JSON.parse((await takeFeedback(request({ labels }), memory())).body) as FeedbackRefusal;
    assert.deepEqual([problems.length, count], [100, 300]);
  });

  it("is refused by its form", async () => {
    const many = { labels: Array.from({ length: 1001 }, () => ({ inferenceId: "f/1", boxes: [] })) };
    const cases: [number, unknown][] = [
      [405, request({}, {}, { http: { method: "GET" } })],
      [415, request({}, { headers: { "content-type": "text/plain" } })],
      [413, request("x".repeat(maxFeedbackBytes + 1))],
      [400, request("{")],
      [400, request("[]")],
      [400, request({ labels: [] })],
      [400, request(many)],
    ];
    for (const [status, event] of cases) {
      const place = memory();
      const answer = await takeFeedback(event, place);
      assert.equal(answer.statusCode, status);
      assert.equal(place.stored.size, 0);
      assert.match(place.lines[0]!, /refused 0f1e-2d of peregrine-prod-ml-engineer\/ben/);
    }
  });

  it("of nobody is an error: an event without a signature is none of a URL", async () => {
    await assert.rejects(takeFeedback(request({}, {}, { authorizer: undefined }), memory()), /no signed request/);
    await assert.rejects(takeFeedback({ labels: [] }, memory()), /no signed request/);
  });
});
