import assert from "node:assert/strict";
import { startRelease } from "../../functions/start-release";
import { approvalQueue, requestQueue } from "../../contract/release-request";

const packageArn = "arn:aws:sagemaker:eu-central-1:123456789012:model-package/peregrine-dev-detector/3";
const record = (environment: string, body: unknown, messageId = "m-1") => ({
  messageId,
  body: typeof body === "string" ? body : JSON.stringify(body),
  eventSourceARN: `arn:aws:sqs:eu-central-1:123456789012:${requestQueue(environment)}`,
  attributes: { SenderId: "AROAEXAMPLE:ben" },
});

describe("the function that starts what people ask for", () => {
  /** Builds that CodeBuild knows of, as `having` answers. */
  let known: { startTime: Date; environment: { environmentVariables: { name: string; value: string }[] } }[] = [];
  let full = false;
  beforeEach(() => ([known, full] = [[], false]));
  const build = (startTime: string, variables: Readonly<Record<string, string>> = {}) => ({
    startTime: new Date(startTime),
    environment: {
      environmentVariables: Object.entries({ MODEL_PACKAGE_ARN: packageArn, ...variables }).map(([name, value]) => ({
        name,
        value,
      })),
    },
  });
  const run = async (...Records: object[]) => {
    const started: { project: string; variables: Readonly<Record<string, string>>; token: string }[] = [];
    const lines: string[] = [];
    const start = async (project: string, variables: Readonly<Record<string, string>>, token: string) => {
      if (full) throw new Error("Cannot have more than 1 active builds for the project");
      started.push({ project, variables, token });
    };
    const builds = { start, having: async () => known };
    const answer = await startRelease(
      { Records },
      {
        project: "peregrine-dev-release",
        registry: "dev",
        targets: ["staging", "prod"],
        builds: builds as never,
        log: (line) => void lines.push(line),
      },
    );
    return { started, failed: answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier), lines };
  };

  it("starts one build per request, once however often the message comes, and says who asked by the queue's own knowledge", async () => {
    const { started, failed } = await run(record("prod", { action: "release", modelPackageArn: packageArn }));
    assert.deepEqual(started, [
      {
        project: "peregrine-dev-release",
        variables: { RELEASE_TARGETS: "prod", REQUESTED_BY: "AROAEXAMPLE:ben", MODEL_PACKAGE_ARN: packageArn },
        token: "m-1",
      },
    ]);
    assert.deepEqual(failed, []);
  });

  it("goes back to the release before, or to the one that is named", async () => {
    const { started } = await run(
      record("staging", { action: "rollback" }),
      record("prod", { action: "rollback", to: "r-0e0efc307a86" }, "m-2"),
    );
    assert.deepEqual(
      started.map(({ variables }) => [variables["RELEASE_TARGETS"], variables["ROLLBACK_TO"]]),
      [
        ["staging", "previous"],
        ["prod", "r-0e0efc307a86"],
      ],
    );
  });

  it("begins and ends experiments", async () => {
    const file = JSON.stringify({ design: { name: "it's `one` $(more)" } });
    const { started, failed } = await run(
      record("prod", { action: "start-experiment", modelPackageArn: packageArn, file }),
      record("prod", { action: "end-experiment", experiment: "x-0123456789ab" }, "m-2"),
    );
    assert.deepEqual(failed, []);
    const common = { RELEASE_TARGETS: "prod", REQUESTED_BY: "AROAEXAMPLE:ben" };
    assert.deepEqual(
      started.map(({ variables }) => variables),
      [
        { ...common, MODEL_PACKAGE_ARN: packageArn, START_EXPERIMENT: file },
        { ...common, END_EXPERIMENT: "x-0123456789ab" },
      ],
    );
  });

  it("takes the environment from the queue: no message reaches another one", async () => {
    const { started, failed } = await run(
      record("staging", { action: "release", modelPackageArn: packageArn, environment: "prod" }),
      record("dev", { action: "rollback" }, "m-2"),
    );
    assert.deepEqual([started, failed], [[], ["m-1", "m-2"]]);
  });

  it("does two requests in the order they come, whichever was sent first, and the same one once", async () => {
    const back = record("prod", { action: "rollback" }, "m-2");
    const { started } = await run(back, record("prod", { action: "release", modelPackageArn: packageArn }), back);
    assert.deepEqual(
      started.map(({ token }) => token),
      ["m-2", "m-1", "m-2"],
      "CodeBuild answers the third with the first's build",
    );
  });

  for (const [what, body] of Object.entries({
    "no JSON": "release it",
    "shell in the package's ARN": {
      action: "release",
      modelPackageArn: `${packageArn}"; aws s3 rm --recursive s3://x; "`,
    },
    "shell in the release": { action: "rollback", to: "r-0; reboot" },
    "shell in the experiment": { action: "end-experiment", experiment: "x-0123456789ab; reboot" },
    "a variable of its own": { action: "rollback", CALLBACK_TOKEN: "abcdefghij" },
    "another action": { action: "promote", modelPackageArn: packageArn },
  }))
    it(`starts nothing for ${what}, and leaves the message to the dead letters`, async () => {
      const { started, failed, lines } = await run(record("prod", body));
      assert.deepEqual([started, failed], [[], ["m-1"]]);
      assert.match(lines[0]!, /^message m-1 of AROAEXAMPLE:ben: /);
    });

  describe("of approvals", () => {
    const event = (changes: object = {}, detail: object = {}) => ({
      id: "e-1",
      time: "2026-11-29T10:00:01Z",
      source: "aws.sagemaker",
      "detail-type": "SageMaker Model Package State Change",
      ...changes,
      detail: {
        ModelPackageGroupName: "peregrine-dev-detector",
        ModelPackageArn: packageArn,
        ModelApprovalStatus: "Approved",
        LastModifiedTime: "2026-11-29T10:00:00Z",
        UpdatedModelPackageFields: ["ModelApprovalStatus"],
        ...detail,
      },
    });
    const approval = (body: unknown, messageId?: string) => ({
      ...record("dev", body, messageId),
      eventSourceARN: `arn:aws:sqs:eu-central-1:123456789012:${approvalQueue("dev")}`,
    });

    it("starts a build to all targets, and nobody asked for it", async () => {
      const { started, failed } = await run(approval(event()));
      assert.deepEqual(
        started.map(({ variables }) => variables),
        [{ MODEL_PACKAGE_ARN: packageArn }],
      );
      assert.match(started[0]!.token, /^[0-9a-f]{64}$/);
      assert.deepEqual(failed, []);
    });

    it("starts one build for an event that comes twice under two ids: at once by CodeBuild's token, later by the build that is there", async () => {
      const { started } = await run(approval(event()), approval(event({ id: "e-2" }), "m-2"));
      assert.equal(new Set(started.map(({ token }) => token)).size, 1);
      known = [build("2026-11-29T10:00:05Z")];
      assert.deepEqual((await run(approval(event({ id: "e-2", time: "2026-11-29T12:00:00Z" }), "m-2"))).started, []);
    });

    it("starts nothing for an approval that a later one overtook: the build that is there has read the registry since", async () => {
      const first = approval(event());
      const second = approval(
        event({ id: "e-2", time: "2026-11-29T11:00:01Z" }, { LastModifiedTime: "2026-11-29T11:00:00Z" }),
        "m-2",
      );
      assert.equal((await run(second)).started.length, 1);
      known = [build("2026-11-29T11:00:05Z")];
      assert.deepEqual((await run(first)).started, []);
      assert.deepEqual((await run(second)).started, []);
    });

    it("starts a build each for two packages whose approvals come in the wrong order, under tokens of their own", async () => {
      const other = packageArn.replace("/3", "/4");
      const { started } = await run(
        approval(
          event(
            { id: "e-2", time: "2026-11-29T11:00:01Z" },
            { ModelPackageArn: other, LastModifiedTime: "2026-11-29T11:00:00Z" },
          ),
          "m-2",
        ),
        approval(event()),
      );
      assert.deepEqual(
        started.map(({ variables }) => variables["MODEL_PACKAGE_ARN"]),
        [other, packageArn],
        "`--once` tells the second that it is superseded",
      );
      assert.equal(new Set(started.map(({ token }) => token)).size, 2);
    });

    it("starts another for another approval, and none is made up for by trials, requests or builds of before", async () => {
      known = [
        build("2026-11-29T09:59:00Z"),
        build("2026-11-29T10:30:00Z", { CALLBACK_TOKEN: "abcdefghij" }),
        build("2026-11-29T10:30:00Z", { REQUESTED_BY: "AROA:ben" }),
      ];
      assert.equal((await run(approval(event()))).started.length, 1);
    });

    it("keeps an approval in the queue while another build runs", async () => {
      full = true;
      const { failed, lines } = await run(approval(event()));
      assert.deepEqual(failed, ["m-1"]);
      assert.match(lines[0]!, /Cannot have more than 1 active builds/);
    });

    it("takes a person's request in the queue of approvals for nothing, and an event in the queue of requests", async () => {
      const { started, failed } = await run(
        approval({ action: "release", modelPackageArn: packageArn }),
        record("prod", event(), "m-2"),
      );
      assert.deepEqual([started, failed], [[], ["m-1", "m-2"]]);
    });

    for (const [what, body] of Object.entries({
      "another status": event({}, { ModelApprovalStatus: "Rejected" }),
      "another source": event({ source: "my.own" }),
      "shell in the package's ARN": event({}, { ModelPackageArn: `${packageArn}"; reboot` }),
    }))
      it(`starts nothing for ${what}`, async () => assert.deepEqual((await run(approval(body))).started, []));
  });
});
