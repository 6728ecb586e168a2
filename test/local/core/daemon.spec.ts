import assert from "node:assert/strict";
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { CreateKeyCommand, DecryptCommand, EncryptCommand, KMSClient } from "@aws-sdk/client-kms";
import { CreateAccessKeyCommand, IAMClient } from "@aws-sdk/client-iam";
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { fromIni } from "@aws-sdk/credential-providers";
import { UserError } from "../../../automation/errors";
import { isAlive } from "../../../local/lock";
import {
  daemonStatus,
  environmentOf,
  resetState,
  runningServer,
  startDaemon,
  stopDaemon,
} from "../../../scripts/commands/local-daemon";
import { addFault, clearFaults, listFaults } from "../../../scripts/commands/local-fault";
import type { ServerFile } from "../../../local/main";
import { makeTemporaryFolder } from "../../support/temporary-folder";
import { eventually } from "../../support/eventually";

describe("the local cloud as a daemon", function () {
  const folder = makeTemporaryFolder();
  const stateDir = join(folder, "state");
  let server: ServerFile;

  before(async () => {
    server = await startDaemon({ stateDir, port: 0, providerPort: 0 });
  });
  after(async () => {
    await stopDaemon(stateDir);
  });

  function config(): { endpoint: string; region: string; credentials: ReturnType<typeof fromIni> } {
    return {
      endpoint: server.url,
      region: server.region,
      credentials: fromIni({ profile: "ab", configFilepath: server.configFile, filepath: server.credentialsFile }),
    };
  }

  it("writes profiles by which an SDK becomes the administrator", async () => {
    const identity = await new STSClient(config()).send(new GetCallerIdentityCommand({}));
    assert.equal(identity.Arn, `arn:aws:iam::${server.accountId}:user/ab`);
  });

  it("gives everybody whom the stacks list a user, signed in with a second factor, and each role of people its profile", async () => {
    const text = readFileSync(server.configFile, "utf8");
    for (const name of ["anna", "ben", "cleo", "dora", "emil"])
      assert.match(text, new RegExp(`^\\[profile ${name}\\]$`, "m"));
    for (const [profile, person] of [
      ["data-scientist", "anna"],
      ["approver", "cleo"],
      ["approver-prod", "cleo"],
      ["deployer-staging", "emil"],
    ])
      assert.match(
        text,
        new RegExp(
          `^\\[profile ${profile}\\]\n(?:.+\n)*credential_process = \\S+ .*person-session\\.cjs \\S+ ${person} arn:aws:iam::${server.accountId}:role/peregrine/`,
          "m",
        ),
      );
    const identity = await new STSClient({
      ...config(),
      credentials: fromIni({ profile: "cleo", configFilepath: server.configFile, filepath: server.credentialsFile }),
    }).send(new GetCallerIdentityCommand({}));
    assert.equal(identity.Arn, `arn:aws:iam::${server.accountId}:user/cleo`);
  });

  it("prints the variables that Pulumi, SDKs and the AWS CLI read", () => {
    const env = environmentOf(server);
    assert.equal(env.AWS_PROFILE, "ab");
    assert.equal(env.PULUMI_DEBUG_PROVIDERS, `aws:${server.providerPort}`);
    assert.ok(env.PULUMI_BACKEND_URL!.startsWith("file://") && existsSync(env.PULUMI_BACKEND_URL!.slice(7)));
  });

  it("says what runs and what exists", async () => {
    const status = await daemonStatus(stateDir);
    assert.equal(status.pid, server.pid);
    assert.ok(status.services.includes("sagemaker") && status.services.includes("s3"));
    assert.deepEqual(status.unimplemented, {});
    assert.deepEqual(status.inventory, [], "a new account holds nothing that could be left over");
  });

  it("breaks on request: faults are asked for, listed and ended from outside", async () => {
    const fault = await addFault(
      { kind: "throttling", service: "sts", operation: "GetCallerIdentity", times: 1 },
      stateDir,
    );
    assert.deepEqual((await daemonStatus(stateDir)).faults, [fault]);
    await assert.rejects(new STSClient({ ...config(), maxAttempts: 1 }).send(new GetCallerIdentityCommand({})), {
      name: "Throttling",
      message: "Rate exceeded",
    });
    assert.ok((await new STSClient(config()).send(new GetCallerIdentityCommand({}))).Arn, "it was spent");
    const crash = await addFault({ kind: "crash", endpoint: "shop" }, stateDir);
    assert.deepEqual(
      (await listFaults(stateDir)).map(({ id }) => id),
      [crash.id],
    );
    await assert.rejects(
      clearFaults([crash.id, "fault-99"], stateDir),
      (error: Error) => error instanceof UserError && /no active fault fault-99/.test(error.message),
    );
    assert.deepEqual(await clearFaults([], stateDir), [crash.id]);
  });

  it("takes faults only as JSON, which no page in a browser can send unasked", async () => {
    const answer = await fetch(`${server.url}/_peregrine/faults`, {
      method: "POST",
      headers: { "content-type": "text/plain" },
      body: JSON.stringify({ kind: "crash", endpoint: "shop" }),
    });
    assert.equal(answer.status, 415);
    assert.deepEqual(await listFaults(stateDir), []);
    const wrong = await fetch(`${server.url}/_peregrine/faults`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ kind: "slow" }),
    });
    assert.deepEqual(
      [wrong.status, ((await wrong.json()) as { problems: string[] }).problems],
      [400, ["slow needs endpoint", "slow needs delayMs"]],
    );
  });

  it("refuses a second cloud on the same state, naming the first", async () => {
    await assert.rejects(
      startDaemon({ stateDir, port: 0, providerPort: 0 }),
      (error: Error) =>
        error instanceof UserError && error.message.includes(`process ${server.pid}`) && /local stop/.test(error.next),
    );
  });

  it("refuses a port in use, naming port and holder, and leaves nothing running", async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const port = (taken.address() as { port: number }).port;
    const other = join(folder, "other");
    try {
      await assert.rejects(startDaemon({ stateDir: other, port, providerPort: 0 }), (error: Error) => {
        assert.ok(error instanceof UserError);
        assert.match(error.message, new RegExp(`Port ${port} on 127\\.0\\.0\\.1 is in use by process ${process.pid}`));
        assert.match(error.next, /another port with --port/);
        return true;
      });
      assert.equal(runningServer(other), undefined);
    } finally {
      await new Promise<void>((resolve) => (taken as Server).close(() => resolve()));
    }
  });

  it("restarts where it was after kill -9: objects with their versions, keys that still decrypt, the same administrator", async () => {
    const s3 = new S3Client(config());
    const kms = new KMSClient(config());
    await s3.send(
      new CreateBucketCommand({ Bucket: "kept", CreateBucketConfiguration: { LocationConstraint: "eu-central-1" } }),
    );
    await s3.send(new PutBucketVersioningCommand({ Bucket: "kept", VersioningConfiguration: { Status: "Enabled" } }));
    for (const text of ["one", "two"])
      await s3.send(new PutObjectCommand({ Bucket: "kept", Key: "model", Body: text }));
    const versions = async (client: S3Client) =>
      (await client.send(new ListObjectVersionsCommand({ Bucket: "kept" }))).Versions?.map(
        ({ VersionId, LastModified, ETag }) => ({ VersionId, LastModified, ETag }),
      );
    const before = await versions(s3);
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    const { CiphertextBlob } = await kms.send(
      new EncryptCommand({ KeyId: KeyMetadata!.KeyId, Plaintext: Buffer.from("secret") }),
    );
    const { motoPid } = await daemonStatus(stateDir);

    process.kill(server.pid, "SIGKILL");
    while (isAlive(server.pid) || isAlive(motoPid!)) await delay(20);
    assert.equal(runningServer(stateDir), undefined);
    // What a kill in the middle of a write leaves behind.
    appendFileSync(join(stateDir, "moto.journal"), '{"n": 99, "at": 1, "environ": {}, "length": 1000}\nhalf a bo');
    appendFileSync(join(stateDir, "journal.jsonl"), '{"t":"s3/pol');
    server = await startDaemon({ stateDir, port: 0, providerPort: 0 });

    const again = new S3Client(config());
    assert.deepEqual(await versions(again), before);
    assert.equal(before?.length, 2);
    const one = await again.send(
      new GetObjectCommand({ Bucket: "kept", Key: "model", VersionId: before!.at(-1)!.VersionId }),
    );
    assert.ok(["one", "two"].includes(await one.Body!.transformToString()));
    const { Plaintext } = await new KMSClient(config()).send(new DecryptCommand({ CiphertextBlob }));
    assert.equal(Buffer.from(Plaintext!).toString(), "secret");
    assert.ok((await new STSClient(config()).send(new GetCallerIdentityCommand({}))).Arn?.endsWith(":user/ab"));
  });

  it("brings moto back when it ends by itself", async () => {
    const s3 = new S3Client(config());
    const { motoPid } = await daemonStatus(stateDir);
    process.kill(motoPid!, "SIGKILL");
    while (isAlive(motoPid!)) await delay(20);
    assert.equal((await s3.send(new ListObjectVersionsCommand({ Bucket: "kept" }))).Versions?.length, 2);
    assert.notEqual((await daemonStatus(stateDir)).motoPid, motoPid);
  });

  it("refuses a record of moto's journal that is broken in the middle, naming where", async () => {
    await stopDaemon(stateDir);
    const file = join(stateDir, "moto.journal");
    const whole = readFileSync(file);
    writeFileSync(file, Buffer.concat([Buffer.from("not a record\n"), whole]));
    await assert.rejects(
      startDaemon({ stateDir, port: 0, providerPort: 0 }),
      (error: Error) =>
        error instanceof UserError &&
        /record 1 at byte 0/.test(error.message) &&
        /peregrine local reset/.test(error.next),
    );
    writeFileSync(file, whole);
    server = await startDaemon({ stateDir, port: 0, providerPort: 0 });
  });

  it("keeps an audit trail in CloudTrail's form, without secrets", async () => {
    await new IAMClient(config()).send(new CreateAccessKeyCommand({ UserName: "ab" }));
    const records = await eventually(() => {
      const lines = readFileSync(join(stateDir, "audit.jsonl"), "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
      assert.ok(lines.some((record) => record.eventName === "CreateAccessKey"));
      return lines;
    });
    const created = records.find((record) => record.eventName === "CreateBucket");
    assert.equal(created.eventSource, "s3.amazonaws.com");
    assert.equal(created.userIdentity.userName, "ab");
    assert.equal(created.requestParameters.bucket, "kept");
    assert.equal(created.readOnly, false);
    assert.equal(created.requestParameters.createBucketConfiguration.locationConstraint, "eu-central-1");
    const key = records.find((record) => record.eventName === "CreateAccessKey");
    assert.equal(key.responseElements.accessKey.secretAccessKey, "HIDDEN_DUE_TO_SECURITY_REASONS");
    assert.ok(records.every((record) => !/"plaintext":"(?!HIDDEN)/.test(JSON.stringify(record))));
  });

  it("refuses a journal that is broken in the middle, naming the line and the way out; reset is that way", async () => {
    await stopDaemon(stateDir);
    const file = join(stateDir, "journal.jsonl");
    const text = readFileSync(file, "utf8").split("\n");
    text.splice(1, 0, "not a journal entry");
    writeFileSync(file, text.join("\n"));
    await assert.rejects(
      startDaemon({ stateDir, port: 0, providerPort: 0 }),
      (error: Error) =>
        error instanceof UserError && /line 2/.test(error.message) && /peregrine local reset/.test(error.next),
    );
    await resetState(stateDir);
    assert.equal(existsSync(stateDir), false);
  });
});
