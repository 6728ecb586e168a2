import assert from "node:assert/strict";
import type { Members } from "../../../../local/members";
import { eventually } from "../../../support/eventually";
import { makeTemporaryFolder } from "../../../support/temporary-folder";
import { Account, commands, failureOf, phasesOf, processes, projectInput } from "./account";

/** Commands that run until the build is ended from outside. */
const endless = commands("echo shell $$", "sleep 600");
const forgetful = commands("sleep 6011 & sleep 6012");

describe("projects and builds of CodeBuild", function () {
  let account: Account;
  let role: string;
  before(async () => {
    account = await Account.open();
    role = await account.buildRole("builder");
  });
  after(() => account?.close());

  it("keeps a project with CodeBuild's defaults, changes it and forgets it", async () => {
    const project = await account.project("kept", role, commands("true"), {
      description: "first",
      tags: [{ key: "team", value: "vision" }],
    });
    assert.equal(project.arn, "arn:aws:codebuild:eu-central-1:111122223333:project/kept");
    assert.deepEqual(
      [
        project.timeoutInMinutes,
        project.queuedTimeoutInMinutes,
        project.cache,
        project.badge,
        project.projectVisibility,
      ],
      [60, 480, { type: "NO_CACHE" }, { badgeEnabled: false }, "PRIVATE"],
    );
    await account.codebuild("UpdateProject", { name: "kept", description: "second", concurrentBuildLimit: 2 });
    await account.codebuild("UpdateProject", { name: "kept", concurrentBuildLimit: -1 });
    const [after] = (await account.codebuild("BatchGetProjects", { names: [project.arn] })).projects;
    assert.deepEqual(
      [after.description, after.concurrentBuildLimit, after.tags],
      ["second", undefined, [{ key: "team", value: "vision" }]],
    );
    assert.ok(((await account.codebuild("ListProjects", {})).projects as string[]).includes("kept"));
    await account.codebuild("DeleteProject", { name: "kept" });
    await account.codebuild("DeleteProject", { name: "kept" });
    assert.deepEqual((await account.codebuild("BatchGetProjects", { names: ["kept"] })).projectsNotFound, ["kept"]);
  });

  it("refuses with CodeBuild's own errors", async () => {
    await account.project("taken", role, commands("true"));
    const create = (name: string, changes: Members = {}): Promise<string> =>
      account.refused("CreateProject", projectInput(name, role, commands("true"), changes));
    assert.match(
      await create("taken"),
      /^ResourceAlreadyExistsException: Project already exists: arn:aws:codebuild:.*:project\/taken/,
    );
    assert.match(
      await create("a1", { source: { type: "NO_SOURCE" } }),
      /^InvalidInputException: .*NO_SOURCE needs a buildspec/,
    );
    assert.match(
      await create("a1", { source: { type: "S3" } }),
      /^InvalidInputException: Project source location is required/,
    );
    assert.match(await create("a1", { serviceRole: role.replace("role/", "user/") }), /Invalid service role/);
    const twice = { name: "A", value: "1" };
    assert.match(
      await create("a1", {
        environment: {
          type: "LINUX_CONTAINER",
          image: "i",
          computeType: "BUILD_GENERAL1_SMALL",
          environmentVariables: [twice, twice],
        },
      }),
      /Duplicate environment variable: A/,
    );
    assert.match(
      await create("a1", { concurrentBuildLimit: 61 }),
      /^AccountLimitExceededException: Project-level concurrent build limit cannot exceed/,
    );
    assert.match(await create("_bad"), /^ValidationException/);
    assert.match(
      await account.refused("StartBuild", { projectName: "none" }),
      /^ResourceNotFoundException: Project cannot be found: arn:aws:codebuild:.*:project\/none/,
    );
    assert.match(await account.refused("StopBuild", { id: "taken:none" }), /^ResourceNotFoundException/);
    assert.match(
      await account.refused("BatchGetBuilds", { ids: ["nonsense"] }),
      /^InvalidInputException: Invalid build ID/,
    );
    assert.match(await account.refused("UpdateProject", { name: "none" }), /^ResourceNotFoundException/);
  });

  it("refuses in words to start what the local cloud cannot build, though the project may exist", async () => {
    await account.project("remote", role, commands("true"), {
      source: { type: "GITHUB", location: "https://github.com/x/y.git" },
    });
    assert.match(
      await account.refused("StartBuild", { projectName: "remote" }),
      /^InvalidInputException: The local cloud builds from sources of type S3 and NO_SOURCE, not GITHUB/,
    );
    const overridden = await account.run("remote", {
      sourceTypeOverride: "NO_SOURCE",
      buildspecOverride: JSON.stringify(commands("true")),
    });
    assert.equal(overridden.buildStatus, "SUCCEEDED", failureOf(overridden));
    await account.project("artifacts", role, commands("true"), { artifacts: { type: "S3", location: "bucket" } });
    assert.match(await account.refused("StartBuild", { projectName: "artifacts" }), /uploads no artifacts/);
    assert.equal(
      (await account.run("artifacts", { artifactsOverride: { type: "NO_ARTIFACTS" } })).buildStatus,
      "SUCCEEDED",
    );
  });

  it("stops a build at once, and its processes with it", async () => {
    await account.project("stopped", role, forgetful);
    const { id } = await account.start("stopped");
    await eventually(() => assert.equal(processes(/^sleep 601[12]$/).length, 2));
    await account.codebuild("StopBuild", { id });
    const build = await account.over(id);
    assert.deepEqual(
      [build.buildStatus, phasesOf(build).BUILD, "FINALIZING" in phasesOf(build)],
      ["STOPPED", "STOPPED", false],
    );
    assert.equal((await account.codebuild("StopBuild", { id })).build.buildStatus, "STOPPED");
    await eventually(() => assert.deepEqual(processes(/^sleep 601[12]$/), []));
  });

  it("refuses builds beyond the project's limit, and takes the next one as soon as there is room; the same token is answered all the time", async () => {
    await account.project("limited", role, endless, { concurrentBuildLimit: 1 });
    const first = await account.start("limited", { idempotencyToken: "one" });
    assert.equal(
      await account.refused("StartBuild", { projectName: "limited" }),
      "AccountLimitExceededException: Cannot have more than 1 active builds for the project",
    );
    assert.equal((await account.start("limited", { idempotencyToken: "one" })).id, first.id);
    await account.codebuild("StopBuild", { id: first.id });
    await account.over(first.id);
    const next = await account.start("limited");
    assert.equal(next.buildNumber, 2);
    await account.codebuild("StopBuild", { id: next.id });
    await account.over(next.id);
  });

  it("holds builds back beyond the account's limit, in their order; one that waits can be stopped, and waits on after a restart", async () => {
    const folder = makeTemporaryFolder();
    const settings = { concurrentBuilds: 1, stateDir: folder };
    let account = await Account.open(settings);
    await account.project("waiting", await account.buildRole("builder"), endless);
    const ids: string[] = [];
    for (let count = 0; count < 3; count++) ids.push((await account.start("waiting")).id as string);
    await account.inPhase(ids[0]!, "BUILD");
    assert.equal((await account.build(ids[1]!)).currentPhase, "QUEUED");
    await account.codebuild("StopBuild", { id: ids[1] });
    assert.deepEqual(phasesOf(await account.over(ids[1]!)), {
      SUBMITTED: "SUCCEEDED",
      QUEUED: "STOPPED",
      COMPLETED: "",
    });
    await account.close();
    account = await Account.open(settings);
    assert.equal((await account.over(ids[0]!)).buildStatus, "FAULT");
    await account.inPhase(ids[2]!, "BUILD");
    await account.codebuild("StopBuild", { id: ids[2] });
    assert.deepEqual(
      (await Promise.all(ids.map((id) => account.over(id)))).map(({ buildNumber }) => buildNumber),
      [1, 2, 3],
    );
    await account.close();
  });

  it("starts one build for one idempotency token, and another for a retry", async () => {
    await account.project("once", role, commands("echo $X"));
    const first = await account.start("once", {
      idempotencyToken: "t",
      environmentVariablesOverride: [{ name: "X", value: "1" }],
    });
    assert.equal(
      (
        await account.start("once", {
          idempotencyToken: "t",
          environmentVariablesOverride: [{ name: "X", value: "1" }],
        })
      ).id,
      first.id,
    );
    assert.match(
      await account.refused("StartBuild", { projectName: "once", idempotencyToken: "t" }),
      /^InvalidInputException: The idempotency token/,
    );
    await account.over(first.id);
    const again = (await account.codebuild("RetryBuild", { id: first.id })).build as Members;
    assert.notEqual(again.id, first.id);
    assert.match((await account.output(await account.over(again.id), /^1$/m)).join("\n"), /^1$/m);
  });

  it("lists builds, the latest first, and deletes those that are over", async () => {
    await account.project("listed", role, commands("true"));
    const [first, second] = [await account.run("listed"), await account.run("listed")];
    assert.deepEqual((await account.codebuild("ListBuildsForProject", { projectName: "listed" })).ids, [
      second.id,
      first.id,
    ]);
    assert.deepEqual(
      (await account.codebuild("ListBuildsForProject", { projectName: "listed", sortOrder: "ASCENDING" })).ids,
      [first.id, second.id],
    );
    assert.equal((await account.codebuild("ListBuilds", {})).ids[0], second.id);
    await account.project("going", role, endless);
    const going = await account.start("going");
    const deleted = await account.codebuild("BatchDeleteBuilds", { ids: [first.id, going.id, "listed:none"] });
    assert.deepEqual(deleted.buildsDeleted, [first.arn]);
    assert.deepEqual(
      deleted.buildsNotDeleted.map(({ statusCode }: Members) => statusCode),
      ["BUILD_IN_PROGRESS", "BUILD_NOT_FOUND"],
    );
    await account.codebuild("StopBuild", { id: going.id });
    await account.over(going.id);
    assert.deepEqual((await account.codebuild("BatchGetBuilds", { ids: [first.arn, second.arn] })).buildsNotFound, [
      first.arn,
    ]);
  });

  it("shows its projects to the tagging API, which changes their tags through UpdateProject", async () => {
    const { arn } = await account.project("tagged", role, commands("true"), {
      tags: [{ key: "team", value: "vision" }],
    });
    const tagging = (operation: string, input: Members): Promise<Members> =>
      account.call("resourcegroupstaggingapi", operation, input);
    assert.deepEqual(
      (
        await tagging("GetResources", { ResourceTypeFilters: ["codebuild:project"], TagFilters: [{ Key: "team" }] })
      ).ResourceTagMappingList.map(({ ResourceARN }: Members) => ResourceARN),
      [arn],
    );
    assert.deepEqual(
      (await tagging("TagResources", { ResourceARNList: [arn], Tags: { stage: "dev" } })).FailedResourcesMap,
      {},
    );
    await tagging("UntagResources", { ResourceARNList: [arn], TagKeys: ["team"] });
    assert.deepEqual((await account.codebuild("BatchGetProjects", { names: ["tagged"] })).projects[0].tags, [
      { key: "stage", value: "dev" },
    ]);
  });

  it("leaves no processes and no running builds behind when the cloud stops", async () => {
    const other = await Account.open();
    await other.project("last", await other.buildRole("builder"), forgetful);
    await other.start("last");
    await eventually(() => assert.equal(processes(/^sleep 601[12]$/).length, 2));
    await other.close();
    await eventually(() => assert.deepEqual(processes(/^sleep 601[12]$/), []));
  });
});

