import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  ListObjectVersionsCommand,
  PutBucketPolicyCommand,
  PutObjectLockConfigurationCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { exportLog, folderReader, proveEntry, restoreLog, verifyFolder } from "../../../automation/audit/files";
import { logOf, takeOverLedger } from "../../../automation/audit/log";
import { ledgerOf } from "../../../automation/release/history";
import { sha256Of } from "../../../automation/lineage/reading";
import { keepRecords } from "../../../automation/teardown/kept-records";
import { signDigest } from "../../../aws/kms";
import { ObjectStore } from "../../../aws/s3";
import { type AwsSession, clientSettings } from "../../../aws/session";
import { Queues } from "../../../aws/sqs";
import { ParameterStore } from "../../../aws/ssm";
import { environmentTags } from "../../../contract/names";
import type { StackOutputs } from "../../../contract/outputs";
import { logPrefix } from "../../../contract/places";
import { witnessedBy, witnessParameter, witnessQueue } from "../../../contract/witness";
import { witnessLogs } from "../../../functions/witness-log";
import { auditBucketPolicy } from "../../../infra/audit/policies";
import { witnessQueuePolicy } from "../../../infra/audit/witness";
import { policyDocument } from "../../../infra/identity/document";
import { TransparencyLog } from "../../../records/log/log";
import { seenParameter } from "../../../records/log/outside";
import { LogWitness } from "../../../records/log/witness";
import { verifyLog } from "../../../records/log/verify";
import { enter } from "../../local/support";
import { makeTemporaryFolder } from "../../support/temporary-folder";
import { scopeOf } from "../../support/scope";
import type { MatrixRole } from "../../../automation/roles/matrix/expected";
import { GovernedAccount } from "../roles/account";

const project = resolve(__dirname, "../../..");
const scope = scopeOf("prod");
const staging = scopeOf("staging");
const auditBucket = scope.auditBucketPattern.replace("*", "0123abc");

/** The audit bucket, with its policy and its lock, as the program makes it. */
async function makeAuditBucket(s3: S3Client): Promise<void> {
  await s3.send(
    new CreateBucketCommand({
      Bucket: auditBucket,
      ObjectLockEnabledForBucket: true,
      CreateBucketConfiguration: { LocationConstraint: "eu-central-1" },
    }),
  );
  await s3.send(
    new PutBucketPolicyCommand({
      Bucket: auditBucket,
      Policy: policyDocument(auditBucketPolicy(scope, scope.arns.bucket(auditBucket))),
    }),
  );
  await s3.send(
    new PutObjectLockConfigurationCommand({
      Bucket: auditBucket,
      ObjectLockConfiguration: {
        ObjectLockEnabled: "Enabled",
        Rule: { DefaultRetention: { Mode: "GOVERNANCE", Days: 1 } },
      },
    }),
  );
}

