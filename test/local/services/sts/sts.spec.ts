import assert from "node:assert/strict";
import type { Members } from "../../../../local/members";
import { credentialsOf } from "../../../../local/iam/credentials";
import { signInPerson } from "../../../../local/iam/people";
import { Account, allow, document, officialModels, policy } from "../../iam/account";

const id = "111122223333";
const newAccount = (): Account => new Account([], { models: officialModels });
const trusting = (
  Principal: object | string,
  more: object = {},
  Action: string | string[] = "sts:AssumeRole",
): Members => ({
  AssumeRolePolicyDocument: document(allow(Action, undefined, { Principal, ...more })),
});

describe("STS", () => {
  it("says who one is without any permission", async () => {
    const account = newAccount();
    assert.deepEqual(await account.call("sts", "GetCallerIdentity"), {
      UserId: account.admin.id,
      Account: id,
      Arn: `arn:aws:iam::${id}:user/ab`,
    });
    const session = await account.assume(await account.role("bare"));
    const { UserId, Arn } = await account.call("sts", "GetCallerIdentity", {}, session);
    assert.match(UserId, /^AROA[A-Z2-7]{17}:session$/);
    assert.equal(Arn, `arn:aws:sts::${id}:assumed-role/bare/session`);
  });

  it("gives sessions of roles with keys, token, id and expiry", async () => {
    const account = newAccount();
    const role = await account.role("worker", policy(allow("s3:*", "*")), { Path: "/peregrine/dev/" });
    const output = await account.call("sts", "AssumeRole", {
      RoleArn: role,
      RoleSessionName: "me@x",
      DurationSeconds: 900,
    });
    assert.equal(output.AssumedRoleUser.Arn, `arn:aws:sts::${id}:assumed-role/worker/me@x`);
    assert.match(output.Credentials.AccessKeyId, /^ASIA[A-Z2-7]{16}$/);
    assert.ok(Math.abs(output.Credentials.Expiration.getTime() - Date.now() - 900_000) < 5000);
    const known = credentialsOf(account.cloud)(output.Credentials.AccessKeyId);
    assert.deepEqual(
      [known?.secretAccessKey, known?.sessionToken, known?.principal.roleArn],
      [output.Credentials.SecretAccessKey, output.Credentials.SessionToken, role],
    );
  });

  it("keeps to the role's longest session and to one hour in chains", async () => {
    const account = newAccount();
    const role = await account.role("long", policy(allow("sts:AssumeRole", "*")), { MaxSessionDuration: 7200 });
    const assume = (DurationSeconds: number, by = account.admin): Promise<unknown> =>
      account.call("sts", "AssumeRole", { RoleArn: role, RoleSessionName: "s1", DurationSeconds }, by);
    await assume(7200);
    await assert.rejects(assume(7201), {
      name: "ValidationError",
      message: "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    });
    const chained = await account.assume(role);
    await assume(3600, chained);
    await assert.rejects(assume(3601, chained), {
      message: "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
    });
  });

  it("denies roles that do not exist in the same words as roles that do not trust the caller", async () => {
    const account = newAccount();
    const role = await account.role("other", undefined, trusting({ AWS: "444455556666" }));
    for (const arn of [role, `arn:aws:iam::${id}:role/missing`]) {
      await assert.rejects(account.assume(arn), {
        name: "AccessDenied",
        status: 403,
        message: `User: arn:aws:iam::${id}:user/ab is not authorized to perform: sts:AssumeRole on resource: ${arn}`,
      });
    }
  });

  it("lets a trust policy that names the caller grant without an identity policy", async () => {
    const account = newAccount();
    const first = await account.role("first");
    const second = await account.role("second", undefined, trusting({ AWS: first }));
    assert.equal((await account.assume(second, {}, await account.assume(first))).roleArn, second);
  });

  it("asks the conditions of trust policies: external id, session name, tags", async () => {
    const account = newAccount();
    const role = await account.role(
      "r",
      undefined,
      trusting(
        { AWS: id },
        { Condition: { StringEquals: { "sts:ExternalId": "secret" }, StringLike: { "sts:RoleSessionName": "ci-*" } } },
      ),
    );
    await assert.rejects(account.assume(role, { RoleSessionName: "ci-1" }), { name: "AccessDenied" });
    await assert.rejects(account.assume(role, { ExternalId: "secret" }), { name: "AccessDenied" });
    await account.assume(role, { ExternalId: "secret", RoleSessionName: "ci-1" });
  });

  it("wants sts:TagSession and sts:SetSourceIdentity in the trust policy for tags and source identity", async () => {
    const account = newAccount();
    const plain = await account.role("plain");
    const more = { Tags: [{ Key: "team", Value: "vision" }], TransitiveTagKeys: ["team"], SourceIdentity: "ann" };
    await assert.rejects(account.assume(plain, more), /is not authorized to perform: sts:TagSession on resource/);
    await assert.rejects(account.assume(plain, { SourceIdentity: "ann" }), /sts:SetSourceIdentity/);
    const full = trusting({ AWS: id }, {}, ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]);
    const session = await account.assume(await account.role("full", policy(allow("sts:*", "*")), full), more);
    assert.deepEqual(
      [session.tags, session.sourceIdentity, session.transitiveTagKeys],
      [{ team: "vision" }, "ann", ["team"]],
    );
    const next = await account.assume(await account.role("next", undefined, full), {}, session);
    assert.deepEqual([next.tags, next.sourceIdentity], [{ team: "vision" }, "ann"]);
    await assert.rejects(
      account.assume(await account.role("last", undefined, full), { Tags: [{ Key: "team", Value: "x" }] }, session),
      { name: "InvalidParameterValue" },
    );
  });

  it("knows the name that a session carries on, and lets nobody change it", async () => {
    const account = newAccount();
    const actions = ["sts:AssumeRole", "sts:SetSourceIdentity"];
    const first = await account.assume(
      await account.role("first", policy(allow("sts:*", "*")), trusting({ AWS: id }, {}, actions)),
      { SourceIdentity: "ann" },
    );
    const named = await account.role(
      "named",
      undefined,
      trusting({ AWS: id }, { Condition: { StringEquals: { "aws:SourceIdentity": "ann" } } }, actions),
    );
    assert.equal((await account.assume(named, {}, first)).sourceIdentity, "ann");
    assert.equal((await account.assume(named, { SourceIdentity: "ann" }, first)).sourceIdentity, "ann");
    await assert.rejects(account.assume(named, { SourceIdentity: "bob" }, first), { name: "AccessDenied" });
    // The first call of a chain has no such name yet: aws:SourceIdentity is what a session brings along,
    // sts:SourceIdentity what it asks for.
    await assert.rejects(account.assume(named, { SourceIdentity: "ann" }), { name: "AccessDenied" });
    const silent = await account.role("silent", undefined, trusting({ AWS: id }));
    await assert.rejects(
      account.assume(silent, {}, first),
      /sts:SetSourceIdentity/,
      "a name that is carried on has to be allowed as well",
    );
  });

  it("compares a name that is asked for with the caller's own", async () => {
    const account = newAccount();
    const own = await account.role(
      "own",
      undefined,
      trusting({ AWS: id }, { Condition: { StringEquals: { "sts:SourceIdentity": "${aws:username}" } } }, [
        "sts:AssumeRole",
        "sts:SetSourceIdentity",
      ]),
    );
    assert.equal((await account.assume(own, { SourceIdentity: "ab" })).sourceIdentity, "ab");
    for (const more of [{}, { SourceIdentity: "ann" }])
      await assert.rejects(account.assume(own, more), { name: "AccessDenied" });
  });

  it("knows a second factor of people who are signed in with one, and loses it in sessions of roles", async () => {
    const account = newAccount();
    const wanted = trusting({ AWS: id }, { Condition: { Bool: { "aws:MultiFactorAuthPresent": "true" } } });
    const role = await account.role("r", policy(allow("sts:*", "*")), wanted);
    const { principal } = signInPerson(account.cloud, "ann");
    await account.call("iam", "PutUserPolicy", {
      UserName: "ann",
      PolicyName: "all",
      PolicyDocument: document(allow("sts:*", "*")),
    });
    const session = await account.assume(role, {}, principal);
    await assert.rejects(account.assume(role), { name: "AccessDenied" });
    await assert.rejects(account.assume(role, {}, session), { name: "AccessDenied" });
    const { Credentials } = await account.call("sts", "GetSessionToken", {}, principal);
    await assert.rejects(account.assume(role, {}, credentialsOf(account.cloud)(Credentials.AccessKeyId)!.principal), {
      name: "AccessDenied",
    });
  });

  it("gives people a user that stays the same, with rights to take roles of the environments alone", async () => {
    const account = newAccount();
    const [first, again] = [signInPerson(account.cloud, "ann"), signInPerson(account.cloud, "ann")];
    assert.equal(first.principal.id, again.principal.id);
    assert.notEqual(first.accessKeyId, again.accessKeyId);
    const outside = await account.role("outside");
    await assert.rejects(account.assume(outside, {}, first.principal), { name: "AccessDenied" });
    await account.assume(await account.role("inside", undefined, { Path: "/peregrine/dev/" }), {}, first.principal);
    await assert.rejects(account.call("iam", "ListUsers", {}, first.principal), { name: "AccessDenied" });
  });

  it("takes session policies, and refuses them when they are broken or too large", async () => {
    const account = newAccount();
    const role = await account.role("r", policy(allow("iam:*", "*")));
    const session = await account.assume(role, { Policy: document(allow("iam:ListRoles", "*")) });
    await account.call("iam", "ListRoles", {}, session);
    await assert.rejects(
      account.call("iam", "ListUsers", {}, session),
      /because no session policy allows the iam:ListUsers action/,
    );
    const byArn = await account.assume(role, { PolicyArns: [{ arn: "arn:aws:iam::aws:policy/IAMReadOnlyAccess" }] });
    await account.call("iam", "ListUsers", {}, byArn);
    await assert.rejects(account.call("iam", "CreateUser", { UserName: "x" }, byArn), /no session policy/);
    await assert.rejects(account.assume(role, { Policy: "{}" }), { name: "MalformedPolicyDocument" });
  });

  it("gives services sessions of roles that trust them, under their conditions", async () => {
    const account = newAccount();
    const { assume } = account.cloud.internals as unknown as {
      assume: (
        role: string,
        service: string,
        name: string,
        sourceArn?: string,
        sourceIdentity?: string,
      ) => { arn: string; invokedBy?: string; sourceIdentity?: string };
    };
    const role = await account.role(
      "train",
      undefined,
      trusting({ Service: "sagemaker.amazonaws.com" }, { Condition: { StringEquals: { "aws:SourceAccount": id } } }),
    );
    const session = assume(role, "sagemaker.amazonaws.com", "job / 1");
    assert.deepEqual(
      [session.arn, session.invokedBy],
      [`arn:aws:sts::${id}:assumed-role/train/job---1`, "sagemaker.amazonaws.com"],
    );
    assert.throws(() => assume(role, "lambda.amazonaws.com", "job"), { name: "AccessDenied" });
    assert.throws(() => assume(`${role}x`, "sagemaker.amazonaws.com", "job"), { name: "AccessDenied" });
    const rule = `arn:aws:events:eu-central-1:${id}:rule/r`;
    assert.throws(() => assume(role, "sagemaker.amazonaws.com", "job", undefined, "ann"), {
      name: "AccessDenied",
      message: /sts:SetSourceIdentity/,
    });
    const naming = await account.role(
      "notebooks",
      undefined,
      trusting({ Service: "sagemaker.amazonaws.com" }, {}, ["sts:AssumeRole", "sts:SetSourceIdentity"]),
    );
    assert.equal(assume(naming, "sagemaker.amazonaws.com", "SageMaker", undefined, "ann").sourceIdentity, "ann");
    const limited = await account.role(
      "events",
      undefined,
      trusting({ Service: "events.amazonaws.com" }, { Condition: { ArnLike: { "aws:SourceArn": rule } } }),
    );
    assume(limited, "events.amazonaws.com", "rule", rule);
    assert.throws(() => assume(limited, "events.amazonaws.com", "rule", `${rule}x`), { name: "AccessDenied" });
  });

  it("gives keys for a session to child processes", async () => {
    const account = newAccount();
    const session = await account.assume(await account.role("r"));
    const keys = account.cloud.internals.credentials(session);
    assert.deepEqual(credentialsOf(account.cloud)(keys.accessKeyId)?.principal, session);
  });

  it("gives users session tokens, roles none", async () => {
    const account = newAccount();
    const { Credentials } = await account.call("sts", "GetSessionToken");
    assert.equal(credentialsOf(account.cloud)(Credentials.AccessKeyId)?.principal.arn, account.admin.arn);
    await assert.rejects(account.call("sts", "GetSessionToken", {}, await account.assume(await account.role("r"))), {
      name: "AccessDenied",
      message: "Cannot call GetSessionToken with session credentials",
    });
  });

  describe("with web identities", () => {
    const token = (claims: object): string =>
      ["{}", JSON.stringify(claims), ""].map((part) => Buffer.from(part).toString("base64url")).join(".");
    const claims = {
      iss: "https://ci.example.com",
      aud: "sts.amazonaws.com",
      sub: "repo:owner/name:ref:main",
      exp: Math.floor(Date.now() / 1000) + 600,
    };

    async function ci(
      actions: string | string[] = "sts:AssumeRoleWithWebIdentity",
      conditions: object = {},
      account = newAccount(),
    ): Promise<(more: object) => Promise<Members>> {
      const { OpenIDConnectProviderArn: Federated } = await account.call("iam", "CreateOpenIDConnectProvider", {
        Url: "https://ci.example.com",
        ClientIDList: ["sts.amazonaws.com"],
      });
      const condition = { Condition: { StringLike: { "ci.example.com:sub": "repo:owner/*" }, ...conditions } };
      const role = await account.role("deploy", undefined, trusting({ Federated }, condition, actions));
      return (more) =>
        account.call("sts", "AssumeRoleWithWebIdentity", {
          RoleArn: role,
          RoleSessionName: "ci",
          WebIdentityToken: token({ ...claims, ...more }),
        });
    }

    it("checks issuer, audience, lifetime and the trust policy's conditions", async () => {
      const assume = await ci();
      assert.equal((await assume({})).AssumedRoleUser.Arn, `arn:aws:sts::${id}:assumed-role/deploy/ci`);
      await assert.rejects(assume({ sub: "repo:stranger/name" }), {
        name: "AccessDenied",
        message: "Not authorized to perform sts:AssumeRoleWithWebIdentity",
      });
      await assert.rejects(assume({ aud: "someone" }), {
        name: "InvalidIdentityToken",
        message: "Incorrect token audience",
      });
      await assert.rejects(assume({ iss: "https://other.example.com" }), { name: "InvalidIdentityToken" });
      await assert.rejects(assume({ exp: 1 }), { name: "ExpiredTokenException" });
    });

    it("asks conditions on the provider, the place and the session, but knows no principal yet", async () => {
      const assume = await ci(undefined, {
        IpAddress: { "aws:SourceIp": "127.0.0.0/8" },
        ArnLike: { "aws:FederatedProvider": "arn:aws:iam::*:oidc-provider/ci.example.com" },
        Null: { "aws:PrincipalArn": "true", "aws:PrincipalAccount": "true", "aws:username": "true" },
      });
      await assume({});
      await assert.rejects((await ci(undefined, { IpAddress: { "aws:SourceIp": "10.0.0.0/8" } }))({}), {
        name: "AccessDenied",
      });
    });

    it("takes tags and source identity from the token, if the trust policy allows them", async () => {
      const account = newAccount();
      const more = {
        "https://aws.amazon.com/tags": { principal_tags: { team: ["vision"] }, transitive_tag_keys: ["team"] },
        "https://aws.amazon.com/source_identity": "ann",
      };
      const all = ["sts:AssumeRoleWithWebIdentity", "sts:TagSession", "sts:SetSourceIdentity"];
      await assert.rejects((await ci())(more), {
        name: "AccessDenied",
        message: "Not authorized to perform sts:TagSession",
      });
      await assert.rejects((await ci(all.slice(0, 2)))(more), {
        message: "Not authorized to perform sts:SetSourceIdentity",
      });
      const output = await (
        await ci(all, { StringLikeIfExists: { "aws:RequestTag/team": "vis*", "sts:SourceIdentity": "ann" } }, account)
      )(more);
      const { tags, transitiveTagKeys, sourceIdentity } = credentialsOf(account.cloud)(
        output.Credentials.AccessKeyId as string,
      )!.principal;
      assert.deepEqual(
        [tags, transitiveTagKeys, sourceIdentity, output.SourceIdentity],
        [{ team: "vision" }, ["team"], "ann", "ann"],
      );
      await assert.rejects((await ci(all, { StringEquals: { "aws:RequestTag/team": "other" } }))(more), {
        name: "AccessDenied",
      });
    });
  });
});