describe("time in CodeBuild", function () {
  let account: Account;
  let role: string;
  before(async () => {
    account = await Account.open({ speed: 300, concurrentBuilds: 1 });
    role = await account.buildRole("builder");
  });
  after(() => account?.close());

  it("ends a build that outlives its time-out, in cloud time", async () => {
    await account.project("slow", role, {
      version: 0.2,
      phases: { build: { commands: ["sleep 600"], finally: ["echo too late"] } },
    });
    const build = await account.run("slow", { timeoutInMinutesOverride: 15 });
    assert.equal(build.buildStatus, "TIMED_OUT");
    assert.match(failureOf(build), /^BUILD BUILD_TIMED_OUT: Build has timed out/);
    const minutes = (build.endTime - build.startTime) / 60_000;
    assert.ok(minutes >= 15, `${minutes} minutes`);
  });

  it("gives up a build that waits longer than it may", async () => {
    await account.project("busy", role, endless);
    const first = await account.start("busy");
    const second = await account.run("busy", { queuedTimeoutInMinutesOverride: 5 });
    assert.deepEqual([second.buildStatus, phasesOf(second).QUEUED], ["TIMED_OUT", "TIMED_OUT"]);
    await account.codebuild("StopBuild", { id: first.id });
    await account.over(first.id);
  });
});