/** The environments' roles, buckets and keys as the program renders them; the engine is not asked. */
describe("the log of an environment, on an account", () => {
  const folder = makeTemporaryFolder();
  let account: GovernedAccount;
  let leave: () => void;
  let admin: AwsSession;
  let outputs: StackOutputs;

  const as = async (role: MatrixRole): Promise<AwsSession> => ({
    region: account.local.cloud.region,
    credentials: await account.session(role, "prod"),
  });
  const builder = (): AwsSession => {
    const { internals, region } = account.local.cloud;
    const role = scopeOf("dev").roleArn("release-build");
    return { region, credentials: internals.credentials(internals.assume(role, "codebuild.amazonaws.com", "build")) };
  };
  const target = (session: AwsSession) => ({ name: "prod", session }) as const;
  const told: string[] = [];
  const takeOver = (session: AwsSession) => takeOverLedger(target(session), outputs, (sentence) => told.push(sentence));
  const record = (session: AwsSession, subject: string) =>
    ledgerOf(target(session), outputs).append({
      at: "2026-03-01T10:00:00Z",
      by: scope.roleArn("release-build"),
      kind: "release",
      subject,
      body: { outcome: "live" },
    });
  const subjects = async (session: AwsSession) => {
    const found: string[] = [];
    const check = await (await logOf(target(session), outputs)).verify({ each: ({ subject }) => found.push(subject) });
    assert.deepEqual(check.problems, []);
    return found;
  };

  before(async () => {
    account = await GovernedAccount.start();
    leave = enter(account.local, join(folder, "aws"));
    admin = { profile: "ab", region: account.local.cloud.region };
    outputs = {
      artifactsBucket: scope.artifactsBucket,
      ledgerHeadParameter: scope.ledgerHeadParameter,
      logHeadParameter: scope.logHeadParameter,
      logKeyArn: account.targets.prod.logKeyArn,
      auditBucket,
    } as unknown as StackOutputs;
    await makeAuditBucket(new S3Client(clientSettings(admin)));
  });
  after(async () => {
    leave?.();
    await account?.local.stop();
  });

  /** Staging's function at work, by its own role. @returns what it gave up. */
  const witness = async ({ url, arn }: { url: string; arn: string }): Promise<string[]> => {
    const { internals, region } = account.local.cloud;
    const role = staging.roleArn("witness-log");
    const credentials = internals.credentials(internals.assume(role, "lambda.amazonaws.com", "witness"));
    const session: AwsSession = { region, credentials };
    const messages = await new Queues(session).take(url);
    const lines: string[] = [];
    const { batchItemFailures } = await witnessLogs(
      {
        Records: messages.map(({ body }, at) => ({
          messageId: String(at),
          body,
          eventSourceARN: arn,
          attributes: { SentTimestamp: "1772359200000" },
        })),
      },
      {
        environments: witnessedBy("staging"),
        seenOf: (environment) => seenParameter(new ParameterStore(session), environment),
        log: (line) => lines.push(line),
      },
    );
    return batchItemFailures.map(({ itemIdentifier }) => lines[Number(itemIdentifier)]!);
  };

  it("takes over what the ledger has from before, and then each entry once, by the role of release builds", async () => {
    const session = builder();
    for (const subject of ["r-1", "r-2"]) await record(session, subject);
    await takeOver(session);
    await takeOver(session);
    await record(session, "r-3");
    await takeOver(session);
    assert.deepEqual(told, []);
    assert.deepEqual(await subjects(session), ["r-1", "r-2", "r-3"]);
    const noted = JSON.parse((await new ParameterStore(admin).get(scope.logHeadParameter))!) as { size: number };
    assert.equal(noted.size, 3);
  });

  it("takes over the entries of several builds at once, whoever of them is faster", async () => {
    for (const subject of ["r-4", "r-5"]) await record(builder(), subject);
    await Promise.all(Array.from({ length: 4 }, () => takeOver(builder())));
    assert.deepEqual(told, []);
    assert.deepEqual(await subjects(builder()), ["r-1", "r-2", "r-3", "r-4", "r-5"]);
  });

  it("is signed and written by release builds, and by no person's role", async () => {
    for (const role of ["auditor", "approver", "ml-engineer", "deployer"] as const) {
      const session = await as(role);
      await assert.rejects(signDigest(session, outputs.logKeyArn, Buffer.alloc(32)), /not authorized .*kms:Sign/, role);
      const place = { bucket: outputs.artifactsBucket, key: "ledger/log/checkpoint" };
      await assert.rejects(new ObjectStore(session).put(place, "mine"), /not authorized .*s3:PutObject/, role);
    }
    const { approvalKeyArn } = account.targets.dev;
    await assert.rejects(signDigest(builder(), approvalKeyArn, Buffer.alloc(32)), /not authorized .*kms:Sign/);
  });

  it("says so when it cannot take over, and does it the next time", async () => {
    await record(builder(), "r-6");
    await takeOver(await as("auditor"));
    assert.match(told.splice(0).join(), /^the log could not take over the ledger's last entries, the next one will: /);
    await takeOver(builder());
    assert.equal((await subjects(builder())).at(-1), "r-6");
  });

  it("is verified by an auditor, and offline by whoever has its files", async () => {
    const auditor = await as("auditor");
    assert.equal((await subjects(auditor)).length, 6);
    const log = await logOf(target(auditor), outputs);
    const { key } = log;
    const copy = join(folder, "audit-ENVIRONMENT");
    assert.equal(await exportLog(log, copy), 6);
    const { entry, proof } = await proveEntry(folderReader(copy), key, 3);
    assert.equal((JSON.parse(entry.toString("utf8")) as { subject: string }).subject, "r-4");
    assert.match(proof, /^c2sp\.org\/tlog-proof@v1\nindex 3\n/);
    assert.equal((await verifyLog(folderReader(copy), key)).checkpoint?.size, 6);
  });

  it("lies under lock, each batch and checkpoint once, where its writers cannot take it back", async () => {
    const s3 = new S3Client(clientSettings(admin));
    const versions = async () =>
      (await s3.send(new ListObjectVersionsCommand({ Bucket: auditBucket, Prefix: logPrefix }))).Versions!;
    const there = await versions();
    assert.deepEqual(
      there.filter(({ Key }) => Key!.includes("/batches/")).map(({ Key }) => Number(Key!.split("/").at(-1))),
      // Six entries in four appends.
      [0, 2, 3, 5],
    );
    assert.equal(there.filter(({ Key }) => Key!.includes("/signed/")).length, 4);
    const [{ Key, VersionId }] = there as [{ Key: string; VersionId: string }];
    const builds = new S3Client(clientSettings(builder()));
    const place = { Bucket: auditBucket, Key };
    await assert.rejects(new ObjectStore(builder()).put({ bucket: auditBucket, key: Key }, "mine"), /not authorized/);
    for (const BypassGovernanceRetention of [false, true])
      await assert.rejects(
        builds.send(new DeleteObjectCommand({ ...place, VersionId, BypassGovernanceRetention })),
        /not authorized/,
      );
    // Who may do everything has to say that the lock is meant to be broken.
    await assert.rejects(s3.send(new DeleteObjectCommand({ ...place, VersionId })), /Access Denied|WORM|lock/i);
    assert.equal((await versions()).length, there.length);
  });

  it("is made again from what lies under lock, as an auditor, and is what an export is", async () => {
    const log = await logOf(target(await as("auditor")), outputs);
    const again = join(folder, "restored");
    assert.equal(await restoreLog(log, again), 6);
    const copy = join(folder, "audit-ENVIRONMENT");
    const files = readdirSync(copy, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
    assert.equal(files.length, 4);
    for (const { name, parentPath } of files) {
      const path = relative(copy, join(parentPath, name));
      assert.deepEqual(readFileSync(join(again, path)), readFileSync(join(copy, path)), path);
    }
    assert.deepEqual((await log.verify({ locked: true })).problems, []);
  });

  it("is witnessed by staging, which betrays what nobody in prod can hide, whatever they may there", async () => {
    const queues = new Queues(admin);
    const queue = await queues.create(witnessQueue("prod"), environmentTags("staging"), () =>
      policyDocument(witnessQueuePolicy(staging, "prod")),
    );
    await record(builder(), "r-7");
    await takeOver(builder());
    assert.deepEqual(told, []);
    assert.deepEqual(await witness(queue), []);
    const auditor = async () => (await logOf(target(await as("auditor")), outputs)).verify();
    assert.equal((await auditor()).witnessed?.size, 7);
    const witnessed = join(folder, "witnessed");
    const log = await logOf(target(await as("auditor")), outputs);
    await exportLog(log, witnessed);
    assert.equal((await verifyFolder(witnessed, log.key)).witnessed?.size, 7);
    const script = [join(project, "scripts/audit/verify_log.py"), witnessed];
    assert.match(
      execFileSync(join(project, ".venv/bin/python"), script, { encoding: "utf8" }),
      /^ok   7 of them seen/m,
    );

    // Nobody else of ours shows a log, and none of prod's writers touches what staging remembers.
    await assert.rejects(new Queues(await as("ml-engineer")).send(witnessQueue("prod"), "{}"), /not authorized/);
    for (const session of [builder(), await as("deployer"), await as("auditor")])
      await assert.rejects(new ParameterStore(session).put(witnessParameter("prod"), "{}", {}), /not authorized/);

    // The administrator stands for somebody who holds every right in prod: files, head, and by builds the key.
    const store = new ObjectStore(admin);
    const files = async () =>
      Promise.all(
        (await store.list(outputs.artifactsBucket, "ledger/log/")).map(async ({ key }) => {
          const body = await store.get({ bucket: outputs.artifactsBucket, key });
          return { key, body: body! };
        }),
      );
    const parameters = new ParameterStore(admin);
    const put = async (kept: Awaited<ReturnType<typeof files>>, head: string) => {
      for (const { key } of await store.list(outputs.artifactsBucket, "ledger/log/"))
        await store.delete({ bucket: outputs.artifactsBucket, key });
      for (const { key, body } of kept) await store.put({ bucket: outputs.artifactsBucket, key }, body);
      await parameters.put(outputs.logHeadParameter, head, {});
    };
    const [before, headBefore] = [await files(), (await parameters.get(outputs.logHeadParameter))!];
    await record(builder(), "r-8");
    await takeOver(builder());
    assert.deepEqual(await witness(queue), []);
    const [now, headNow] = [await files(), (await parameters.get(outputs.logHeadParameter))!];

    await put(before, headBefore);
    assert.deepEqual((await auditor()).problems, [
      "the log has 7 entries and had 8, as its locked copy says: its end is missing, or the checkpoint is an old one",
      "the log has 7 entries and had 8, as its witness in staging says: its end is missing, or the checkpoint is an old one",
    ]);
    await takeOver(builder());
    assert.match(told.splice(0).join(), /it has 7 entries, and had 8, as its locked copy says/);

    // Signed and written anew, by a program that asks nobody.
    const { key } = await logOf(target(builder()), outputs);
    const forged = new TransparencyLog({
      store: new ObjectStore(builder()),
      bucket: outputs.artifactsBucket,
      prefix: logPrefix,
      key,
      sign: (text) => signDigest(builder(), outputs.logKeyArn, createHash("sha256").update(text).digest()),
      witness: new LogWitness(parameters, "prod", outputs.logHeadParameter),
      locked: undefined,
      outside: {
        by: "nobody",
        read: () => Promise.resolve(undefined),
        show: (offer) => queues.send(witnessQueue("prod"), JSON.stringify(offer)).then(() => undefined),
      },
    });
    await forged.append([
      { id: "lie", at: "2026-03-01T10:00:00Z", by: "somebody", kind: "note", subject: "r-9", body: {} },
    ]);
    assert.match(
      (await witness(queue)).join(),
      /the log of prod has two histories: two trees of 8 entries were signed/,
    );
    const { problems } = await auditor();
    assert.match(problems[0]!, /^the witness in staging was shown another history of the log at /);
    assert.match(problems[1]!, /^the first 8 entries are not those that its locked copy knows/);
    assert.match(problems[2]!, /^the first 8 entries are not those that its witness in staging knows/);

    // Who put it right clears the record of the forgery, which is an administrator's decision.
    await put(now, headNow);
    const { fork, ...seen } = JSON.parse((await parameters.get(witnessParameter("prod")))!) as Record<string, unknown>;
    assert.ok(fork);
    await parameters.put(witnessParameter("prod"), JSON.stringify(seen), {});
    assert.equal((await subjects(builder())).at(-1), "r-8");
  });

  it("is verified as docs/verify.md says, and a forged copy is not", () => {
    const copy = join(folder, "audit-ENVIRONMENT");
    const page = readFileSync(join(project, "docs", "verify.md"), "utf8");
    const [size, root] = readFileSync(join(copy, "checkpoint"), "utf8").split("\n").slice(1, 3);
    const commands = [...page.matchAll(/```sh\n([\s\S]*?)```/g)]
      .flatMap(([, block]) => block!.trim().split("\n"))
      .filter((line) => !line.includes("--stack"))
      .map((line) =>
        line
          .replace(/^python scripts\//, `${project}/.venv/bin/python ${project}/scripts/`)
          .replace(/^npx peregrine/, `${process.execPath} ${project}/scripts/peregrine.cjs`)
          .replace("SIZE:ROOT", `${size}:${root}`),
      );
    const run = (command: string) => {
      try {
        return execFileSync("bash", ["-c", command], { cwd: folder, encoding: "utf8", stdio: "pipe" });
      } catch (error) {
        return `failed: ${(error as { stdout: string }).stdout}`;
      }
    };
    const outputs = commands.map(run);
    assert.equal(commands.length, 6);
    assert.deepEqual(
      outputs.map((output) => /^(ok {3}6 entries, root|entry 0:|[0-9a-f]{64} )/.exec(output)?.[0] ?? output),
      Array.from({ length: 6 }, (_, at) =>
        commands[at]!.includes(" prove ")
          ? "entry 0:"
          : commands[at]!.includes("sha256sum")
            ? expectedHash(copy)
            : "ok   6 entries, root",
      ),
    );
    // The same commands, once an entry says something else.
    const bundle = join(copy, "tile", "entries", "000.p", "6");
    const whole = readFileSync(bundle, "latin1");
    writeFileSync(bundle, whole.replace('"subject":"r-2"', '"subject":"r-9"'), "latin1");
    writeFileSync(join(folder, "entry.json"), "{}");
    for (const command of commands.filter((line) => /verify/.test(line)))
      assert.match(run(command), /^failed: FAIL /, command);
    rmSync(copy, { recursive: true });
  });

  it("is kept with the ledger before a teardown deletes anything, and stays kept when that was killed", async () => {
    const root = join(folder, "kept");
    let [written, filled] = [0, 30];
    const document = async (into: string): Promise<Record<string, string>> => {
      written += 1;
      const [text, place] = [JSON.stringify({ written, score: { filled } }), join(into, "prod", "r-1")];
      mkdirSync(place, { recursive: true });
      writeFileSync(join(place, "dossier.json"), text);
      const sums = `${sha256Of(text)}  dossier.json\n`;
      writeFileSync(join(place, "SHA256SUMS"), sums);
      return { "prod/r-1": sha256Of(sums) };
    };
    const keep = (where = root) => keepRecords(target(admin), outputs, where, document);
    const first = await keep();
    assert.deepEqual([first.ledgerEntries, first.logEntries], [8, 8]);
    const dossier = join(first.folder, "dossiers", "prod", "r-1", "dossier.json");
    const kept = () => (JSON.parse(readFileSync(dossier, "utf8")) as { written: number }).written;
    assert.equal(kept(), 1);
    await record(builder(), "r-9");
    await takeOver(builder());
    const second = await keep();
    assert.deepEqual([second.folder, second.ledgerEntries, second.logEntries], [first.folder, 9, 9]);
    assert.equal(kept(), 2);
    // What a dossier is made of goes with the packages.
    filled = 12;
    await keep();
    assert.equal(kept(), 2, "the fuller one stays");
    // A teardown got so far, and was killed.
    const parameters = new ParameterStore(admin);
    for (const name of [scope.ledgerHeadParameter, scope.logHeadParameter]) await parameters.delete(name);
    const store = new ObjectStore(admin);
    await store.delete({ bucket: outputs.artifactsBucket, key: "ledger/log/tile/entries/000.p/9" });
    assert.equal((await keep()).logEntries, 9);
    await assert.rejects(
      keep(join(folder, "elsewhere")),
      /could not be kept, and nothing was deleted: the log: .*is missing/,
    );
    for (const { key } of await store.list(outputs.artifactsBucket, "ledger/"))
      await store.delete({ bucket: outputs.artifactsBucket, key });
    assert.equal((await keep()).ledgerEntries, 9);
    assert.equal(kept(), 2);
    // What was kept is verified each time.
    const whole = readFileSync(dossier);
    writeFileSync(dossier, "forged");
    await assert.rejects(keep(), /the dossier prod\/r-1: dossier\.json is not what was written/);
    writeFileSync(dossier, whole);
    writeFileSync(join(first.folder, "ledger.jsonl"), "forged\n");
    await assert.rejects(keep(), /does not hold any more/);
  });
});

function expectedHash(copy: string): string {
  return `${readFileSync(join(copy, "tile", "0", "000.p", "6"))
    .subarray(0, 32)
    .toString("hex")} `;
}
