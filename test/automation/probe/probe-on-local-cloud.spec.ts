import { strict as assert } from "node:assert";
import { join } from "node:path";
import { ObjectStore } from "../../../aws/s3";
import type { AwsSession } from "../../../aws/session";
import type { Pace } from "../../../automation/probe/bench";
import { experiments } from "../../../automation/probe/experiments";
import { runProbe } from "../../../automation/probe/run";
import type { Outcome, ProbeReport } from "../../../lifecycle/probe/report";
import type { LocalCloud } from "../../../local/server";
import { documentsOf } from "../../../scripts/probe/place";
import { enter, startTestCloud, temporaryFolder } from "../../local/support";

/** Cloud seconds per real second. */
const speed = 60;
const pace: Pace = { lookSeconds: 0.05, minuteSeconds: 60 / speed };
const toy = join(__dirname, "..", "..", "local", "services", "sagemaker", "images", "toy.cjs");

describe("experiments on an account", function () {
  this.timeout(180_000);
  const folder = temporaryFolder();
  let local: LocalCloud;
  let session: AwsSession;
  let leave: () => void;
  let report: ProbeReport;
  const said: string[] = [];
  const options = () => ({ session, pace, report: (name: string, what: string) => void said.push(`${name}: ${what}`) });
  const inventory = async () => (await local.cloud.inventory()).filter(({ madeBy }) => madeBy === undefined).map(({ arn }) => arn);
  const ours = async () => (await inventory()).filter((arn) => arn.includes("probe"));

  before(async () => {
    local = await startTestCloud({ speed, images: { toy: { entrypoint: [process.execPath, toy] }, "aws/codebuild/standard": { entrypoint: ["sh"], env: { PATH: "/usr/bin:/bin" } } }, quotas: { "ml.g4dn.xlarge for endpoint usage": 2 } });
    leave = enter(local, join(folder.path, "aws"));
    session = { profile: "ab", region: local.cloud.region };
    const store = new ObjectStore(session);
    await store.createBucket("models-of-ours", session.region);
    await store.put({ bucket: "models-of-ours", key: "model.tar.gz" }, emptyArchive);
    const model = { image: `${local.cloud.accountId}.dkr.ecr.eu-central-1.amazonaws.com/toy:1`, modelDataUrl: "s3://models-of-ours/model.tar.gz" };
    const documents = await documentsOf(session, "dev");
    report = await runProbe({ run: experiments, skipped: [], prices: [], budgetUsd: 100 }, { ...options(), documents, model });
  });
  after(async () => {
    leave?.();
    await local?.stop();
    folder.remove();
  });

  const outcome = (name: string): Outcome => report.outcomes.find((one) => one.name === name)!;
  const story = (name: string): string => JSON.stringify(outcome(name), undefined, 1);

  it("ask every question", () => {
    assert.deepEqual(report.outcomes.map(({ name }) => name), experiments.map(({ name }) => name));
    console.log(report.outcomes.map(({ name, verdict, observed, seconds }) => `${name} ${verdict} ${seconds.toFixed(1)} ${observed}`).join("\n"));
    void story;
  });

  it("leave nothing behind", async () => {
    assert.deepEqual(report.leftovers, []);
    assert.deepEqual(await ours(), []);
  });
});

/** A gzip-compressed tar archive without a file. */
const emptyArchive = Buffer.from("H4sIAAAAAAACA2NgGAWjYBSMVAAALq+17wAEAAA=", "base64");
