import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import type { Members } from "../../../../local/members";
import { Account, allow, archive, commands, failureOf, phasesOf } from "./account";

describe("a CodeBuild build", function () {
  let account: Account;
  let role: string;
  before(async () => {
    account = await Account.open();
    role = await account.buildRole(
      "builder",
      allow(["s3:GetObject", "s3:GetObjectVersion"], "arn:aws:s3:::sources/*"),
      allow("ssm:GetParameters", "arn:aws:ssm:*:*:parameter/build/*"),
    );
    await account.bucket("sources");
    await account.call("ssm", "PutParameter", { Name: "/build/token", Value: "hush-hush", Type: "SecureString" });
    await account.call("ssm", "PutParameter", { Name: "/other/token", Value: "x", Type: "String" });
  });
  after(() => account?.close());

  it("runs install, pre_build, build and post_build in one shell and records every phase with its times", async () => {
    await account.project("phases", role, {
      version: 0.2,
      env: { variables: { FROM_SPEC: "spec" }, "exported-variables": ["ANSWER", "NOWHERE"] },
      phases: {
        install: { commands: ["unexported=1", "mkdir inner && cd inner"] },
        pre_build: { commands: ["echo unexported is $unexported in $(basename $PWD)"] },
        build: { commands: ["export ANSWER=42", "echo $FROM_SPEC"], finally: ["echo finally of build"] },
        post_build: { commands: ["echo succeeding: $CODEBUILD_BUILD_SUCCEEDING"] },
      },
    });
    const build = await account.run("phases");
    assert.equal(build.buildStatus, "SUCCEEDED", failureOf(build));
    const ok = "SUCCEEDED";
    assert.deepEqual(phasesOf(build), {
      SUBMITTED: ok,
      QUEUED: ok,
      PROVISIONING: ok,
      DOWNLOAD_SOURCE: ok,
      INSTALL: ok,
      PRE_BUILD: ok,
      BUILD: ok,
      POST_BUILD: ok,
      UPLOAD_ARTIFACTS: ok,
      FINALIZING: ok,
      COMPLETED: "",
    });
    for (const phase of (build.phases as Members[]).slice(0, -1))
      assert.ok(phase.endTime >= phase.startTime && phase.durationInSeconds >= 0);
    assert.deepEqual(build.exportedEnvironmentVariables, [
      { name: "ANSWER", value: "42" },
      { name: "NOWHERE", value: "" },
    ]);
    const text = (await account.output(build, /Phase complete: FINALIZING/)).join("\n");
    assert.match(text, /^unexported is 1 in inner$/m);
    assert.match(text, /^spec$[^]*^finally of build$[^]*^succeeding: 1$/m);
    assert.match(text, /^\[Container\] \d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d\.\d+ Entering phase INSTALL$/m);
  });

  it("gives commands CodeBuild's own variables, the project's over the buildspec's, and StartBuild's over both", async () => {
    const environment = {
      type: "LINUX_CONTAINER",
      image: "aws/codebuild/standard:7.0",
      computeType: "BUILD_GENERAL1_SMALL",
      environmentVariables: [
        { name: "B", value: "project" },
        { name: "C", value: "project" },
      ],
    };
    const spec = {
      version: 0.2,
      env: { variables: { A: "spec", B: "spec", C: "spec" } },
      phases: {
        build: {
          commands: [
            "echo $A $B $C $D",
            "env | grep -E '^(CODEBUILD|AWS_(REGION|DEFAULT))' | sort",
            "env | cut -d= -f1 | sort | tr '\\n' ' '",
            "echo home holds $(ls -A $HOME | wc -l)",
          ],
        },
      },
    };
    await account.project("variables", role, spec, { environment });
    const build = await account.run("variables", {
      environmentVariablesOverride: [
        { name: "C", value: "start" },
        { name: "D", value: "new" },
      ],
    });
    const text = (await account.output(build, /home holds/)).join("\n");
    assert.match(text, /^spec project start new$/m);
    for (const line of [
      `CODEBUILD_BUILD_ID=${build.id}`,
      `CODEBUILD_BUILD_ARN=${build.arn}`,
      "CODEBUILD_BUILD_NUMBER=1",
      "CODEBUILD_INITIATOR=root",
      "AWS_REGION=eu-central-1",
      "AWS_DEFAULT_REGION=eu-central-1",
    ])
      assert.ok(text.includes(`\n${line}\n`), line);
    assert.match(text, /CODEBUILD_SRC_DIR=\/.*\/src$/m);
    assert.match(text, /^home holds 0$/m);
    assert.doesNotMatch(text, /\bPULUMI_|AWS_PROFILE/);
    assert.deepEqual(
      build.environment.environmentVariables.map(({ name, value }: Members) => `${name}=${value}`),
      ["B=project", "C=start", "D=new"],
    );
  });

  it("takes an S3 archive as its role, with the buildspec inside, and forgets the folder afterwards", async () => {
    await account.put(
      "sources",
      "app.zip",
      archive(
        {
          "buildspec.yml": "version: 0.2\nphases:\n  build:\n    commands:\n      - ./tool.sh\n      - pwd\n",
          "tool.sh": "#!/bin/sh\necho tool ran\n",
          "ci/other.yml": "version: 0.2\nphases:\n  build:\n    commands:\n      - echo other spec\n",
        },
        ["tool.sh"],
      ),
    );
    await account.project("archive", role, "", { source: { type: "S3", location: "sources/app.zip" } });
    const build = await account.run("archive");
    assert.equal(build.buildStatus, "SUCCEEDED", failureOf(build));
    const lines = await account.output(build, /tool ran/);
    const folder = lines.find((line) => /\/src$/.test(line) && line.startsWith("/"))!;
    assert.equal(existsSync(folder), false);
    assert.match(
      (await account.output(await account.run("archive", { buildspecOverride: "ci/other.yml" }), /other spec/)).join(
        "\n",
      ),
      /other spec/,
    );
  });

  it("builds the version of the archive that it is told to", async () => {
    await account.call("s3", "PutBucketVersioning", {
      Bucket: "sources",
      VersioningConfiguration: { Status: "Enabled" },
    });
    const versions = [];
    for (const word of ["old", "new"])
      versions.push(
        await account.put(
          "sources",
          "versions.zip",
          archive({
            "buildspec.yml": JSON.stringify(commands(`echo the ${word} one`, "echo version $CODEBUILD_SOURCE_VERSION")),
          }),
        ),
      );
    assert.notEqual(versions[0], versions[1]);
    await account.project("versions", role, "", {
      source: { type: "S3", location: "arn:aws:s3:::sources/versions.zip" },
    });
    const old = await account.run("versions", { sourceVersion: versions[0] });
    assert.deepEqual([old.sourceVersion, old.resolvedSourceVersion], [versions[0], versions[0]]);
    assert.ok((await account.output(old, /^version/m)).includes(`version ${versions[0]}`));
    assert.match(
      (await account.output(await account.run("versions"), /^version/m)).join("\n"),
      /^the new one$[^]*^version arn:aws:s3:::sources\/versions\.zip$/m,
    );
  });

  it("fails in DOWNLOAD_SOURCE when the role may not read the source, the object is missing or the buildspec is", async () => {
    await account.put("sources", "bare.zip", archive({ "readme.md": "hello" }));
    await account.bucket("forbidden");
    await account.put("forbidden", "a.zip", archive({ "buildspec.yml": "" }));
    await account.project("sources", role, "", { source: { type: "S3", location: "sources/bare.zip" } });
    const why = async (input: Members): Promise<string> => failureOf(await account.run("sources", input));
    assert.match(await why({}), /^DOWNLOAD_SOURCE YAML_FILE_ERROR: stat .*buildspec\.yml: no such file or directory$/);
    assert.match(await why({ buildspecOverride: "../../x.yml" }), /YAML_FILE_ERROR: stat .*no such file/);
    assert.match(
      await why({ sourceLocationOverride: "sources/none.zip" }),
      /^DOWNLOAD_SOURCE CLIENT_ERROR: (NoSuchKey|AccessDenied)/,
    );
    assert.match(
      await why({ sourceLocationOverride: "forbidden/a.zip" }),
      /^DOWNLOAD_SOURCE CLIENT_ERROR: AccessDenied: User: .*assumed-role\/builder\/AWSCodeBuild-.* is not authorized to perform: s3:GetObject/,
    );
    await account.put("sources", "text.zip", Buffer.from("no archive"));
    assert.match(await why({ sourceLocationOverride: "sources/text.zip" }), /no ZIP archive/);
  });

  it("reads parameters as its role and hides their values in the log", async () => {
    const spec = {
      version: 0.2,
      env: { "parameter-store": { TOKEN: "/build/token" } },
      phases: { build: { commands: ["echo token $TOKEN of length ${#TOKEN}"] } },
    };
    await account.project("parameters", role, spec);
    const build = await account.run("parameters");
    assert.match((await account.output(build, /of length/)).join("\n"), /^token \*\*\* of length 9$/m);
    const start = (name: string) =>
      account.run("parameters", {
        environmentVariablesOverride: [{ name: "TOKEN", value: name, type: "PARAMETER_STORE" }],
      });
    assert.match(
      failureOf(await start("/other/token")),
      /^DOWNLOAD_SOURCE Decrypted Variables Error: AccessDenied.*ssm:GetParameters/,
    );
    assert.match(failureOf(await start("/build/none")), /parameter does not exist: \/build\/none/);
  });

  it("stops a phase at the first failing command, runs its finally commands, and goes on to post_build only after build", async () => {
    const failing = (phase: string, extra: Members = {}): Members => ({
      version: 0.2,
      phases: {
        install: { commands: ["true"] },
        pre_build: { commands: ["true"] },
        build: { commands: ["true"] },
        post_build: { commands: ["echo post $CODEBUILD_BUILD_SUCCEEDING"] },
        [phase]: { commands: ["echo first", "exit 3", "echo never"], finally: ["echo finally ran"], ...extra },
      },
    });
    await account.project("failing", role, commands("true"));
    const run = (spec: Members): Promise<Members> =>
      account.run("failing", { buildspecOverride: JSON.stringify(spec) });
    const early = await run(failing("pre_build"));
    assert.equal(early.buildStatus, "FAILED");
    assert.equal(
      failureOf(early),
      "PRE_BUILD COMMAND_EXECUTION_ERROR: Error while executing command: exit 3. Reason: exit status 3",
    );
    assert.equal("BUILD" in phasesOf(early), false);
    assert.equal(phasesOf(early).FINALIZING, "SUCCEEDED");
    const text = (await account.output(early, /finally ran/)).join("\n");
    assert.doesNotMatch(text, /^never$/m);

    const late = await run(failing("build"));
    assert.equal(late.buildStatus, "FAILED");
    assert.equal(phasesOf(late).POST_BUILD, "SUCCEEDED");
    assert.match((await account.output(late, /^post/m)).join("\n"), /^post 0$/m);

    const aborted = await run(failing("build", { "on-failure": "ABORT" }));
    assert.deepEqual(["POST_BUILD" in phasesOf(aborted), aborted.buildStatus], [false, "FAILED"]);
    const continued = await run(failing("install", { "on-failure": "CONTINUE" }));
    assert.deepEqual(
      [phasesOf(continued).INSTALL, phasesOf(continued).BUILD, continued.buildStatus],
      ["FAILED", "SUCCEEDED", "FAILED"],
    );
  });

  it("says what is wrong with a buildspec", async () => {
    await account.project("wrong", role, commands("true"));
    const why = async (spec: string): Promise<string> =>
      failureOf(await account.run("wrong", { buildspecOverride: spec }));
    assert.match(
      await why("version: 0.1\nphases: {build: {commands: [ls]}}"),
      /YAML_FILE_ERROR: version: must be 0\.2/,
    );
    assert.match(
      await why("version: 0.2\nphases:\n  build:\n    commands:\n      - echo a: b\n"),
      /Expected Commands\[0\] to be of string type: found subkeys instead at line 5 of phase build/,
    );
    assert.match(await why("version: 0.2\nphases:\n  biuld:\n    commands: [ls]\n"), /biuld/);
    assert.match(
      await why("version: 0.2\nenv: {secrets-manager: {A: b}}\nphases:\n  build:\n    commands: [ls]\n"),
      /env: .*secrets-manager/,
    );
    assert.match(await why("version: 0.2\n"), /phases: must be there/);
    assert.match(await why("version: 0.2\nphases: [\n"), /YAML_FILE_ERROR/);
  });

  it("fails in PROVISIONING for an image that nothing stands for", async () => {
    await account.project("image", role, commands("true"));
    assert.match(
      failureOf(
        await account.run("image", { imageOverride: `111122223333.dkr.ecr.eu-central-1.amazonaws.com/none:1` }),
      ),
      /^PROVISIONING BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE: .*'none' does not exist/,
    );
  });

  it("uses bash where the buildspec asks for it", async () => {
    await account.project("bash", role, {
      version: 0.2,
      env: { shell: "bash" },
      phases: { build: { commands: ["words=(a b c); echo ${#words[@]} words"] } },
    });
    assert.match((await account.output(await account.run("bash"), /words$/m)).join("\n"), /^3 words$/m);
  });

  it("finds the directories of a local custom cache as the build before left them, until the cache is made invalid", async () => {
    const spec = {
      version: 0.2,
      cache: { paths: ["kept/**/*", "../out", "taken"] },
      phases: {
        build: {
          commands: [
            "cat kept/number || echo none",
            "echo 7 > kept/number",
            "mkdir -p other",
            "cat other/number || echo 8 > other/number",
          ],
        },
      },
    };
    await account.project("cached", role, spec, { cache: { type: "LOCAL", modes: ["LOCAL_CUSTOM_CACHE"] } });
    const lines = async () => {
      const build = await account.run("cached");
      assert.equal(build.buildStatus, "SUCCEEDED", failureOf(build));
      return (await account.output(build, /Not cached: \.\.\/out/)).join("\n");
    };
    assert.match(await lines(), /^none$/m);
    const second = await lines();
    assert.match(second, /^7$/m);
    assert.doesNotMatch(second, /^8$/m);
    await account.codebuild("InvalidateProjectCache", { projectName: "cached" });
    assert.match(await lines(), /^none$/m);
  });

  it("says in its log what it passes over", async () => {
    await account.project("passed", role, {
      ...commands("true"),
      artifacts: { files: ["**/*"] },
      cache: { paths: ["x"] },
    });
    const build = await account.run("passed");
    assert.equal(build.buildStatus, "SUCCEEDED");
    assert.match(
      (await account.output(build, /Not done/)).join("\n"),
      /artifacts are not uploaded[^]*nothing is cached/,
    );
  });
});
