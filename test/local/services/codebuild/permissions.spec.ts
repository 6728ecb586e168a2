import assert from "node:assert/strict";
import { inBuild } from "./sdk";
import { Account, allow, commands, failureOf, projectInput } from "./account";

const project = (name: string): string => `arn:aws:codebuild:eu-central-1:111122223333:project/${name}`;

describe("who may do what in CodeBuild", function () {
  let account: Account;
  let role: string;
  before(async () => {
    account = await Account.open();
    role = await account.buildRole("builder");
    await account.project("one", role, commands("true"));
    await account.project("two", role, commands("true"));
  });
  after(() => account?.close());

  it("starts, stops and reads builds of a project only with the permission on that project", async () => {
    const user = await account.user("starter", [
      allow(["codebuild:StartBuild", "codebuild:BatchGetBuilds"], project("one")),
    ]);
    const build = await account.start("one", {}, user);
    assert.equal(build.initiator, "starter");
    assert.match(
      await account.refused("StartBuild", { projectName: "two" }, user),
      /AccessDeniedException: User: .*user\/starter is not authorized to perform: codebuild:StartBuild on resource: arn:aws:codebuild:eu-central-1:111122223333:project\/two/,
    );
    assert.equal((await account.codebuild("BatchGetBuilds", { ids: [build.id] }, user)).builds.length, 1);
    assert.match(
      await account.refused("BatchGetBuilds", { ids: [build.id, "two:x"] }, user),
      /codebuild:BatchGetBuilds on resource: .*project\/two/,
    );
    assert.match(
      await account.refused("StopBuild", { id: build.arn }, user),
      /codebuild:StopBuild on resource: .*project\/one/,
    );
    assert.match(await account.refused("ListProjects", {}, user), /codebuild:ListProjects/);
    await account.over(build.id);
  });

  it("takes a role from nobody who may not pass it to CodeBuild", async () => {
    const passing = (service: string) => ({
      ...allow("iam:PassRole", role),
      Condition: { StringEquals: { "iam:PassedToService": service } },
    });
    const without = await account.user("without", [allow("codebuild:*")]);
    const elsewhere = await account.user("elsewhere", [allow("codebuild:*"), passing("lambda.amazonaws.com")]);
    const maker = await account.user("maker", [allow("codebuild:*"), passing("codebuild.amazonaws.com")]);
    for (const user of [without, elsewhere]) {
      assert.match(
        await account.refused("CreateProject", projectInput("passed", role, commands("true")), user),
        /iam:PassRole on resource: .*role\/builder/,
      );
      assert.match(await account.refused("UpdateProject", { name: "one", serviceRole: role }, user), /iam:PassRole/);
      assert.match(
        await account.refused("StartBuild", { projectName: "one", serviceRoleOverride: role }, user),
        /iam:PassRole/,
      );
    }
    await account.codebuild("CreateProject", projectInput("passed", role, commands("true")), maker);
    await account.codebuild("UpdateProject", { name: "passed", description: "no role handed over" }, without);
  });

  it("refuses a role that does not trust CodeBuild, when the project is made and when a build starts", async () => {
    const lambda = await account.role("lambda-only", [], "lambda.amazonaws.com");
    assert.match(
      await account.refused("CreateProject", projectInput("untrusted", lambda, commands("true"))),
      /^InvalidInputException: CodeBuild is not authorized to perform: sts:AssumeRole on arn:aws:iam::111122223333:role\/lambda-only/,
    );
    await account.project("betrayed", await account.buildRole("turncoat"), commands("true"));
    const trust = {
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: "codebuild.amazonaws.com" },
          Action: "sts:AssumeRole",
          Condition: { ArnEquals: { "aws:SourceArn": project("another") } },
        },
      ],
    };
    await account.call("iam", "UpdateAssumeRolePolicy", {
      RoleName: "turncoat",
      PolicyDocument: JSON.stringify(trust),
    });
    assert.match(
      failureOf(await account.run("betrayed")),
      /^PROVISIONING ACCESS_DENIED: CodeBuild is not authorized to perform: sts:AssumeRole/,
    );
    await account.call("iam", "UpdateAssumeRolePolicy", {
      RoleName: "turncoat",
      PolicyDocument: JSON.stringify(trust).replace("project/another", "project/betrayed"),
    });
    assert.equal((await account.run("betrayed")).buildStatus, "SUCCEEDED");
  });

  it("writes logs only with the role's permission to", async () => {
    await account.project(
      "speechless",
      await account.role("speechless", [allow("logs:CreateLogGroup")]),
      commands("true"),
    );
    assert.match(
      failureOf(await account.run("speechless")),
      /^PROVISIONING ACCESS_DENIED: Service role .*role\/speechless does not allow AWS CodeBuild to create Amazon CloudWatch Logs log streams for build .*\. Error message: User: .*assumed-role\/speechless\/AWSCodeBuild-.* is not authorized to perform: logs:CreateLogStream/,
    );
    await account.call("logs", "CreateLogGroup", { logGroupName: "/ours" });
    const role = await account.role("ours", [
      allow(["logs:CreateLogStream", "logs:PutLogEvents"], "arn:aws:logs:*:*:log-group:/ours:*"),
    ]);
    await account.project("ours", role, commands("echo in our group"), {
      logsConfig: { cloudWatchLogs: { status: "ENABLED", groupName: "/ours", streamName: "ci" } },
    });
    const build = await account.run("ours");
    assert.equal(build.buildStatus, "SUCCEEDED", failureOf(build));
    assert.match(build.logs.streamName, /^ci\/[0-9a-f-]+$/);
    assert.match((await account.output(build, /in our group/)).join("\n"), /^in our group$/m);
    await account.project("silent", await account.role("silent", []), commands("true"), {
      logsConfig: { cloudWatchLogs: { status: "DISABLED" } },
    });
    assert.equal((await account.run("silent")).buildStatus, "SUCCEEDED");
  });

  it("lets an SDK inside a build act as the service role, and not beyond it", async () => {
    await account.project(
      "sdk",
      await account.buildRole("narrow", allow("ssm:PutParameter", "arn:aws:ssm:*:*:parameter/from/build")),
      commands(inBuild.whoAmI, inBuild.put("/from/build"), `${inBuild.put("/from/elsewhere")} || echo denied`),
    );
    const build = await account.run("sdk");
    assert.equal(build.buildStatus, "SUCCEEDED", failureOf(build));
    const text = (await account.output(build, /^denied$/m)).join("\n");
    assert.match(text, /arn:aws:sts::111122223333:assumed-role\/narrow\/AWSCodeBuild-[0-9a-f-]{36}/);
    assert.match(text, /AccessDenied/);
    assert.equal((await account.call("ssm", "GetParameter", { Name: "/from/build" })).Parameter.Value, "written");
  });
});
