import assert from "node:assert/strict";
import type { Members } from "../../../../local/members";
import { eventually } from "../../../support/eventually";
import { Account, ACCOUNT, allow, commands } from "./account";

const queueArn = (name: string): string => `arn:aws:sqs:eu-central-1:${ACCOUNT}:${name}`;
const queueUrl = (name: string): string => `https://sqs.eu-central-1.amazonaws.com/${ACCOUNT}/${name}`;

describe("CodeBuild and EventBridge", function () {
  let account: Account;
  let role: string;
  let project: Members;
  before(async () => {
    account = await Account.open();
    role = await account.buildRole("builder");
    project = await account.project("promote", role, commands("echo promote $PACKAGE to $STAGE"));
    for (const name of ["heard", "dead"]) {
      const policy = JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { Service: "events.amazonaws.com" },
            Action: "sqs:SendMessage",
            Resource: queueArn(name),
          },
        ],
      });
      await account.call("sqs", "CreateQueue", { QueueName: name, Attributes: { Policy: policy } });
    }
  });
  after(() => account?.close());

  /** A rule on events of one source, with one target. */
  async function rule(name: string, target: Members): Promise<void> {
    await account.call("events", "PutRule", {
      Name: name,
      EventPattern: JSON.stringify({ source: [`peregrine.${name}`] }),
    });
    await account.call("events", "PutTargets", {
      Rule: name,
      Targets: [{ Id: "build", Arn: project.arn, DeadLetterConfig: { Arn: queueArn("dead") }, ...target }],
    });
  }
  const put = (name: string, detail: Members): Promise<Members> =>
    account.call("events", "PutEvents", {
      Entries: [{ Source: `peregrine.${name}`, DetailType: "Approved", Detail: JSON.stringify(detail) }],
    });
  const builds = async (): Promise<string[]> =>
    (await account.codebuild("ListBuildsForProject", { projectName: "promote" })).ids as string[];

  /** Takes messages from a queue until they satisfy. */
  async function messages(queue: string, enough: (bodies: Members[], raw: Members[]) => boolean): Promise<Members[]> {
    const raw: Members[] = [];
    return eventually(async () => {
      const { Messages = [] } = await account.call("sqs", "ReceiveMessage", {
        QueueUrl: queueUrl(queue),
        MaxNumberOfMessages: 10,
        MessageAttributeNames: ["All"],
      });
      for (const message of Messages as Members[]) {
        raw.push(message);
        await account.call("sqs", "DeleteMessage", { QueueUrl: queueUrl(queue), ReceiptHandle: message.ReceiptHandle });
      }
      const bodies = raw.map(({ Body }) => JSON.parse(String(Body)) as Members);
      assert.ok(enough(bodies, raw), `${raw.length} messages`);
      return queue === "dead" ? raw : bodies;
    });
  }

  it("starts a build for an event, as the target's role, with what a template makes of it", async () => {
    const starter = await account.role("starter", [allow("codebuild:StartBuild", project.arn)], "events.amazonaws.com");
    const variable = (name: string, value: string): string =>
      `{"name": "${name}", "value": ${value}, "type": "PLAINTEXT"}`;
    await rule("approved", {
      RoleArn: starter,
      InputTransformer: {
        InputPathsMap: { package: "$.detail.package" },
        InputTemplate: `{"environmentVariablesOverride": [${variable("PACKAGE", "<package>")}, ${variable("STAGE", '"staging"')}]}`,
      },
    });
    const before = await builds();
    await put("approved", { package: "detector/7" });
    const started = await eventually(async () => {
      const fresh = (await builds()).filter((id) => !before.includes(id));
      assert.equal(fresh.length, 1);
      return fresh[0]!;
    });
    const build = await account.over(started);
    assert.match(build.initiator, /^starter\//);
    assert.match((await account.output(build, /^promote /m)).join("\n"), /^promote detector\/7 to staging$/m);
  });

  it("takes a target's constant input, and nothing from an event as such", async () => {
    const starter = await account.role(
      "starter-constant",
      [allow("codebuild:StartBuild", project.arn)],
      "events.amazonaws.com",
    );
    await rule("constant", {
      RoleArn: starter,
      Input: JSON.stringify({ environmentVariablesOverride: [{ name: "STAGE", value: "prod" }] }),
    });
    await rule("plain", { RoleArn: starter });
    for (const [name, expected] of [
      ["constant", "promote to prod"],
      ["plain", "promote to"],
    ] as const) {
      const before = await builds();
      await put(name, { environmentVariablesOverride: "not for you" });
      const [started] = await eventually(async () => {
        const fresh = (await builds()).filter((id) => !before.includes(id));
        assert.equal(fresh.length, 1);
        return fresh;
      });
      assert.ok((await account.output(await account.over(started!), /^promote to/m)).includes(expected), name);
    }
  });

  it("starts nothing under a role that may not, and tells the dead-letter queue why", async () => {
    const before = await builds();
    await rule("denied", {
      RoleArn: await account.role(
        "wrong",
        [allow("codebuild:StartBuild", `${project.arn}-other`)],
        "events.amazonaws.com",
      ),
    });
    await put("denied", {});
    const untrusting = await account.role(
      "untrusting",
      [allow("codebuild:StartBuild", project.arn)],
      "lambda.amazonaws.com",
    );
    await rule("untrusted", { RoleArn: untrusting });
    await put("untrusted", {});
    const letters = await messages("dead", (_bodies, raw) => raw.length === 2);
    const attribute = (letter: Members, name: string): string => letter.MessageAttributes[name].StringValue as string;
    assert.deepEqual(
      letters.map((letter) => attribute(letter, "ERROR_CODE")),
      ["NO_PERMISSIONS", "NO_PERMISSIONS"],
    );
    assert.ok(
      letters.some((letter) =>
        /codebuild:StartBuild on resource: .*project\/promote/.test(attribute(letter, "ERROR_MESSAGE")),
      ),
    );
    assert.deepEqual(await builds(), before);
  });

  it("sends state and phase changes in AWS's form", async () => {
    await account.call("events", "PutRule", {
      Name: "codebuild",
      EventPattern: JSON.stringify({ source: ["aws.codebuild"], detail: { "project-name": ["told"] } }),
    });
    await account.call("events", "PutTargets", {
      Rule: "codebuild",
      Targets: [{ Id: "queue", Arn: queueArn("heard") }],
    });
    await account.project("told", role, commands("false"));
    const build = await account.run("told", { environmentVariablesOverride: [{ name: "A", value: "1" }] });
    const heard = await messages(
      "heard",
      (bodies) =>
        bodies.some(({ detail }) => detail["build-status"] === "FAILED") &&
        bodies.some(({ detail }) => detail["completed-phase"] === "COMPLETED"),
    );
    const states = heard.filter((event) => event["detail-type"] === "CodeBuild Build State Change");
    assert.deepEqual(states.map(({ detail }) => [detail["build-status"], detail["current-phase"]]).sort(), [
      ["FAILED", "COMPLETED"],
      ["IN_PROGRESS", "SUBMITTED"],
    ]);
    const failed = states.find(({ detail }) => detail["build-status"] === "FAILED")!;
    assert.deepEqual(failed.resources, [build.arn]);
    assert.deepEqual(Object.keys(failed.detail).sort(), [
      "additional-information",
      "build-id",
      "build-status",
      "current-phase",
      "current-phase-context",
      "project-name",
      "version",
    ]);
    assert.equal(failed.detail["build-id"], build.arn);
    const info = failed.detail["additional-information"];
    assert.deepEqual(
      [
        info["build-complete"],
        info["build-number"],
        info.initiator,
        info.environment["compute-type"],
        info.environment["environment-variables"],
      ],
      [true, 1, "root", "BUILD_GENERAL1_SMALL", [{ name: "A", type: "PLAINTEXT", value: "1" }]],
    );
    assert.match(info["build-start-time"], /^[A-Z][a-z]{2} \d{1,2}, \d{4} \d{1,2}:\d\d:\d\d [AP]M$/);
    const phases = new Map(
      heard
        .filter((event) => event["detail-type"] === "CodeBuild Build Phase Change")
        .map(({ detail }) => [detail["completed-phase"], detail]),
    );
    assert.equal(phases.get("BUILD")!["completed-phase-status"], "FAILED");
    assert.equal(
      phases.get("BUILD")!["completed-phase-context"],
      "[COMMAND_EXECUTION_ERROR: Error while executing command: false. Reason: exit status 1]",
    );
    assert.deepEqual(
      [
        phases.get("INSTALL")!["completed-phase-status"],
        phases.get("INSTALL")!["completed-phase-context"],
        typeof phases.get("INSTALL")!["completed-phase-duration-seconds"],
      ],
      ["SUCCEEDED", "[]", "number"],
    );
  });
});
