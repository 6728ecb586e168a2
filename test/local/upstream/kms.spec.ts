import assert from "node:assert/strict";
import { createHash, verify } from "node:crypto";
import * as kms from "@aws-sdk/client-kms";
import type { Members } from "../../../local/members";
import { startProvider, type RunningProvider } from "../../../local/provider/server";
import type { Principal } from "../../../local/iam/principal";
import { Account, allow } from "../services/codebuild/account";
import { Engine } from "../provider/provider-client";
import { sdkConfig } from "../support";

const ALIAS = "alias/peregrine-dev-approvals";
const message = Buffer.from("approved: sha256:1234");
const digest = createHash("sha256").update(message).digest();
const raw = { Message: message, MessageType: "RAW", SigningAlgorithm: "ECDSA_SHA_256" } as const;

describe("keys that sign", function () {
  let account: Account;
  let provider: RunningProvider;
  let engine: Engine;
  let client: kms.KMSClient;
  let arn: string;
  let approver: Principal;
  let other: Principal;
  const ask = (operation: string, input: Members, principal?: Principal): Promise<Members> =>
    account.call("kms", operation, input, principal);
  const publicKey = async (): Promise<Uint8Array> =>
    (await client.send(new kms.GetPublicKeyCommand({ KeyId: ALIAS }))).PublicKey!;
  const fits = async (signature: Uint8Array): Promise<boolean> =>
    verify("sha256", message, { key: Buffer.from(await publicKey()), format: "der", type: "spki" }, signature);
  const policy = (...statements: Members[]): string => {
    const administration = {
      Effect: "Allow",
      Principal: { AWS: "arn:aws:iam::111122223333:root" },
      Action: [
        "kms:Create*",
        "kms:Describe*",
        "kms:Enable*",
        "kms:Disable*",
        "kms:Get*",
        "kms:List*",
        "kms:Put*",
        "kms:Update*",
        "kms:Delete*",
        "kms:Schedule*",
        "kms:Cancel*",
        "kms:Verify",
        "kms:Sign",
        "kms:Encrypt",
        "kms:TagResource",
      ],
      Resource: "*",
    };
    return JSON.stringify({ Version: "2012-10-17", Statement: [administration, ...statements] });
  };
  const onlyApprovers = {
    Effect: "Deny",
    Principal: "*",
    Action: "kms:Sign",
    Resource: "*",
    Condition: { ArnNotEquals: { "aws:PrincipalArn": "arn:aws:iam::111122223333:user/approver" } },
  };

  before(async () => {
    account = await Account.open();
    client = new kms.KMSClient(sdkConfig(account.local));
    const root: Principal = {
      type: "root",
      arn: "arn:aws:iam::111122223333:root",
      accountId: "111122223333",
      id: "111122223333",
    };
    provider = await startProvider(account.local.cloud, { port: 0, principalFor: async () => root });
    engine = await Engine.configured(provider.port);
    const key = await engine.create("aws:kms/key:Key", "approvals", {
      customerMasterKeySpec: "ECC_NIST_P256",
      keyUsage: "SIGN_VERIFY",
      policy: policy(onlyApprovers),
    });
    arn = String(key.properties.arn);
    await engine.create("aws:kms/alias:Alias", "approvals", { name: ALIAS, targetKeyId: key.properties.keyId });
    approver = await account.user("approver", [
      {
        ...allow(["kms:Sign", "kms:Verify", "kms:GetPublicKey"]),
        Condition: { "ForAnyValue:StringEquals": { "kms:ResourceAliases": ALIAS } },
      },
    ]);
    other = await account.user("other", [allow("kms:*")]);
  });
  after(async () => {
    engine?.close();
    await provider?.stop();
    await account?.close();
  });

  it("are made by the provider, and described as AWS does", async () => {
    const { KeyMetadata } = await ask("DescribeKey", { KeyId: ALIAS });
    assert.deepEqual(
      [KeyMetadata.KeySpec, KeyMetadata.KeyUsage, KeyMetadata.SigningAlgorithms],
      ["ECC_NIST_P256", "SIGN_VERIFY", ["ECDSA_SHA_256"]],
    );
    const told = await client.send(new kms.GetPublicKeyCommand({ KeyId: ALIAS }));
    assert.deepEqual(
      [told.KeyId, told.KeySpec, told.KeyUsage, told.SigningAlgorithms],
      [arn, "ECC_NIST_P256", "SIGN_VERIFY", ["ECDSA_SHA_256"]],
    );
  });

  it("sign a message or its digest, so that anybody with the public key can verify it; over HTTP", async () => {
    const keys = (await account.call("iam", "CreateAccessKey", { UserName: "approver" })).AccessKey as Members;
    const signing = new kms.KMSClient({
      ...sdkConfig(account.local),
      credentials: { accessKeyId: keys.AccessKeyId, secretAccessKey: keys.SecretAccessKey },
    });
    const signed = await signing.send(new kms.SignCommand({ KeyId: ALIAS, ...raw }));
    assert.equal(signed.KeyId, arn);
    assert.ok(await fits(signed.Signature!));
    const ofDigest = await signing.send(
      new kms.SignCommand({ KeyId: arn, Message: digest, MessageType: "DIGEST", SigningAlgorithm: "ECDSA_SHA_256" }),
    );
    assert.ok(await fits(ofDigest.Signature!));
    for (const Signature of [signed.Signature!, ofDigest.Signature!]) {
      assert.equal(
        (await signing.send(new kms.VerifyCommand({ KeyId: ALIAS, ...raw, Signature }))).SignatureValid,
        true,
      );
      assert.equal(
        (
          await signing.send(
            new kms.VerifyCommand({
              KeyId: ALIAS,
              Message: digest,
              MessageType: "DIGEST",
              SigningAlgorithm: "ECDSA_SHA_256",
              Signature,
            }),
          )
        ).SignatureValid,
        true,
      );
      await assert.rejects(
        signing.send(
          new kms.VerifyCommand({ KeyId: ALIAS, ...raw, Message: Buffer.from("approved: another"), Signature }),
        ),
        { name: "KMSInvalidSignatureException" },
      );
    }
    await assert.rejects(
      signing.send(
        new kms.SignCommand({
          KeyId: ALIAS,
          Message: message,
          MessageType: "DIGEST",
          SigningAlgorithm: "ECDSA_SHA_256",
        }),
      ),
      { name: "ValidationException" },
    );
    await assert.rejects(
      signing.send(
        new kms.SignCommand({ KeyId: ALIAS, Message: Buffer.alloc(4097), SigningAlgorithm: "ECDSA_SHA_256" }),
      ),
      { name: "ValidationException" },
    );
    await assert.rejects(
      signing.send(new kms.SignCommand({ KeyId: ALIAS, Message: message, SigningAlgorithm: "ECDSA_SHA_384" })),
      { name: "InvalidKeyUsageException" },
    );
    signing.destroy();
  });

  it("sign for those whom the key's policy leaves, whoever else has the right in IAM, and named by id or alias alike", async () => {
    for (const KeyId of [arn, ALIAS, arn.replace(/key\/.*/, ALIAS), arn.slice(arn.indexOf("/") + 1)]) {
      assert.ok(await fits((await ask("Sign", { KeyId, ...raw }, approver)).Signature as Uint8Array), KeyId);
      await assert.rejects(
        ask("Sign", { KeyId, ...raw }, other),
        /kms:Sign on resource: arn:aws:kms:eu-central-1:111122223333:key\/.* with an explicit deny in a resource-based policy/,
      );
      await ask(
        "Verify",
        { KeyId, ...raw, Signature: (await ask("Sign", { KeyId, ...raw }, approver)).Signature },
        other,
      );
    }
  });

  it("are told to policies by their aliases, the alias of the request, the kind of message and the algorithm", async () => {
    await ask("PutKeyPolicy", { KeyId: arn, PolicyName: "default", Policy: policy() });
    const key = await ask("CreateKey", { KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY", Policy: policy() });
    await assert.rejects(
      ask("Sign", { KeyId: key.KeyMetadata.Arn, ...raw }, approver),
      /kms:Sign/,
      "a key without the alias",
    );
    const user = (name: string, Condition: Members): Promise<Principal> =>
      account.user(name, [{ ...allow("kms:Sign"), Condition }]);
    const byAlias = await user("by-alias", { StringEquals: { "kms:RequestAlias": ALIAS } });
    await ask("Sign", { KeyId: ALIAS, ...raw }, byAlias);
    await assert.rejects(ask("Sign", { KeyId: arn, ...raw }, byAlias), /kms:Sign/);
    const digests = await user("digests", {
      StringEquals: { "kms:MessageType": "DIGEST", "kms:SigningAlgorithm": "ECDSA_SHA_256" },
    });
    await ask(
      "Sign",
      { KeyId: arn, Message: digest, MessageType: "DIGEST", SigningAlgorithm: "ECDSA_SHA_256" },
      digests,
    );
    await assert.rejects(ask("Sign", { KeyId: arn, ...raw }, digests), /kms:Sign/);
    const account2 = await user("account", { StringEquals: { "kms:CallerAccount": "111122223333" } });
    await ask("Sign", { KeyId: arn, ...raw }, account2);
  });

  it("are moved by nobody who has the right on the alias alone", async () => {
    const target = (await ask("CreateKey", { KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" })).KeyMetadata
      .Arn as string;
    const aliasArn = arn.replace(/key\/.*/, ALIAS);
    const mover = await account.user("mover", [allow(["kms:UpdateAlias", "kms:DeleteAlias"], [aliasArn, target])]);
    await assert.rejects(ask("UpdateAlias", { AliasName: ALIAS, TargetKeyId: target }, mover), (error: Error) =>
      error.message.includes(`kms:UpdateAlias on resource: ${arn}`),
    );
    await assert.rejects(ask("DeleteAlias", { AliasName: ALIAS }, mover), (error: Error) =>
      error.message.includes(`kms:DeleteAlias on resource: ${arn}`),
    );
  });

  it("neither rotate nor encrypt, and do nothing while disabled or going", async () => {
    await assert.rejects(client.send(new kms.EnableKeyRotationCommand({ KeyId: arn })), {
      name: "UnsupportedOperationException",
    });
    await assert.rejects(client.send(new kms.GetKeyRotationStatusCommand({ KeyId: arn })), {
      name: "UnsupportedOperationException",
    });
    await assert.rejects(
      engine.create("aws:kms/key:Key", "rotating", {
        customerMasterKeySpec: "ECC_NIST_P256",
        keyUsage: "SIGN_VERIFY",
        enableKeyRotation: true,
      }),
      /UnsupportedOperationException/,
    );
    await assert.rejects(client.send(new kms.EncryptCommand({ KeyId: arn, Plaintext: message })), {
      name: "InvalidKeyUsageException",
    });
    await client.send(new kms.DisableKeyCommand({ KeyId: arn }));
    await assert.rejects(ask("Sign", { KeyId: arn, ...raw }, approver), { code: "DisabledException" });
    await client.send(new kms.EnableKeyCommand({ KeyId: arn }));
    await client.send(new kms.ScheduleKeyDeletionCommand({ KeyId: arn, PendingWindowInDays: 7 }));
    await assert.rejects(ask("Sign", { KeyId: arn, ...raw }, approver), { code: "KMSInvalidStateException" });
    await client.send(new kms.CancelKeyDeletionCommand({ KeyId: arn }));
    await client.send(new kms.EnableKeyCommand({ KeyId: arn }));
    await ask("Sign", { KeyId: arn, ...raw }, approver);
  });

  it("are not those that encrypt: a symmetric key has no public part, signs nothing, and stops decrypting when disabled", async () => {
    const KeyId = (await ask("CreateKey", {})).KeyMetadata.KeyId as string;
    await assert.rejects(client.send(new kms.GetPublicKeyCommand({ KeyId })), {
      name: "UnsupportedOperationException",
    });
    await assert.rejects(client.send(new kms.SignCommand({ KeyId, ...raw })), { name: "InvalidKeyUsageException" });
    await client.send(new kms.EnableKeyRotationCommand({ KeyId }));
    const { CiphertextBlob } = await client.send(new kms.EncryptCommand({ KeyId, Plaintext: message }));
    await client.send(new kms.DisableKeyCommand({ KeyId }));
    await assert.rejects(client.send(new kms.DecryptCommand({ CiphertextBlob })), { name: "DisabledException" });
    await assert.rejects(client.send(new kms.GenerateDataKeyCommand({ KeyId, KeySpec: "AES_256" })), {
      name: "DisabledException",
    });
  });
});
