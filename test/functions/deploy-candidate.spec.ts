import assert from "node:assert/strict";
import { deployCandidate, type Dependencies } from "../../functions/deploy-candidate";
import { endTrial } from "../../functions/end-trial";

const packageArn = "arn:aws:sagemaker:eu-central-1:123456789012:model-package/peregrine-dev-detector/3";
const token = "aB3dE5fG7h";
const message = (changes: object = {}) => ({
  token,
  pipelineExecutionArn: "arn:aws:sagemaker:eu-central-1:123456789012:pipeline/peregrine-dev-training/execution/abc",
  arguments: { modelPackageArn: packageArn },
  status: "Executing",
  ...changes,
});
const records = (...messages: { body: unknown; count?: number }[]) => ({
  Records: messages.map(({ body, count = 1 }, index) => ({
    messageId: `m${index}`,
    body: typeof body === "string" ? body : JSON.stringify(body),
    attributes: { ApproximateReceiveCount: String(count) },
  })),
});

/** Dependencies that remember; builds by token. */
function setUp(found: { buildStatus: string; currentPhase: string; id?: string }[] = [], refuse?: Error) {
  const started: unknown[][] = [];
  const stopped: string[] = [];
  const failed: [string, string][] = [];
  const dependencies: Dependencies = {
    project: "peregrine-dev-release",
    environment: "staging",
    maxReceives: 5,
    builds: {
      start: async (...call) => {
        if (refuse) throw refuse;
        started.push(call);
        return "build-1";
      },
      having: async () => found as never,
      stop: async (id) => void stopped.push(id),
    },
    steps: { failStep: async (...call) => (failed.push(call), true) },
    log: () => undefined,
  };
  return { dependencies, started, stopped, failed };
}

describe("deploying a candidate", () => {
  it("starts a build to staging that knows the package and the token, once for a token", async () => {
    const { dependencies, started } = setUp();
    assert.deepEqual(await deployCandidate(records({ body: message() }), dependencies), { batchItemFailures: [] });
    assert.deepEqual(started, [
      [
        "peregrine-dev-release",
        { MODEL_PACKAGE_ARN: packageArn, RELEASE_TARGETS: "staging", CALLBACK_TOKEN: token },
        token,
      ],
    ]);
  });

  it("does nothing when the message comes again", async () => {
    const { dependencies, started } = setUp([{ buildStatus: "SUCCEEDED", currentPhase: "COMPLETED" }]);
    assert.deepEqual(await deployCandidate(records({ body: message() }), dependencies), { batchItemFailures: [] });
    assert.deepEqual(started, []);
  });

  it("starts one build for a message that is there twice, since both carry the step's token", async () => {
    const { dependencies, started } = setUp();
    assert.deepEqual(await deployCandidate(records({ body: message() }, { body: message() }), dependencies), {
      batchItemFailures: [],
    });
    assert.equal(new Set(started.map(([, , idempotencyToken]) => idempotencyToken)).size, 1);
  });

  it("ends the step when a stop overtakes its start: the build that comes of the late message finds that nobody waits", async () => {
    const { dependencies, started, failed } = setUp();
    assert.deepEqual(
      await deployCandidate(records({ body: message({ status: "Stopping" }) }, { body: message() }), dependencies),
      { batchItemFailures: [] },
    );
    assert.deepEqual(
      failed.map(([of]) => of),
      [token],
    );
    assert.deepEqual(
      started.map(([, variables]) => (variables as Record<string, string>)["CALLBACK_TOKEN"]),
      [token],
      "it ends as `succeedStep` and `failStep` of a step that has ended do: without an error",
    );
  });

  it("reports only those messages that it could not handle, and goes on with the others", async () => {
    const { dependencies, started, failed } = setUp();
    const answer = await deployCandidate(
      records({ body: "no JSON" }, { body: message({ token: "short" }) }, { body: message() }),
      dependencies,
    );
    assert.deepEqual(answer, { batchItemFailures: [{ itemIdentifier: "m0" }, { itemIdentifier: "m1" }] });
    assert.equal(started.length, 1);
    assert.deepEqual(failed, []);
  });

  it("fails the step with the last try, so that no pipeline waits for ever", async () => {
    const { dependencies, failed } = setUp([], new Error("Rate exceeded"));
    await deployCandidate(records({ body: message(), count: 4 }), dependencies);
    assert.deepEqual(failed, []);
    const answer = await deployCandidate(records({ body: message(), count: 5 }), dependencies);
    assert.deepEqual(answer, { batchItemFailures: [{ itemIdentifier: "m0" }] });
    assert.deepEqual(failed, [[token, "No build could be started in 5 tries: Rate exceeded"]]);
  });

  it("takes a build out of the queue when the execution is stopped, or ends the step where there is none", async () => {
    const queued = setUp([
      { buildStatus: "IN_PROGRESS", currentPhase: "QUEUED", id: "b1" },
      { buildStatus: "FAILED", currentPhase: "COMPLETED", id: "b0" },
    ]);
    await deployCandidate(records({ body: message({ status: "Stopping" }) }), queued.dependencies);
    assert.deepEqual([queued.stopped, queued.failed], [["b1"], []]);
    const none = setUp();
    await deployCandidate(records({ body: message({ status: "Stopping" }) }), none.dependencies);
    assert.deepEqual(
      none.failed.map(([of]) => of),
      [token],
    );
  });

  it("refuses an event that is none of a queue's", async () => {
    await assert.rejects(deployCandidate({ detail: {} }, setUp().dependencies), /Records/);
  });
});

