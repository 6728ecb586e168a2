import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Cloud } from "../../../../local/cloud";
import { mlflowOf } from "../../../../local/services/mlflow";
import { caller, fakeService, permissiveCloud, send, until } from "../permissive-cloud";
import { makeTemporaryFolder } from "../../../support/temporary-folder";

const python = join(".venv", "bin", "python");
const input = {
  Name: "tracking",
  ArtifactStoreUri: "s3://artifacts/mlflow",
  RoleArn: "arn:aws:iam::111122223333:role/mlflow",
};

describe("MLflow apps", () => {
  const setUp = (stateDir?: string, interpreter = python) => {
    const { cloud } = permissiveCloud({ stateDir });
    const apps = mlflowOf(cloud, { python: interpreter });
    fakeService(cloud, "sagemaker", apps.operations);
    open.push(() => apps.stop());
    return { cloud, apps };
  };
  const open: (() => void)[] = [];
  afterEach(() => {
    for (const close of open.splice(0)) close();
  });
  const statusOf = async (cloud: Cloud, Arn: string) =>
    (await send(cloud, "sagemaker", "DescribeMlflowApp", { Arn }))["Status"];
  const rest = async (cloud: Cloud, arn: string, method: string, url: string, body?: object) => {
    const bytes = Buffer.from(body ? JSON.stringify(body) : "");
    const answer = await cloud.internals.mlflowProxy!(
      arn,
      {
        method,
        url,
        headers: {
          "content-type": "application/json",
          host: "mlflow.example",
          authorization: "AWS4-HMAC-SHA256 x",
          "x-sm-mlflow-app-arn": arn,
        },
        body: bytes,
      },
      caller,
    );
    return { status: answer.status, body: JSON.parse(answer.body.toString() || "null") };
  };

  it("are tracked by a real server, whose runs survive a restart", async function () {
    if (!existsSync(python)) this.skip();
    const stateDir = makeTemporaryFolder("mlflow-test");
    const first = setUp(stateDir);
    const { Arn } = (await send(first.cloud, "sagemaker", "CreateMlflowApp", input)) as { Arn: string };
    assert.match(Arn, /^arn:aws:sagemaker:eu-central-1:111122223333:mlflow-app\/app-[0-9A-F]{12}$/);
    assert.equal(await statusOf(first.cloud, Arn), "Creating");
    await until(async () => (await statusOf(first.cloud, Arn)) === "Created", "the app is created");
    const { AuthorizedUrl } = (await send(first.cloud, "sagemaker", "CreatePresignedMlflowAppUrl", { Arn })) as {
      AuthorizedUrl: string;
    };
    const log = join(stateDir, "mlflow", Arn.split("/")[1]!, "server.log");
    assert.equal(existsSync(log), false, "a URL that nobody opens starts no server");
    assert.match(await (await fetch(AuthorizedUrl)).text(), /<title>MLflow/);
    assert.equal(existsSync(log), true);
    const made = await rest(first.cloud, Arn, "POST", "/api/2.0/mlflow/experiments/create", { name: "detector" });
    assert.equal(made.status, 200);
    assert.equal(
      (await rest(first.cloud, Arn, "GET", "/api/2.0/mlflow/experiments/get-by-name?experiment_name=none")).status,
      404,
    );
    first.apps.stop();
    first.cloud.journal.flush();
    const second = setUp(stateDir);
    const found = await rest(
      second.cloud,
      Arn,
      "GET",
      "/api/2.0/mlflow/experiments/get-by-name?experiment_name=detector",
    );
    assert.equal(found.body.experiment.experiment_id, made.body.experiment_id);
    await send(second.cloud, "sagemaker", "DeleteMlflowApp", { Arn });
    await assert.rejects(rest(second.cloud, Arn, "GET", "/health"), { name: "ResourceNotFound" });
    assert.deepEqual(second.apps.inventory(), []);
  });

  it("fail to be created, saying so, when there is no Python", async () => {
    const { cloud } = setUp(undefined, "/nowhere/python");
    const { Arn } = (await send(cloud, "sagemaker", "CreateMlflowApp", input)) as { Arn: string };
    await until(async () => (await statusOf(cloud, Arn)) === "CreateFailed", "creation has failed");
    await assert.rejects(send(cloud, "sagemaker", "CreateMlflowApp", input), /already exists/);
  });
});
