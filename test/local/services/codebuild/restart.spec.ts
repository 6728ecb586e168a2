import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Members } from "../../../../local/members";
import { isAlive } from "../../../../local/lock";
import type { ServerFile } from "../../../../local/main";
import { environmentOf, startDaemon, stopDaemon } from "../../../../scripts/commands/local-daemon";
import { eventually } from "../../../support/eventually";
import { venv } from "../../support";
import { makeTemporaryFolder } from "../../../support/temporary-folder";
import { commands, failureOf, images, processes, projectInput } from "./account";

/** The AWS CLI is a client that knows nothing of us; it speaks CodeBuild's newer protocol (CBOR). */
describe("CodeBuild after a killed local cloud", function () {
  const folder = makeTemporaryFolder();
  const stateDir = join(folder, "state");
  let server: ServerFile;
  const start = async (): Promise<void> =>
    void (server = await startDaemon({ stateDir, port: 0, providerPort: 0, extraImages: images }));
  before(start);
  after(async () => {
    await stopDaemon(stateDir);
  });

  async function aws(...args: string[]): Promise<Members> {
    const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("AWS_")));
    const { stdout } = await promisify(execFile)(join(venv, "bin", "aws"), args, {
      env: { ...clean, ...environmentOf(server), PYTHONWARNINGS: "ignore" },
    });
    return stdout.trim() === "" ? {} : (JSON.parse(stdout) as Members);
  }
  const build = async (id: string): Promise<Members> =>
    (await aws("codebuild", "batch-get-builds", "--ids", id)).builds[0] as Members;

  it("ends what ran as FAULT with a reason, and leaves no process behind", async () => {
    const statement = (extra: Members): string =>
      JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...extra }] });
    const { Role: role } = await aws(
      "iam",
      "create-role",
      "--role-name",
      "builder",
      "--assume-role-policy-document",
      statement({ Principal: { Service: "codebuild.amazonaws.com" }, Action: "sts:AssumeRole" }),
    );
    await aws(
      "iam",
      "put-role-policy",
      "--role-name",
      "builder",
      "--policy-name",
      "own",
      "--policy-document",
      statement({ Action: "logs:*", Resource: "*" }),
    );
    await aws(
      "codebuild",
      "create-project",
      "--cli-input-json",
      JSON.stringify(projectInput("killed", role.Arn, commands("sleep 6041 & sleep 6042"))),
    );
    const running = (await aws("codebuild", "start-build", "--project-name", "killed")).build as Members;
    await eventually(() => assert.equal(processes(/^sleep 604[12]$/).length, 2));
    assert.equal((await build(running.id)).currentPhase, "BUILD");

    process.kill(server.pid, "SIGKILL");
    await eventually(() => assert.deepEqual([isAlive(server.pid), processes(/^sleep 604[12]$/)], [false, []]));
    await start();

    const faulted = await build(running.id);
    assert.deepEqual([faulted.buildStatus, faulted.buildComplete, faulted.currentPhase], ["FAULT", true, "COMPLETED"]);
    assert.match(failureOf(faulted), /^BUILD INTERNAL_ERROR: The local cloud ended while the build ran/);
  });
});
