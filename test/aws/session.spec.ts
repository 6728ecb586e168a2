import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { S3Client } from "@aws-sdk/client-s3";
import { STSClient } from "@aws-sdk/client-sts";
import { clientSettings } from "../../aws/session";
import { makeTemporaryFolder } from "../support/temporary-folder";

describe("the clients of one profile", () => {
  /** Files of a profile whose process notes its runs and answers these keys. */
  function profileOf(accessKeyId: string) {
    const folder = makeTemporaryFolder("profile");
    const runs = join(folder, "runs");
    const keys = { Version: 1, AccessKeyId: accessKeyId, SecretAccessKey: "secret" };
    writeFileSync(runs, "");
    writeFileSync(join(folder, "keys.json"), JSON.stringify(keys));
    writeFileSync(join(folder, "keys.sh"), `echo run >> '${runs}'\ncat '${folder}/keys.json'\n`);
    writeFileSync(join(folder, "config"), `[profile shared]\ncredential_process = sh ${folder}/keys.sh\n`);
    const variables = { AWS_CONFIG_FILE: join(folder, "config"), AWS_SHARED_CREDENTIALS_FILE: join(folder, "none") };
    return { variables, runs: () => readFileSync(runs, "utf8").split("\n").length - 1 };
  }
  /** Does something while variables are set. */
  async function withEnvironment(variables: Readonly<Record<string, string>>, action: () => Promise<void>) {
    const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
    Object.assign(process.env, variables);
    try {
      await action();
    } finally {
      for (const [name, value] of before)
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
    }
  }
  const session = { profile: "shared", region: "eu-central-1" };
  const keyOf = async (client: S3Client | STSClient) => (await client.config.credentials()).accessKeyId;

  it("share its credentials: they are asked for once", async () => {
    const profile = profileOf("AKIAONE");
    await withEnvironment(profile.variables, async () => {
      const clients = [new S3Client(clientSettings(session)), new STSClient(clientSettings(session))];
      assert.deepEqual(await Promise.all(clients.map(keyOf)), ["AKIAONE", "AKIAONE"]);
      assert.equal(await keyOf(new S3Client(clientSettings(session))), "AKIAONE");
    });
    assert.equal(profile.runs(), 1);
  });

  it("do not share them with a profile of that name in other files", async () => {
    for (const key of ["AKIATWO", "AKIATHREE"])
      await withEnvironment(profileOf(key).variables, async () =>
        assert.equal(await keyOf(new S3Client(clientSettings(session))), key),
      );
  });
});
