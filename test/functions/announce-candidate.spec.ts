import assert from "node:assert/strict";
import { announceCandidate } from "../../functions/announce-candidate";

const event = {
  environment: "dev",
  modelPackageArn: "arn:aws:sagemaker:eu-central-1:123456789012:model-package/peregrine-dev-detector/3",
  pipelineExecutionArn: "arn:aws:sagemaker:eu-central-1:123456789012:pipeline/peregrine-dev-training/execution/abc",
  map50: "0.412",
  map50Gain: "0.032",
  reportUri: "s3://bucket/runs/abc/evaluation/evaluation.json",
};

/** Notifications that only remember. */
function memory(): { sent: string[][]; publish(...message: string[]): Promise<string> } {
  const sent: string[][] = [];
  return { sent, publish: async (...message) => (sent.push(message), "message-1") };
}

describe("announcing a candidate", () => {
  it("tells approvers what waits, how good it is and what to do", async () => {
    const notifications = memory();
    const answer = await announceCandidate(event, { topicArn: "arn:topic", notifications });
    assert.deepEqual(answer, { verdict: "better", messageId: "message-1" });
    const [topic, subject, body] = notifications.sent[0]!;
    assert.equal(topic, "arn:topic");
    assert.equal(subject, "[dev] Candidate peregrine-dev-detector version 3: better than the champion");
    assert.match(body!, /mAP50 0\.412 on the test split\n {2}- \+0\.032 mAP50 against the champion/);
    assert.match(body!, /peregrine approve arn:aws:sagemaker:.*\/3/);
    assert.match(body!, /execution\/abc/);
  });

  it("passes on how the candidate does in staging", async () => {
    const notifications = memory();
    await announceCandidate(
      { ...event, staging: "release r-1 on peregrine-staging-detector, 5 golden images, 37 detections" },
      { topicArn: "arn:topic", notifications },
    );
    assert.match(notifications.sent[0]![2]!, /it runs in staging: release r-1 on peregrine-staging-detector/);
  });

  it("tells the same again when the step runs it twice, and each candidate by itself in whatever order they come", async () => {
    const notifications = memory();
    const later = { ...event, modelPackageArn: event.modelPackageArn.replace("/3", "/4") };
    for (const one of [later, event, event]) await announceCandidate(one, { topicArn: "arn:topic", notifications });
    const subjects = notifications.sent.map(([, subject]) => subject);
    assert.deepEqual(
      subjects.map((subject) => /version (\d)/.exec(subject!)![1]),
      ["4", "3", "3"],
    );
    assert.deepEqual(notifications.sent[1], notifications.sent[2]);
  });

  it("refuses an event that is no candidate, with every wrong member named, and sends nothing", async () => {
    const notifications = memory();
    await assert.rejects(
      announceCandidate(
        { ...event, map50: "good", modelPackageArn: undefined },
        { topicArn: "arn:topic", notifications },
      ),
      (error: Error) => /map50/.test(error.message) && /modelPackageArn/.test(error.message),
    );
    assert.deepEqual(notifications.sent, []);
  });

  it("fails when the message cannot be sent, so that the pipeline's step fails", async () => {
    const notifications = { publish: () => Promise.reject(new Error("AuthorizationError")) };
    await assert.rejects(announceCandidate(event, { topicArn: "arn:topic", notifications }), /AuthorizationError/);
  });
});
