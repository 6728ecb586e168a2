import assert from "node:assert/strict";
import { signInPerson } from "../../../local/iam/people";
import type { Members } from "../../../local/members";
import type { Principal } from "../../../local/iam/principal";
import { environments } from "../../../contract/environments";
import { peopleOfMatrix, personOf } from "../../../automation/roles/matrix/expected";
import { homesOf } from "../../../automation/roles/matrix/rows";
import { accountId, scopeOf } from "../../support/scope";
import { GovernedAccount } from "./account";

const arnOf = (role: string, environment = "dev") => scopeOf(environment).roleArn(role);
const refused = (action = "sts:(AssumeRole|SetSourceIdentity)") => ({
  name: "AccessDenied",
  message: new RegExp(`is not authorized to perform: ${action} on resource: `),
});

describe("who takes a role of people", function () {
  this.timeout(60_000);
  let account: GovernedAccount;
  before(async () => {
    account = await GovernedAccount.start();
  });
  after(() => account?.stop());

  const call = (operation: string, input: Members, principal: Principal): Promise<Members> =>
    account.local.cloud.call("sts", operation, input, {
      principal,
      sourceIp: "127.0.0.1",
      userAgent: "test",
    }) as Promise<Members>;
  const take = (RoleArn: string, principal: Principal, more: Members = {}) =>
    call("AssumeRole", { RoleArn, RoleSessionName: "session", ...more }, principal);
  const user = (name: string): Principal => signInPerson(account.local.cloud, name).principal;
  const administer = (operation: string, input: Members) =>
    account.local.cloud.call("iam", operation, input, {
      principal: account.local.administrator.principal,
      sourceIp: "127.0.0.1",
      userAgent: "test",
    });

  it("is the person listed for it, under their own name, in every environment", async () => {
    for (const role of peopleOfMatrix)
      for (const environment of homesOf(role)) {
        const person = personOf[role]!;
        const { SourceIdentity } = await take(arnOf(role, environment), user(person), { SourceIdentity: person });
        assert.equal(SourceIdentity, person);
      }
  });

  it("is nobody who is listed for another role, in no environment", async () => {
    for (const role of peopleOfMatrix)
      for (const environment of environments)
        for (const other of peopleOfMatrix.filter((one) => one !== role && homesOf(one).includes(environment)))
          await assert.rejects(
            take(arnOf(other, environment), user(personOf[role]!), { SourceIdentity: personOf[role] }),
            refused(),
            `${role} as ${other} of ${environment}`,
          );
  });

  it("is nobody under another's name, and nobody without a name", async () => {
    for (const SourceIdentity of ["cleo", "Ben", "ben ", "*"])
      await assert.rejects(take(arnOf("ml-engineer"), user("ben"), { SourceIdentity }));
    await assert.rejects(take(arnOf("approver"), user("ben"), { SourceIdentity: "cleo" }), refused());
    await assert.rejects(take(arnOf("approver"), user("cleo")), refused());
    await assert.rejects(take(arnOf("approver"), user("cleo"), { RoleSessionName: "cleo" }), refused());
  });

  it("passes no session tags, which conditions would believe", async () => {
    await assert.rejects(
      take(arnOf("approver"), user("cleo"), { SourceIdentity: "cleo", Tags: [{ Key: "environment", Value: "prod" }] }),
      refused("sts:TagSession"),
    );
  });

  it("shows a second factor in prod, and whoever decides about models in every environment", async () => {
    for (const [role, environment, demanded] of [
      ["ml-engineer", "dev", false],
      ["ml-engineer", "prod", true],
      ["approver", "dev", true],
      ["approver", "prod", true],
    ] as const) {
      const SourceIdentity = personOf[role]!;
      const { mfa: _signedIn, issuedMs: _issued, ...keys } = user(SourceIdentity);
      for (const factorless of [keys, { ...user(SourceIdentity), mfa: false }]) {
        const taken = take(arnOf(role, environment), factorless, { SourceIdentity });
        if (demanded) await assert.rejects(taken, refused(), `${role} of ${environment}`);
        else await taken;
      }
    }
  });

  it("is not the administrator, and no role of an environment, whatever name it carries", async () => {
    await assert.rejects(
      take(arnOf("approver"), account.local.administrator.principal, { SourceIdentity: "cleo" }),
      refused(),
    );
    await assert.rejects(
      take(arnOf("approver"), account.local.administrator.principal, { SourceIdentity: "ab" }),
      refused(),
    );
    const Path = "/peregrine/dev/";
    const trust = {
      Version: "2012-10-17",
      Statement: [
        { Effect: "Allow", Principal: { AWS: accountId }, Action: ["sts:AssumeRole", "sts:SetSourceIdentity"] },
      ],
    };
    for (const path of [Path, "/"]) {
      const RoleName = path === Path ? "peregrine-dev-made" : "made";
      await administer("CreateRole", { RoleName, Path: path, AssumeRolePolicyDocument: JSON.stringify(trust) });
      await administer("PutRolePolicy", {
        RoleName,
        PolicyName: "all",
        PolicyDocument: JSON.stringify({
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
        }),
      });
      const session: Principal = {
        type: "role",
        arn: `arn:aws:sts::${accountId}:assumed-role/${RoleName}/cleo`,
        accountId,
        id: `AROA${RoleName}:cleo`,
        roleArn: `arn:aws:iam::${accountId}:role${path}${RoleName}`,
        sourceIdentity: "cleo",
      };
      const made = (await administer("GetRole", { RoleName })) as Members;
      const real = { ...session, id: `${made.Role.RoleId}:cleo` };
      // What somebody calls a session by AssumeRole is no provider's word, outside the environments either.
      await assert.rejects(take(arnOf("approver"), real), refused(), path);
      await assert.rejects(
        take(arnOf("approver"), { ...real, sourceIdentity: undefined }, { SourceIdentity: "cleo" }),
        refused(),
        path,
      );
      if (path === Path)
        await assert.rejects(
          take(arnOf("approver"), { ...real, federatedProvider: `arn:aws:iam::${accountId}:saml-provider/corp` }),
          refused(),
          "a role of an environment",
        );
      else
        await take(arnOf("approver"), { ...real, federatedProvider: `arn:aws:iam::${accountId}:saml-provider/corp` });
    }
  });

  it("keeps in chains the name that an identity provider set, and changes it to nobody's", async () => {
    const RoleName = "made";
    const { Role } = (await administer("GetRole", { RoleName })) as Members;
    const session: Principal = {
      type: "role",
      arn: `arn:aws:sts::${accountId}:assumed-role/${RoleName}/s`,
      accountId,
      id: `${Role.RoleId}:s`,
      roleArn: Role.Arn,
      sourceIdentity: "dora",
      federatedProvider: `arn:aws:iam::${accountId}:saml-provider/corp`,
    };
    assert.equal((await take(arnOf("auditor", "prod"), session)).SourceIdentity, "dora");
    assert.equal((await take(arnOf("auditor", "prod"), session, { SourceIdentity: "dora" })).SourceIdentity, "dora");
    await assert.rejects(take(arnOf("approver"), session), refused());
    await assert.rejects(take(arnOf("approver"), session, { SourceIdentity: "cleo" }), { name: "AccessDenied" });
  });

  it("is a session of Identity Center under the name of the session, and under no other", async () => {
    const RoleName = "AWSReservedSSO_Work_0123456789abcdef";
    const Path = "/aws-reserved/sso.amazonaws.com/eu-central-1/";
    const trust = {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { AWS: accountId }, Action: "sts:AssumeRole" }],
    };
    await administer("CreateRole", { RoleName, Path, AssumeRolePolicyDocument: JSON.stringify(trust) });
    await administer("PutRolePolicy", {
      RoleName,
      PolicyName: "take",
      PolicyDocument: JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: "sts:*", Resource: "*" }],
      }),
    });
    const { Role } = (await administer("GetRole", { RoleName })) as Members;
    const session: Principal = {
      type: "role",
      arn: `arn:aws:sts::${accountId}:assumed-role/${RoleName}/cleo`,
      accountId,
      id: `${Role.RoleId}:cleo`,
      roleArn: Role.Arn,
    };
    assert.equal((await take(arnOf("approver", "prod"), session, { SourceIdentity: "cleo" })).SourceIdentity, "cleo");
    await assert.rejects(take(arnOf("approver"), session), refused());
    await assert.rejects(take(arnOf("ml-engineer"), session, { SourceIdentity: "ben" }), refused());
    await assert.rejects(take(arnOf("ml-engineer"), session, { SourceIdentity: "cleo" }), refused());
  });

  it("opens the Studio profile of nobody else: a session under a colleague's name does not come about", async () => {
    await assert.rejects(take(arnOf("data-scientist"), user("anna"), { SourceIdentity: "ben" }), refused());
  });
});
