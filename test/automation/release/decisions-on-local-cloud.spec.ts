import assert from "node:assert/strict";
import { createHash, createPublicKey, verify } from "node:crypto";
import { join } from "node:path";
import { ECRClient, PutImageCommand } from "@aws-sdk/client-ecr";
import { GetPublicKeyCommand, KMSClient, SignCommand, VerifyCommand } from "@aws-sdk/client-kms";
import { CreateModelPackageCommand, SageMakerClient, UpdateModelPackageCommand } from "@aws-sdk/client-sagemaker";
import { CreateTopicCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { decideAbout } from "../../../automation/release/approve";
import { Decisions } from "../../../automation/release/decisions";
import { ReleaseRejected, UserError } from "../../../automation/errors";
import { ledgerOf } from "../../../automation/release/history";
import { approvedRelease, gate, promote } from "../../../automation/release/promote";
import type { ReleaseReporter } from "../../../automation/release/rollout/rollout";
import type { Environment } from "../../../automation/stack/environment";
import type { StackOutputs } from "../../../contract/outputs";
import { signDigest } from "../../../aws/kms";
import { ObjectStore } from "../../../aws/s3";
import { SageMaker } from "../../../aws/sagemaker";
import type { AwsSession } from "../../../aws/session";
import { canonicalJson } from "../../../lifecycle/canonical";
import { decisionDigest, readDecision, type SignedDecision } from "../../../lifecycle/decision";
import { signInPerson } from "../../../local/iam/people";
import { writeProfiles } from "../../../local/profiles";
import { listReleases } from "../../../records/release";
import { evaluationOf, packageRequest } from "../../../scripts/base-package";
import { GovernedAccount } from "../roles/account";
import { enter, sdkConfig } from "../../local/support";
import { makeTemporaryFolder } from "../../support/temporary-folder";
import { accountId, scopeOf } from "../../support/scope";
import { takesFrom } from "../../support/queue-policy";

const scope = scopeOf("dev");
const host = `${accountId}.dkr.ecr.eu-central-1.amazonaws.com`;
/** What the gate asks of a package here, beside the decision. */
const bar = { minMap50: 0.1, card: { demanded: true, intendedUses: {} } };
const silent: ReleaseReporter = { stage: () => undefined };

/** The environments' roles, buckets and keys as the program renders them; the engine is not asked. */
describe("decisions about packages, on an account", function () {
  const folder = makeTemporaryFolder();
  let account: GovernedAccount;
  let leave: () => void;
  let admin: AwsSession;
  let outputs: StackOutputs;
  let registry: Environment;
  let prod: Environment;
  let prodOutputs: StackOutputs;
  let run = 0;

  const as = (role: string): AwsSession => ({ ...admin, profile: role });
  const store = () => new ObjectStore(admin);
  const sagemaker = () => new SageMakerClient(sdkConfig(account.local));
  const refusal = (promise: Promise<unknown>): Promise<Error> =>
    promise.then(
      () => assert.fail("it was done"),
      (error: Error) => error,
    );
  const decide = (
    arn: string,
    verdict: "Approved" | "Rejected" = "Approved",
    why = "finds cars at dusk",
    session = as("approver"),
  ) => decideAbout(session, outputs, arn, { verdict, why }, () => undefined);
  const reasons = async (arn: string) => (await gate(registry, arn, bar)).reasons.join("\n");

  before(async () => {
    account = await GovernedAccount.start();
    const { local } = account;
    leave = enter(local, join(folder, "aws"));
    admin = { profile: "ab", region: local.cloud.region };
    const { accessKeyId, secretAccessKey } = local.administrator;
    const names = { approver: "cleo", "ml-engineer": "ben", auditor: "dora" };
    const people = Object.values(names).map((name) => {
      const { accessKeyId, secretAccessKey, sessionToken } = signInPerson(local.cloud, name);
      return { name, accessKeyId, secretAccessKey, sessionToken };
    });
    const roles = Object.entries(names).map(([role, person]) => ({ name: role, roleArn: scope.roleArn(role), person }));
    writeProfiles({
      dir: join(folder, "aws"),
      url: local.url,
      region: local.cloud.region,
      administrator: "ab",
      accessKeyId,
      secretAccessKey,
      people,
      roles,
    });
    outputs = {
      artifactsBucket: scope.artifactsBucket,
      approvalKeyArn: account.targets.dev.approvalKeyArn,
    } as unknown as StackOutputs;
    registry = { name: "dev", session: admin, outputs: () => Promise.resolve(outputs) } as unknown as Environment;
    const { TopicArn } = await new SNSClient(sdkConfig(local)).send(
      new CreateTopicCommand({ Name: "peregrine-prod-alerts-critical" }),
    );
    const target = scopeOf("prod");
    prodOutputs = {
      artifactsBucket: target.artifactsBucket,
      ledgerHeadParameter: target.ledgerHeadParameter,
      alertTopicArns: { critical: TopicArn!, warning: TopicArn! },
    } as unknown as StackOutputs;
    prod = {
      name: "prod",
      session: admin,
      settings: { demandModelCard: "true" },
      outputs: () => Promise.resolve(prodOutputs),
      source: () => Promise.resolve({ commit: undefined }),
      policyPackVersion: () => "0.1.0",
    } as unknown as Environment;
    await push("first");
  });
  after(async () => {
    leave?.();
    await account?.stop();
  });

  /** Pushes an image by the tag that packages name. */
  async function push(what: string): Promise<void> {
    const config = {
      mediaType: "application/vnd.docker.container.image.v1+json",
      size: 1,
      digest: `sha256:${createHash("sha256").update(what).digest("hex")}`,
    };
    const layers = [{ ...config, mediaType: "application/vnd.docker.image.rootfs.diff.tar.gzip" }];
    const imageManifest = JSON.stringify({
      schemaVersion: 2,
      mediaType: "application/vnd.docker.distribution.manifest.v2+json",
      config,
      layers,
    });
    await new ECRClient(sdkConfig(account.local)).send(
      new PutImageCommand({ repositoryName: "peregrine-ml", imageTag: "0.1.0", imageManifest }),
    );
  }

  /** What the pipeline leaves of a run. */
  async function candidate(): Promise<{ arn: string; archive: string; evaluation: string }> {
    run += 1;
    const archive = { body: Buffer.from(`archive ${run}`), map50: 0.4 };
    const { bucket, prefix, input } = packageRequest({ accountId, region: admin.region }, `r${run}`, archive, {
      approval: "PendingManualApproval",
    });
    await store().put({ bucket, key: `${prefix}/model.tar.gz` }, archive.body);
    await store().put({ bucket, key: `${prefix}/evaluation.json` }, JSON.stringify(evaluationOf(archive)));
    const { ModelPackageArn } = await sagemaker().send(new CreateModelPackageCommand(input));
    return { arn: ModelPackageArn!, archive: `${prefix}/model.tar.gz`, evaluation: `${prefix}/evaluation.json` };
  }

  const replace = (key: string, body: string) => store().put({ bucket: outputs.artifactsBucket, key }, body);
  const edit = (arn: string, change: object) =>
    sagemaker().send(new UpdateModelPackageCommand({ ModelPackageArn: arn, ...change }));

  it("are signed by the approver, verified by node's own cryptography, and let the package through the gate by digest", async () => {
    const { arn } = await candidate();
    assert.match(await reasons(arn), /PendingManualApproval, not Approved[^]*there is no signed decision/);
    const { decision, key } = await decide(arn);
    assert.deepEqual(
      [decision.verdict, decision.person, decision.by],
      ["Approved", "cleo", `arn:aws:sts::${accountId}:assumed-role/peregrine-dev-approver/cleo`],
    );
    const signed = readDecision(
      (await store().get({ bucket: outputs.artifactsBucket, key }))!.toString("utf8"),
    ) as SignedDecision;
    const { PublicKey } = await new KMSClient(sdkConfig(account.local)).send(
      new GetPublicKeyCommand({ KeyId: outputs.approvalKeyArn }),
    );
    const publicKey = createPublicKey({ key: Buffer.from(PublicKey!), format: "der", type: "spki" });
    assert.ok(
      verify("sha256", Buffer.from(canonicalJson(decision)), publicKey, Buffer.from(signed.signature, "base64")),
    );
    const { verdict, checks } = await gate(registry, arn, bar);
    assert.equal(
      verdict,
      "release",
      checks
        .filter(({ ok }) => !ok)
        .map(({ text }) => text)
        .join("\n"),
    );
    assert.match(
      String(checks.find(({ name }) => name === "image")!.value),
      new RegExp(`^${host}/peregrine-ml@sha256:[0-9a-f]{64}$`),
    );
    assert.match((await approvedRelease(registry, arn))!.releaseId, /^r-[0-9a-f]{12}$/);
  });

  it("KMS signs a digest as it is, refuses one of a wrong length, and calls a wrong signature an error", async () => {
    const { KeyMetadata } = (await account.local.cloud.call(
      "kms",
      "CreateKey",
      { KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" },
      { principal: account.local.administrator.principal, sourceIp: "127.0.0.1", userAgent: "test" },
    )) as { KeyMetadata: { Arn: string } };
    const kms = new KMSClient(sdkConfig(account.local));
    const digest = createHash("sha256").update("text").digest();
    const signature = await signDigest(admin, KeyMetadata.Arn, digest);
    const asked = { KeyId: KeyMetadata.Arn, SigningAlgorithm: "ECDSA_SHA_256", Signature: signature } as const;
    assert.equal(
      (await kms.send(new VerifyCommand({ ...asked, Message: Buffer.from("text"), MessageType: "RAW" })))
        .SignatureValid,
      true,
    );
    assert.equal(
      (await kms.send(new VerifyCommand({ ...asked, Message: digest, MessageType: "DIGEST" }))).SignatureValid,
      true,
    );
    assert.equal(
      (await refusal(kms.send(new VerifyCommand({ ...asked, Message: Buffer.from("other"), MessageType: "RAW" }))))
        .name,
      "KMSInvalidSignatureException",
    );
    assert.match(
      (
        await refusal(
          kms.send(
            new SignCommand({
              KeyId: KeyMetadata.Arn,
              SigningAlgorithm: "ECDSA_SHA_256",
              Message: Buffer.from("text"),
              MessageType: "DIGEST",
            }),
          ),
        )
      ).message,
      /Digest is invalid length for algorithm ECDSA_SHA_256/,
    );
  });

  it("are nobody else's: neither an ML engineer nor the administrator signs, and the former lays none down", async () => {
    const { arn } = await candidate();
    for (const session of [as("ml-engineer"), admin])
      assert.match(
        (await refusal(decide(arn, "Approved", "please", session))).message,
        /not authorized to perform: (kms:Sign|ecr:DescribeImages)/,
      );
    for (const session of [as("ml-engineer"), as("auditor"), admin])
      assert.match(
        (await refusal(signDigest(session, outputs.approvalKeyArn, Buffer.alloc(32)))).message,
        /not authorized to perform: kms:Sign/,
      );
    assert.match(
      (
        await refusal(
          new ObjectStore(as("ml-engineer")).put({ bucket: outputs.artifactsBucket, key: "approvals/x.json" }, "{}"),
        )
      ).message,
      /not authorized to perform: s3:PutObject/,
    );
    await new SageMaker(admin).setApproval(arn, "Approved", "by the back door");
    assert.equal(
      await reasons(arn),
      "there is no signed decision about the package: approve it by `peregrine approve`",
    );
  });

  it("say all that is wrong with what they were given, and an approval needs everything that it is about", async () => {
    const error = await refusal(decide("peregrine-dev-detector/1", "Approved", "  "));
    assert.ok(error instanceof UserError);
    assert.match(error.message, /packageArn: not the ARN of a model package version\n.*why/);
    assert.match(
      (await refusal(decide(`arn:aws:sagemaker:eu-central-1:${accountId}:model-package/peregrine-dev-detector/99`)))
        .message,
      /Cannot read the model package .*\/99: .*does not exist/,
    );
    const { arn, archive } = await candidate();
    await store().delete({ bucket: outputs.artifactsBucket, key: archive });
    await edit(arn, {
      InferenceSpecification: {
        Containers: [
          { Image: `${host}/peregrine-ml:9.9.9`, ModelDataUrl: `s3://${outputs.artifactsBucket}/${archive}` },
        ],
        SupportedContentTypes: ["image/jpeg"],
        SupportedResponseMIMETypes: ["application/json"],
      },
    });
    assert.match(
      (await refusal(decide(arn))).message,
      /cannot be Approved:\n {2}- the digest of the model archive is not known\n {2}- the digest of the container image is not known$/,
    );
    const { decision } = await decide(arn, "Rejected", "its archive is gone");
    assert.deepEqual(
      [decision.verdict, decision.digests.archiveSha256, decision.digests.image],
      ["Rejected", null, null],
    );
  });

  const edits: [string, (one: { arn: string; archive: string; evaluation: string }) => Promise<unknown>, RegExp][] = [
    [
      "the archive was replaced",
      ({ archive }) => replace(archive, "planted"),
      /the model archive is not the one that was decided about/,
    ],
    [
      "the evaluation was replaced",
      async ({ evaluation }) =>
        replace(
          evaluation,
          `${(await store().get({ bucket: outputs.artifactsBucket, key: evaluation }))!.toString("utf8")} `,
        ),
      /^the evaluation is not the one that was decided about: .*; approve it again$/,
    ],
    [
      "the package names other numbers",
      ({ arn }) => edit(arn, { CustomerMetadataProperties: { map50: "0.4001" } }),
      /edited after approval by arn:aws:iam::123456789012:user\/ab: CustomerMetadataProperties; approve it again\nchanged after the decision of .*approver\/cleo by arn:aws:iam::123456789012:user\/ab on .*; approve it again/,
    ],
    [
      "the package was edited and edited back",
      async ({ arn }) => {
        const before = (await new SageMaker(admin).describeModelPackage(arn)).CustomerMetadataProperties!["map50"]!;
        await edit(arn, { CustomerMetadataProperties: { map50: "0.9" } });
        await edit(arn, { CustomerMetadataProperties: { map50: before } });
      },
      /^changed after the decision of .*cleo by .*user\/ab on /,
    ],
    [
      "somebody else said Approved once more",
      ({ arn }) => new SageMaker(admin).setApproval(arn, "Approved", "me too"),
      /^changed after the decision/,
    ],
    [
      "the newest decision was replaced",
      async ({ arn }) => {
        const { key, decision } = await decide(arn, "Approved", "another word");
        await replace(
          key,
          JSON.stringify({ decision: { ...decision, why: "forged" }, algorithm: "ECDSA_SHA_256", signature: "AAAA" }),
        );
      },
      /was made about something else, or at another time: .*\n.*is not signed by the environment's key/,
    ],
    [
      "a newer decision rejects it",
      async ({ arn }) => {
        await decide(arn, "Rejected", "blind at night");
        await new SageMaker(as("approver")).setApproval(arn, "Approved", "on second thoughts");
      },
      /^the newest decision is Rejected: blind at night$/,
    ],
    [
      "an old approval was copied over a newer rejection",
      async ({ arn }) => {
        const [old] = await new Decisions(admin, outputs).list(arn);
        await decide(arn, "Rejected", "blind at night");
        await replace(
          old!.key.replace(/\/[^/]*$/, "/2999-01-01T00:00:00.000Z-0123456789abcdef.json"),
          (await store().get({ bucket: outputs.artifactsBucket, key: old!.key }))!.toString("utf8"),
        );
        await new SageMaker(as("approver")).setApproval(arn, "Approved", "again");
      },
      /^the decision approvals\/.*2999.* was made about something else, or at another time/,
    ],
  ];
  for (const [what, change, reason] of edits)
    it(`hold no more when ${what}`, async () => {
      const one = await candidate();
      await decide(one.arn);
      assert.equal((await gate(registry, one.arn, bar)).verdict, "release");
      await change(one);
      assert.match(await reasons(one.arn), reason);
    });

  it("hold no more when the tag of the image leads to another one", async () => {
    const { arn } = await candidate();
    await decide(arn);
    await push("second");
    assert.match(
      await reasons(arn),
      /^the container image is not the one that was decided about: .*@sha256:.* then, .*@sha256:.* now; approve it again$/,
    );
    await decide(arn);
    assert.equal((await gate(registry, arn, bar)).verdict, "release");
  });

  it("go on where a killed command stopped, and stay all of them", async () => {
    const { arn } = await candidate();
    const { key } = await decide(arn);
    const again = await decide(arn);
    assert.deepEqual(
      [again.key, again.resumed],
      [key, true],
      "the same words about the same bytes are not signed twice",
    );
    const rejected = await decide(arn, "Rejected", "on second thoughts");
    assert.ok(rejected.key > key && !rejected.resumed);
    const all = await new Decisions(admin, outputs).list(arn);
    assert.deepEqual(
      all.map(({ key: name }) => name),
      [key, rejected.key],
    );
    assert.deepEqual(
      all.map((one) => ("decision" in one ? one.decision.verdict : one.unknown)),
      ["Approved", "Rejected"],
    );
    assert.equal(decisionDigest(again.decision).length, 32);
  });

  it("are what people are told of and the ledger keeps, when the gate refuses a package that was edited after its approval", async () => {
    const sqs = new SQSClient(sdkConfig(account.local));
    const TopicArn = prodOutputs.alertTopicArns["critical"]!;
    const Endpoint = `arn:aws:sqs:eu-central-1:${accountId}:told`;
    const { QueueUrl } = await sqs.send(
      new CreateQueueCommand({ QueueName: "told", Attributes: { Policy: takesFrom(TopicArn, Endpoint) } }),
    );
    await new SNSClient(sdkConfig(account.local)).send(new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint }));
    const { arn } = await candidate();
    await decide(arn);
    await edit(arn, { CustomerMetadataProperties: { datasetDigest: "another" } });
    const error = await refusal(promote(registry, [prod], arn, { minMap50: 0.1, goldenImages: 1 }, silent));
    assert.ok(error instanceof ReleaseRejected);
    assert.match(error.message, /edited after approval by .*user\/ab: CustomerMetadataProperties; approve it again/);
    const [record] = (await listReleases(ledgerOf(prod, prodOutputs), "prod")).filter(
      (one) => one.modelPackageArn === arn,
    );
    assert.deepEqual(
      [record!.outcome, record!.decision?.person, record!.touchedBy?.arn],
      ["rejected", "cleo", `arn:aws:iam::${accountId}:user/ab`],
    );
    assert.match(record!.imageUri, /@sha256:/);
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 2 }));
    const { Subject, Message } = JSON.parse(Messages![0]!.Body!) as { Subject: string; Message: string };
    assert.match(
      Subject,
      /^\[prod\] CRITICAL: release of peregrine-dev-detector version \d+ refused: not what was approved$/,
    );
    assert.match(Message, /edited after approval by/);
  });

  it("are not asked for where a person sees for themselves: a package that waits for its decision is recorded nowhere", async () => {
    const { arn } = await candidate();
    await refusal(promote(registry, [prod], arn, { minMap50: 0.1, goldenImages: 1 }, silent));
    assert.deepEqual(
      (await listReleases(ledgerOf(prod, prodOutputs), "prod")).filter((one) => one.modelPackageArn === arn),
      [],
    );
  });
});
