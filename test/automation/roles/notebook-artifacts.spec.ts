import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { roleEnvironment } from "../../../local/runner/role-environment";
import { scopeOf } from "../../support/scope";
import { venv } from "../../local/support";
import { makeTemporaryFolder } from "../../support/temporary-folder";
import { GovernedAccount } from "./account";

const bucket = scopeOf("dev").artifactsBucket;

/**
 * Two experiments of one notebook, by MLflow's own client: at MLflow's default place, and as docs/governance.md says.
 */
const notebook = `
import json, sys
from mlflow.tracking.client import MlflowClient

client = MlflowClient(tracking_uri=sys.argv[1])
answers = {}
for name, place in json.loads(sys.argv[2]).items():
    experiment = client.create_experiment(name, artifact_location=place)
    run = client.create_run(experiment)
    try:
        client.log_text(run.info.run_id, "precise enough", "notes.txt")
        answers[name] = client.list_artifacts(run.info.run_id)[0].path
    except Exception as error:
        answers[name] = f"{type(error).__name__}: {error}"
print(json.dumps(answers))
`;

describe("an artifact that a notebook logs", function () {
  const folder = makeTemporaryFolder();
  let account: GovernedAccount;

  before(async () => {
    account = await GovernedAccount.start();
    const { local, targets } = account;
    const ApplyServerSideEncryptionByDefault = { SSEAlgorithm: "aws:kms", KMSMasterKeyID: targets.dev.keyArn };
    await local.cloud.call(
      "s3",
      "PutBucketEncryption",
      { Bucket: bucket, ServerSideEncryptionConfiguration: { Rules: [{ ApplyServerSideEncryptionByDefault }] } },
      { principal: local.administrator.principal, sourceIp: "127.0.0.1", userAgent: "test" },
    );
  });
  after(async () => {
    await account?.stop();
  });

  it("is kept below one's own prefix, and refused at MLflow's default place and at another's", async () => {
    const role = "studio-data-scientist";
    const { cloud } = account.local;
    const person = "anna";
    const principal = cloud.internals.assume(
      scopeOf("dev").roleArn(role),
      "sagemaker.amazonaws.com",
      "SageMaker",
      undefined,
      person,
    );
    const places = {
      own: `s3://${bucket}/users/${person}/mlflow`,
      "by default": `s3://${bucket}/mlflow`,
      another: `s3://${bucket}/users/ben/mlflow`,
    };
    const { stdout } = await promisify(execFile)(
      join(venv, "bin", "python"),
      ["-c", notebook, `sqlite:///${join(folder, `${role}.db`)}`, JSON.stringify(places)],
      {
        env: { PATH: process.env["PATH"], HOME: folder, ...roleEnvironment(cloud, principal, account.local.url) },
      },
    );
    const answers = JSON.parse(stdout.split("\n").findLast((line) => line.startsWith("{"))!) as Record<string, string>;
    assert.equal(answers["own"], "notes.txt", JSON.stringify(answers));
    for (const place of ["by default", "another"])
      assert.match(answers[place]!, /AccessDenied.*PutObject|not authorized to perform: s3:PutObject/, place);
  });
});
