import assert from "node:assert/strict";
import { join } from "node:path";
import { ObjectStore } from "../../../aws/s3";
import type { AwsSession } from "../../../aws/session";
import { takeRole } from "../../../aws/sts";
import { Bench, policy } from "../../../automation/probe/bench";
import type { Pace } from "../../../automation/probe/pace";
import type { Experiment } from "../../../automation/probe/experiment";
import { experiments } from "../../../automation/probe/experiments";
import { namesOf } from "../../../automation/probe/naming";
import type { ProgramDocuments } from "../../../automation/probe/program";
import { cleanUp } from "../../../automation/probe/run";
import { AwsError } from "../../../local/errors";
import { isRecorded } from "../../../local/read-only";
import type { LocalCloud } from "../../../local/server";
import { documentsOf } from "../../../scripts/probe/place";
import { enter, startTestCloud } from "../../local/support";
import { makeTemporaryFolder } from "../../support/temporary-folder";

const pace: Pace = { pollSeconds: 0.05, minuteSeconds: 1 };
/** Cleaning waits longer than AWS would need, since here this machine is what is slow. */
const patient: Pace = { pollSeconds: 0.05, minuteSeconds: 6 };
const atOnce = 25;
const endless = 999;
const toy = join(__dirname, "..", "..", "local", "services", "sagemaker", "images", "toy.cjs");

describe("experiments that are killed", function () {
  const folder = makeTemporaryFolder();
  let local: LocalCloud;
  let session: AwsSession;
  let leave: () => void;
  let documents: ProgramDocuments;
  let roleArn: string;
  /** How many changes each may still make, by the name of its session. */
  const lives = new Map<string, number>();

  before(async () => {
    local = await startTestCloud({
      speed: 60,
      lags: false,
      images: {
        toy: { entrypoint: [process.execPath, toy] },
        "aws/codebuild/standard": { entrypoint: ["sh"], env: { PATH: "/usr/bin:/bin" } },
      },
      quotas: { "ml.g4dn.xlarge for endpoint usage": 2, "ml.m5.large for endpoint usage": 3 },
    });
    leave = enter(local, join(folder, "aws"));
    session = { profile: "ab", region: local.cloud.region };
    const administrator = { principal: local.administrator.principal, sourceIp: "127.0.0.1", userAgent: "test" };
    const trust = policy([
      { Effect: "Allow", Principal: { AWS: `arn:aws:iam::${local.cloud.accountId}:root` }, Action: "sts:AssumeRole" },
    ]);
    await local.cloud.call("iam", "CreateRole", { RoleName: "tester", AssumeRolePolicyDocument: trust }, administrator);
    await local.cloud.call(
      "iam",
      "PutRolePolicy",
      {
        RoleName: "tester",
        PolicyName: "all",
        PolicyDocument: policy([{ Effect: "Allow", Action: "*", Resource: "*" }]),
      },
      administrator,
    );
    roleArn = `arn:aws:iam::${local.cloud.accountId}:role/tester`;
    const store = new ObjectStore(session);
    await store.createBucket("models-of-ours", session.region);
    await store.put({ bucket: "models-of-ours", key: "model.tar.gz" }, emptyArchive);
    documents = await documentsOf(session, "dev");
    local.cloud.beforeCall = async ({ principal, operation }) => {
      const name = principal.arn.split("/").at(-1)!;
      const left = lives.get(name);
      if (left === undefined) return;
      if (left === 0) throw new AwsError("Killed", `${name} was killed before ${operation}`);
      if (isRecorded(operation)) lives.set(name, left - 1);
    };
  });
  after(async () => {
    leave?.();
    await local?.stop();
  });

  /** Runs an experiment until it has made so many changes. @returns how many it has made. */
  async function dies(experiment: Experiment, changes: number): Promise<number> {
    const sessionName = `${experiment.name}-${changes}`;
    const credentials = await takeRole(session, roleArn, { as: { sourceIdentity: undefined, sessionName } });
    lives.set(sessionName, changes);
    const model = {
      image: `${local.cloud.accountId}.dkr.ecr.eu-central-1.amazonaws.com/toy:1`,
      modelDataUrl: "s3://models-of-ours/model.tar.gz",
    };
    const prefix = namesOf(`x${changes}`, experiment.name);
    const bench = new Bench({
      session: { region: session.region, credentials },
      accountId: local.cloud.accountId,
      prefix,
      documents,
      model,
      minutes: experiment.minutes,
      pace,
      note: () => undefined,
    });
    await experiment.ask(bench).catch(() => undefined);
    return changes - lives.get(sessionName)!;
  }

  it("leave nothing that the next run does not delete, after whatever change they were killed", async () => {
    const left = async () => (await local.cloud.inventory()).map(({ arn }) => arn).filter((arn) => !before.has(arn));
    const before = new Set((await local.cloud.inventory()).map(({ arn }) => arn));
    const cleaned = async (what: string) => {
      assert.ok((await left()).length > 0);
      assert.deepEqual(
        await cleanUp({ session, pace: patient, report: () => undefined }, "peregrine-probe-", "killed runs"),
        [],
        what,
      );
      assert.deepEqual(await left(), [], what);
    };
    const all = await Promise.all(
      experiments.map(async (experiment) => ({ experiment, changes: await dies(experiment, endless) })),
    );
    await cleaned("after their ends");
    const deaths = all.flatMap(({ experiment, changes }) =>
      Array.from({ length: changes - 1 }, (_, at) => ({ experiment, changes: at + 1 })),
    );
    assert.ok(deaths.length > 5 * experiments.length, `${deaths.length} changes`);
    // Several at a time, since most of the time is waiting.
    for (let at = 0; at < deaths.length; at += atOnce) {
      const some = deaths.slice(at, at + atOnce);
      await Promise.all(some.map(({ experiment, changes }) => dies(experiment, changes)));
      await cleaned(some.map(({ experiment: { name }, changes }) => `${name} after ${changes}`).join(", "));
    }
  });
});

/** A gzip-compressed tar archive without a file. */
const emptyArchive = Buffer.from("H4sIAAAAAAAAA2NgGAWjYBSMVAAALq+17wAEAAA=", "base64");