describe("ending a trial whose build was lost", () => {
  const event = (variables: { name: string; value: string }[], status = "FAILED") => ({
    detail: {
      "build-status": status,
      "build-id": "arn:aws:codebuild:eu-central-1:123456789012:build/peregrine-dev-release:11111111-2222",
      "additional-information": { environment: { "environment-variables": variables } },
    },
  });
  const steps = (waits: boolean) => {
    const failed: [string, string][] = [];
    return { failed, failStep: async (...call: [string, string]) => (failed.push(call), waits) };
  };

  it("fails the step that the build was for, and says which build", async () => {
    const port = steps(true);
    assert.equal(
      await endTrial(event([{ name: "CALLBACK_TOKEN", value: token }], "TIMED_OUT"), port),
      "failed the step",
    );
    assert.deepEqual(port.failed, [
      [
        token,
        "The release build peregrine-dev-release:11111111-2222 ended as TIMED_OUT and said nothing of the candidate: see its log.",
      ],
    ]);
  });

  it("leaves alone what the build has ended itself, and builds that are no trials", async () => {
    assert.equal(await endTrial(event([{ name: "CALLBACK_TOKEN", value: token }]), steps(false)), "was ended before");
    const port = steps(true);
    assert.equal(await endTrial(event([{ name: "MODEL_PACKAGE_ARN", value: packageArn }]), port), "no trial");
    assert.deepEqual(port.failed, []);
  });

  it("does no more when the event comes twice, and each trial by itself in whatever order they end", async () => {
    const waiting = new Set([token, "zZ3dE5fG7h"]);
    const failed: string[] = [];
    const port = { failStep: async (of: string) => waiting.delete(of) && failed.push(of) > 0 };
    const of = (value: string) => event([{ name: "CALLBACK_TOKEN", value }]);
    const done: string[] = [];
    for (const one of [of("zZ3dE5fG7h"), of(token), of("zZ3dE5fG7h")]) done.push(await endTrial(one, port));
    assert.deepEqual(
      [done, failed],
      [
        ["failed the step", "failed the step", "was ended before"],
        ["zZ3dE5fG7h", token],
      ],
    );
  });

  it("refuses an event that is none of a build's, with every wrong member named", async () => {
    await assert.rejects(
      endTrial({ detail: { "build-id": "b" } }, steps(true)),
      (error: Error) => /build-status/.test(error.message) && /additional-information/.test(error.message),
    );
  });
});
