import assert from "node:assert/strict";
import { CreateGrantCommand, DecryptCommand, KMSClient, ListGrantsCommand } from "@aws-sdk/client-kms";
import type { Members } from "../../../local/members";
import { AwsError } from "../../../local/errors";
import { awsLags } from "../../../local/lags";
import type { Principal } from "../../../local/iam/principal";
import { Account, ACCOUNT, allow } from "../services/codebuild/account";
import { sdkConfig } from "../support";

const root = { AWS: `arn:aws:iam::${ACCOUNT}:root` };
const keyPolicy = (...more: Members[]): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: root, Action: "kms:*", Resource: "*" }, ...more],
  });
const everything = ["Encrypt", "Decrypt", "GenerateDataKey", "DescribeKey"];

describe("grants on keys", function () {
  let account: Account;
  let keyArn: string;
  let maker: Principal;
  let holder: Principal;
  let other: Principal;
  const call = (operation: string, input: Members, as?: Principal): Promise<Members> =>
    account.call("kms", operation, input, as);
  const refusal = (operation: string, input: Members, as?: Principal): Promise<string> =>
    call(operation, input, as).then(
      () => "allowed",
      (error: unknown) => {
        if (error instanceof AwsError) return `${error.code}: ${error.message}`;
        throw error;
      },
    );
  const grant = (more: Members = {}, as: Principal = maker): Promise<Members> =>
    call("CreateGrant", { KeyId: keyArn, GranteePrincipal: holder.arn, Operations: everything, ...more }, as);
  const encrypt = (as: Principal, EncryptionContext?: Members): Promise<string> =>
    refusal("Encrypt", { KeyId: keyArn, Plaintext: Buffer.from("x"), EncryptionContext }, as);
  const denied = (action: string, who: Principal): string =>
    `AccessDeniedException: User: ${who.arn} is not authorized to perform: kms:${action} on resource: ${keyArn} because no identity-based policy allows the kms:${action} action`;

  before(async () => {
    account = await Account.open();
    [maker, holder, other] = [
      await account.user("maker", [allow(["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"])]),
      await account.user("holder", [allow("s3:ListAllMyBuckets")]),
      await account.user("other", [allow("s3:ListAllMyBuckets")]),
    ];
  });
  after(() => account?.close());
  beforeEach(async () => void (keyArn = (await call("CreateKey", { Policy: keyPolicy() })).KeyMetadata.Arn as string));

  it("let their grantee do what they name and nothing else, and nobody else, until they are revoked", async () => {
    assert.equal(await encrypt(holder), denied("Encrypt", holder));
    const { GrantId } = await grant({ Operations: ["Encrypt", "DescribeKey"] });
    assert.equal(await encrypt(holder), "allowed");
    assert.equal(await refusal("DescribeKey", { KeyId: keyArn }, holder), "allowed");
    assert.equal(
      await refusal("GenerateDataKey", { KeyId: keyArn, KeySpec: "AES_256" }, holder),
      denied("GenerateDataKey", holder),
    );
    assert.equal(await encrypt(other), denied("Encrypt", other));
    await call("RevokeGrant", { KeyId: keyArn, GrantId }, maker);
    assert.equal(await encrypt(holder), denied("Encrypt", holder));
  });

  it("hold with their encryption context alone, be it a part of the request's or all of it", async () => {
    await grant({ Constraints: { EncryptionContextSubset: { Disk: "vol-1" } } });
    for (const [context, expected] of [
      [{ Disk: "vol-1" }, "allowed"],
      [{ disk: "vol-1", more: "x" }, "allowed"],
      [{ Disk: "VOL-1" }, denied("Encrypt", holder)],
      [undefined, denied("Encrypt", holder)],
    ] as const)
      assert.equal(await encrypt(holder, context), expected);
    assert.equal(await refusal("DescribeKey", { KeyId: keyArn }, holder), "allowed", "which takes no context");
    await grant({ GranteePrincipal: other.arn, Constraints: { EncryptionContextEquals: { Disk: "vol-1" } } });
    assert.equal(await encrypt(other, { Disk: "vol-1" }), "allowed");
    assert.equal(await encrypt(other, { Disk: "vol-1", more: "x" }), denied("Encrypt", other));
  });

  it("lose against every Deny: a key that nobody else may sign with is signed with by nobody else, whatever was granted", async () => {
    const Policy = keyPolicy({
      Effect: "Deny",
      Principal: "*",
      Action: "kms:Sign",
      Resource: "*",
      Condition: { ArnNotEquals: { "aws:PrincipalArn": maker.arn } },
    });
    keyArn = (await call("CreateKey", { Policy, KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" })).KeyMetadata
      .Arn as string;
    await grant({ Operations: ["Sign", "GetPublicKey"] });
    assert.equal(await refusal("GetPublicKey", { KeyId: keyArn }, holder), "allowed");
    assert.match(
      await refusal("Sign", { KeyId: keyArn, Message: Buffer.from("x"), SigningAlgorithm: "ECDSA_SHA_256" }, holder),
      /not authorized to perform: kms:Sign .* with an explicit deny in a resource-based policy/,
    );
  });

  it("are retired by whom they name, by a grantee who may, and by the account; not by a policy of the key alone", async () => {
    const retire = (input: Members, as: Principal): Promise<string> => refusal("RetireGrant", input, as);
    const first = await grant({ RetiringPrincipal: other.arn });
    assert.match(
      await retire({ KeyId: keyArn, GrantId: first.GrantId }, holder),
      /^AccessDeniedException: .*kms:RetireGrant/,
    );
    assert.equal(await retire({ KeyId: keyArn, GrantId: first.GrantId }, other), "allowed");
    const second = await grant({ Operations: ["Encrypt", "RetireGrant"] });
    assert.match(await retire({ GrantToken: second.GrantToken }, other), /^AccessDeniedException/);
    assert.equal(await retire({ GrantToken: second.GrantToken }, holder), "allowed");
    assert.equal(await encrypt(holder), denied("Encrypt", holder));
    const third = await grant();
    const delegate = await account.user("delegate", [allow("kms:RetireGrant")]);
    assert.equal(await retire({ KeyId: keyArn, GrantId: third.GrantId }, delegate), "allowed");
    assert.match(await retire({ KeyId: keyArn, GrantId: third.GrantId }, delegate), /^AccessDeniedException/);
  });

  it("that let make grants let make narrower ones only", async () => {
    await grant({
      Operations: ["Decrypt", "Encrypt", "CreateGrant"],
      Constraints: { EncryptionContextSubset: { Disk: "vol-1" } },
    });
    const child = (more: Members): Promise<string> =>
      refusal(
        "CreateGrant",
        {
          KeyId: keyArn,
          GranteePrincipal: other.arn,
          Operations: ["Encrypt"],
          Constraints: { EncryptionContextSubset: { Disk: "vol-1", part: "a" } },
          ...more,
        },
        holder,
      );
    assert.equal(await child({ Operations: ["GenerateDataKey"] }), denied("CreateGrant", holder));
    assert.equal(await child({ Constraints: undefined }), denied("CreateGrant", holder));
    assert.equal(
      await child({ Constraints: { EncryptionContextSubset: { Disk: "vol-2" } } }),
      denied("CreateGrant", holder),
    );
    assert.equal(await child({}), "allowed");
    assert.equal(await encrypt(other, { Disk: "vol-1", part: "a" }), "allowed");
  });

  it("are made once for one name, listed over HTTP by any SDK, and not made for nobody", async () => {
    const client = new KMSClient(sdkConfig(account.local));
    const wanted = { KeyId: keyArn, GranteePrincipal: holder.arn, Operations: ["Decrypt" as const], Name: "disk" };
    const [one, again] = [
      await client.send(new CreateGrantCommand(wanted)),
      await client.send(new CreateGrantCommand(wanted)),
    ];
    assert.equal(one.GrantId, again.GrantId);
    const { Grants } = await client.send(new ListGrantsCommand({ KeyId: keyArn }));
    assert.deepEqual(
      Grants!.map(({ Name, GranteePrincipal, Operations, KeyId }) => [Name, GranteePrincipal, Operations, KeyId]),
      [["disk", holder.arn, ["Decrypt"], keyArn]],
    );
    assert.ok(Grants![0]!.CreationDate instanceof Date);
    await assert.rejects(
      client.send(new CreateGrantCommand({ ...wanted, GranteePrincipal: `arn:aws:iam::${ACCOUNT}:user/nobody` })),
      { name: "InvalidArnException" },
    );
    await assert.rejects(
      client.send(new CreateGrantCommand({ ...wanted, KeyId: "11111111-2222-3333-4444-555555555555" })),
      { name: "NotFoundException" },
    );
    await assert.rejects(client.send(new DecryptCommand({ KeyId: keyArn, CiphertextBlob: Buffer.from("x") })), {
      name: "InvalidCiphertextException",
    });
    client.destroy();
  });

  it("are what AWS's services make for their resources: whoever asks KMS himself is told no where only they may", async () => {
    const limited = { Condition: { Bool: { "kms:GrantIsForAWSResource": "true" } } };
    const notebook = await account.user("notebook", [
      { ...allow(["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"]), ...limited },
    ]);
    assert.equal(
      await refusal(
        "CreateGrant",
        { KeyId: keyArn, GranteePrincipal: notebook.arn, Operations: ["Decrypt"] },
        notebook,
      ),
      denied("CreateGrant", notebook),
    );
    assert.equal(await refusal("ListGrants", { KeyId: keyArn }, notebook), denied("ListGrants", notebook));
  });

  it("count minutes late where lags are on, or at once with their token", async () => {
    const late = await Account.open({ lags: true });
    const { clock } = late.local.cloud;
    const nowMs = clock.nowMs.bind(clock);
    let passed = 0;
    clock.nowMs = () => nowMs() + passed;
    try {
      const KeyId = (await late.call("kms", "CreateKey", { Policy: keyPolicy() })).KeyMetadata.Arn as string;
      const someone = await late.user("someone", [allow("s3:ListAllMyBuckets")]);
      const { GrantToken } = await late.call("kms", "CreateGrant", {
        KeyId,
        GranteePrincipal: someone.arn,
        Operations: ["DescribeKey"],
      });
      const look = (more: Members = {}): Promise<unknown> =>
        late.call("kms", "DescribeKey", { KeyId, ...more }, someone);
      await assert.rejects(look(), /not authorized/);
      await look({ GrantTokens: [GrantToken] });
      passed += awsLags.grantMs;
      await look();
    } finally {
      await late.close();
    }
  });

  describe("for disks of Studio", () => {
    let domainId: string;
    const app = (): Members => ({
      DomainId: domainId,
      UserProfileName: "anna",
      AppType: "JupyterLab",
      AppName: "default",
    });
    const start = async (): Promise<Members> => {
      await account.call("sagemaker", "CreateApp", app());
      return account.call("sagemaker", "DescribeApp", app());
    };
    beforeEach(async () => {
      for (const [name, actions] of [["studio", ["s3:*"]]] as const)
        if (!(await account.call("iam", "ListRoles", {})).Roles.some(({ RoleName }: Members) => RoleName === name))
          await account.role(name, [allow([...actions])], "sagemaker.amazonaws.com");
      const { Vpcs } = await account.call("ec2", "DescribeVpcs", {});
      const { Subnets } = await account.call("ec2", "DescribeSubnets", {});
      const { DomainArn } = await account.call("sagemaker", "CreateDomain", {
        DomainName: `d-${keyArn.slice(-4)}`,
        AuthMode: "IAM",
        VpcId: Vpcs[0].VpcId,
        SubnetIds: [Subnets[0].SubnetId],
        KmsKeyId: keyArn,
        DefaultUserSettings: { ExecutionRole: `arn:aws:iam::${ACCOUNT}:role/studio` },
      });
      domainId = (DomainArn as string).split("/").at(-1)!;
      await account.call("sagemaker", "CreateUserProfile", { DomainId: domainId, UserProfileName: "anna" });
    });
    const grants = async (): Promise<Members[]> => (await call("ListGrants", { KeyId: keyArn })).Grants as Members[];

    it("are made with the app, for its host and this disk alone, and go with it", async () => {
      assert.equal((await start()).Status, "InService");
      const [made, ...others] = await grants();
      assert.deepEqual([others, made!.Operations], [[], ["Decrypt"]]);
      assert.match(made!.GranteePrincipal, /:assumed-role\/aws:ec2-infrastructure\/i-0[0-9a-f]{16}$/);
      assert.match(made!.Constraints.EncryptionContextSubset["aws:ebs:id"], /^vol-0[0-9a-f]{16}$/);
      await account.call("sagemaker", "DeleteApp", app());
      assert.deepEqual(await grants(), []);
    });

    it("are what opens the disk: where the key's policy lets nobody decrypt, the app fails and leaves no grant", async () => {
      await call("PutKeyPolicy", {
        KeyId: keyArn,
        PolicyName: "default",
        Policy: keyPolicy({ Effect: "Deny", Principal: "*", Action: "kms:Decrypt", Resource: "*" }),
      });
      const { Status, FailureReason } = await start();
      assert.equal(Status, "Failed");
      assert.match(FailureReason, /^Client\.InternalError: Client error on launch\. The volume vol-/);
      assert.deepEqual(await grants(), []);
    });
  });
});
