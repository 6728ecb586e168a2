import { strict as assert } from "node:assert";
import { startRelease } from "../../functions/start-release";
import { requestQueue } from "../../lifecycle/release-request";

const packageArn = "arn:aws:sagemaker:eu-central-1:123456789012:model-package/peregrine-dev-detector/3";
const record = (environment: string, body: unknown, messageId = "m-1") => ({
  messageId,
  body: typeof body === "string" ? body : JSON.stringify(body),
  eventSourceARN: `arn:aws:sqs:eu-central-1:123456789012:${requestQueue(environment)}`,
  attributes: { SenderId: "AROAEXAMPLE:ben" },
});

describe("the function that starts what people ask for", () => {
  const run = async (...Records: object[]) => {
    const started: { project: string; variables: Readonly<Record<string, string>>; token: string }[] = [];
    const lines: string[] = [];
    const builds = { start: async (project: string, variables: Readonly<Record<string, string>>, token: string) => void started.push({ project, variables, token }) };
    const answer = await startRelease({ Records }, { project: "peregrine-dev-release", targets: ["staging", "prod"], builds: builds as never, log: (line) => void lines.push(line) });
    return { started, failed: answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier), lines };
  };

  it("starts one build per request, once however often the message comes, and says who asked by the queue's own knowledge", async () => {
    const { started, failed } = await run(record("prod", { action: "release", modelPackageArn: packageArn }));
    assert.deepEqual(started, [{ project: "peregrine-dev-release", variables: { RELEASE_TARGETS: "prod", REQUESTED_BY: "AROAEXAMPLE:ben", MODEL_PACKAGE_ARN: packageArn }, token: "m-1" }]);
    assert.deepEqual(failed, []);
  });

  it("goes back to the release before, or to the one that is named", async () => {
    const { started } = await run(record("staging", { action: "rollback" }), record("prod", { action: "rollback", to: "r-0e0efc307a86" }, "m-2"));
    assert.deepEqual(started.map(({ variables }) => [variables["RELEASE_TARGETS"], variables["ROLLBACK_TO"]]), [["staging", "previous"], ["prod", "r-0e0efc307a86"]]);
  });

  it("takes the environment from the queue: no message reaches another one", async () => {
    const { started, failed } = await run(record("staging", { action: "release", modelPackageArn: packageArn, environment: "prod" }), record("dev", { action: "rollback" }, "m-2"));
    assert.deepEqual([started, failed], [[], ["m-1", "m-2"]]);
  });

  for (const [what, body] of Object.entries({
    "no JSON": "release it",
    "shell in the package's ARN": { action: "release", modelPackageArn: `${packageArn}"; aws s3 rm --recursive s3://x; "` },
    "shell in the release": { action: "rollback", to: "r-0; reboot" },
    "a variable of its own": { action: "rollback", CALLBACK_TOKEN: "abcdefghij" },
    "another action": { action: "promote", modelPackageArn: packageArn },
  }))
    it(`starts nothing for ${what}, and leaves the message to the dead letters`, async () => {
      const { started, failed, lines } = await run(record("prod", body));
      assert.deepEqual([started, failed], [[], ["m-1"]]);
      assert.match(lines[0]!, /^message m-1 of AROAEXAMPLE:ben: /);
    });
});
