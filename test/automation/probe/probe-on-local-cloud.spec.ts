import { strict as assert } from "node:assert";
import { join } from "node:path";
import { ObjectStore } from "../../../aws/s3";
import { Roles } from "../../../aws/iam-roles";
import { Experiments } from "../../../aws/sagemaker-experiments";
import type { AwsSession } from "../../../aws/session";
import { Queues } from "../../../aws/sqs";
import { takeRole } from "../../../aws/sts";
import { type Pace, policy } from "../../../automation/probe/bench";
import { experiments } from "../../../automation/probe/experiments";
import { cleanUp, runOne, runProbe } from "../../../automation/probe/run";
import { probePath, probeTags } from "../../../automation/probe/naming";
import type { ProbeReport } from "../../../lifecycle/probe/report";
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
  const administrator = () => ({ principal: local.administrator.principal, sourceIp: "127.0.0.1", userAgent: "test" });
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

  const verdictsOf = (...names: string[]) => Object.fromEntries(report.outcomes.filter(({ name }) => names.includes(name)).map(({ name, verdict, observed }) => [name, verdict === "held" ? verdict : `${verdict}: ${observed}`]));

  it("ask every question, and say what they did", () => {
    assert.deepEqual(report.outcomes.map(({ name }) => name), experiments.map(({ name }) => name));
    for (const { name, steps, observed } of report.outcomes) assert.ok(steps.length >= 3 && observed.length > 0, name);
  });

  it("are answered, but for those that need a GPU", () => {
    const silent = report.outcomes.filter(({ verdict }) => verdict === "could not ask");
    assert.deepEqual(silent.map(({ name }) => name), ["gpu-image", "job-hosts"], JSON.stringify(silent, undefined, 1));
    assert.match(silent[0]!.observed, /its log names no execution provider|CannotStartContainer|endpoint is Failed/);
    assert.match(silent[1]!.observed, /ml\.g5\.xlarge processing: Failed .*nvidia-smi: not found/);
  });

  it("find the beliefs that the account shares", () => {
    const shared = ["studio-key", "lambda-trust", "mlflow-trust", "fresh-alarm", "approval-event", "register-rights", "spent-token"];
    assert.deepEqual(verdictsOf(...shared), Object.fromEntries(shared.map((name) => [name, "held"])));
  });

  it("leave nothing behind", async () => {
    assert.deepEqual(report.leftovers, []);
    assert.deepEqual(await ours(), []);
  });

  it("are told from people's things, which stay", async () => {
    assert.equal((await inventory()).filter((arn) => arn.includes("models-of-ours")).length, 1);
  });

  it("say why where there is nothing to serve, and where IAM refuses", async () => {
    await local.cloud.call("iam", "CreateRole", { RoleName: "reader", AssumeRolePolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: { AWS: "*" }, Action: "sts:AssumeRole" }] }) }, administrator());
    const credentials = await takeRole(session, `arn:aws:iam::${local.cloud.accountId}:role/reader`, { as: { sourceIdentity: undefined, sessionName: "reader" } });
    const some = (name: string) => experiments.filter((one) => one.name === name);
    const programme = { skipped: [], prices: [], budgetUsd: 0 };
    const nothing = await runProbe({ ...programme, run: some("register-rights") }, { ...options(), documents: await documentsOf(session, "dev"), model: undefined });
    assert.deepEqual([nothing.outcomes[0]!.verdict, nothing.outcomes[0]!.observed.slice(0, 40)], ["could not ask", "it needs a model package (--package), an"]);
    const refused = await runOne(some("tags-after-delete")[0]!, 0, local.cloud.accountId, { ...options(), session: { ...session, credentials }, documents: await documentsOf(session, "dev"), model: undefined, pace: { lookSeconds: 0.01, minuteSeconds: 0.01 } });
    assert.match(`${refused.verdict}: ${refused.observed}`, /^could not ask: AccessDenied\w*: User: .*reader.* is not authorized to perform: sqs:createqueue/i);
  });

  it("are deleted by the next run when one was killed half-way, a key without its name included", async () => {
    const sagemaker = new Experiments(session);
    await sagemaker.createGroup("peregrine-probe-abc123-group", probeTags);
    await sagemaker.register("peregrine-probe-abc123-group", `${local.cloud.accountId}.dkr.ecr.eu-central-1.amazonaws.com/toy:1`);
    await new Queues(session).create("peregrine-probe-abc123-queue", probeTags);
    await new Roles(session, probePath).create("peregrine-probe-abc123-role", policy([{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }]), policy([{ Effect: "Allow", Action: "s3:GetObject", Resource: "*" }]), probeTags);
    await local.cloud.call("kms", "CreateKey", { Tags: [{ TagKey: "project", TagValue: "peregrine-probe" }] }, administrator());
    assert.equal((await inventory()).filter((arn) => /probe-abc123|:key\//.test(arn)).length, 5);
    assert.deepEqual(await cleanUp(options(), "peregrine-probe-", "a killed run"), []);
    assert.deepEqual((await inventory()).filter((arn) => /probe-abc123/.test(arn)), []);
  });
});

/** A gzip-compressed tar archive without a file. */
const emptyArchive = Buffer.from("H4sIAAAAAAACA2NgGAWjYBSMVAAALq+17wAEAAA=", "base64");
