import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { fromIni } from "@aws-sdk/credential-providers";
import type { Members } from "../../local/members";
import type { LocalCloud } from "../../local/server";
import { profilePrincipal } from "../../local/provider/profiles";
import { principalOf } from "../../local/iam/credentials";
import { trustCheck } from "../../automation/doctor/people";
import { ownName } from "../../aws/sts";
import { trustOf } from "../../infra/identity/trust";
import { humanRoles } from "../../infra/identity/roles/people";
import { Scope } from "../../infra/scope";
import { repository, startTestCloud } from "../local/support";
import { makeTemporaryFolder } from "../support/temporary-folder";
import { settingsOf } from "../support/scope";

const accountId = "111122223333";
const arnOf = (role: string, stack: string) =>
  `arn:aws:iam::${accountId}:role/peregrine/${stack}/peregrine-${stack}-${role}`;
const assumed = (role: string, person: string, stack = "dev") =>
  `arn:aws:sts::${accountId}:assumed-role/peregrine-${stack}-${role}/${person}`;

describe("people and their sessions", function () {
  // Clients keep profiles in a folder whose name a shell would split.
  const folder = makeTemporaryFolder();
  let local: LocalCloud;
  let env: NodeJS.ProcessEnv;

  before(async () => {
    const roles = [
      { name: "approver", stack: "dev", person: "cleo" },
      { name: "approver-prod", stack: "prod", person: "cleo" },
      { name: "not-mine", stack: "dev", person: "ben" },
    ];
    local = await startTestCloud({
      accountId,
      stateDir: join(folder, "a state"),
      administratorProfile: "ab",
      people: ["ben", "cleo"],
      roles: roles.map(({ name, stack, person }) => ({ name, roleArn: arnOf("approver", stack), person })),
    });
    for (const stack of ["dev", "prod"]) {
      const scope = new Scope(settingsOf(stack), { accountId, partition: "aws" });
      const trust = trustOf(humanRoles(scope)["approver"]!, scope, "approver");
      await local.cloud.call(
        "iam",
        "CreateRole",
        { RoleName: scope.roleName("approver"), Path: scope.rolePath, AssumeRolePolicyDocument: trust },
        { principal: local.administrator.principal, sourceIp: "127.0.0.1", userAgent: "test" },
      );
    }
    const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("AWS_")));
    env = {
      ...clean,
      AWS_CONFIG_FILE: local.profiles!.configFile,
      AWS_SHARED_CREDENTIALS_FILE: local.profiles!.credentialsFile,
      AWS_PROFILE: "ab",
    };
  });
  after(async () => {
    await local?.stop();
  });

  async function arnBy(profile: string): Promise<string> {
    const { configFile, credentialsFile } = local.profiles!;
    const credentials = fromIni({ profile, configFilepath: configFile, filepath: credentialsFile });
    return (
      await new STSClient({ endpoint: local.url, region: local.cloud.region, credentials }).send(
        new GetCallerIdentityCommand({}),
      )
    ).Arn!;
  }

  async function peregrine(...args: string[]): Promise<string> {
    return (
      await promisify(execFile)(process.execPath, [join(repository, "scripts", "peregrine.cjs"), "session", ...args], {
        env,
      })
    ).stdout;
  }

  /** Whose keys these are. */
  function holder(keys: Members): { arn: string; sourceIdentity?: string } {
    return principalOf(local.cloud)(keys.AccessKeyId as string, keys.SecretAccessKey && (keys.SessionToken as string));
  }

  it("have profiles of the local cloud by which an SDK takes a role in its person's name, with the factor that prod wants", async () => {
    assert.equal(await arnBy("approver"), assumed("approver", "cleo"));
    assert.equal(await arnBy("approver-prod"), assumed("approver", "cleo", "prod"));
    await assert.rejects(
      arnBy("not-mine"),
      /ben cannot take .*: User: arn:aws:iam::111122223333:user\/ben is not authorized to perform: sts:AssumeRole/,
    );
  });

  it("are the same for providers of the engine", async () => {
    const source = { ...local.profiles!, principalOf: principalOf(local.cloud) };
    const { arn, sourceIdentity } = await profilePrincipal(local.cloud, source, "approver");
    assert.deepEqual([arn, sourceIdentity], [assumed("approver", "cleo"), "cleo"]);
  });

  it("are taken by the command of any profile, as credential_process or a shell wants them", async () => {
    const keys = JSON.parse(await peregrine("approver", "--stack", "prod", "--profile", "cleo", "--json")) as Members;
    assert.deepEqual(Object.keys(keys), ["Version", "AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"]);
    assert.deepEqual([holder(keys).arn, holder(keys).sourceIdentity], [assumed("approver", "cleo", "prod"), "cleo"]);
    assert.match(
      await peregrine("approver", "--profile", "cleo"),
      /^export AWS_ACCESS_KEY_ID='ASIA\w+'\nexport AWS_SECRET_ACCESS_KEY='.+'\nexport AWS_SESSION_TOKEN='.+'\nunset AWS_PROFILE\n$/,
    );
  });

  it("are told by the doctor: what is theirs, and what is not", async () => {
    const before = process.env;
    process.env = { ...env };
    try {
      const trust = {
        roleArns: { approver: arnOf("approver", "prod") },
        requireMfa: true,
        people: ["ben=ml-engineer", "cleo=approver"],
      };
      const look = (profile: string, people = trust.people) =>
        trustCheck({ profile, region: local.cloud.region }, { ...trust, people });
      assert.deepEqual(await look("cleo"), { level: "ok", text: "you (cleo) can take approver", cure: "" });
      assert.deepEqual(await look("ben"), {
        level: "ok",
        text: "no role of people is yours (ben), and you can take none",
        cure: "",
      });
      const stale = await look("cleo", ["ben=approver"]);
      assert.deepEqual(
        [stale.level, stale.text],
        ["failed", "you (cleo) can take approver, which the settings give to others"],
      );
      const refused = await look("ben", ["ben=approver"]);
      assert.deepEqual(
        [refused.level, refused.text],
        ["warning", "you (ben) cannot take approver; users of IAM need a second factor"],
      );
    } finally {
      process.env = before;
    }
  });

  it("are refused with what to do", async () => {
    const error = (await peregrine("approver", "--profile", "ben").catch((reason: unknown) => reason)) as {
      code: number;
      stderr: string;
    };
    assert.equal(error.code, 1);
    assert.match(
      error.stderr,
      /You \(arn:aws:iam::111122223333:user\/ben\) cannot take the role approver of dev as ben: .*\nBe listed for it \(peregrine:people in Pulumi\.dev\.yaml\)/,
    );
    await assert.rejects(
      peregrine("approver", "--profile", "cleo", "--mfa-serial", "arn:aws:iam::111122223333:mfa/cleo"),
      /Give --mfa-serial and --token-code together/,
    );
    await assert.rejects(
      peregrine(
        "approver",
        "--profile",
        "cleo",
        "--mfa-serial",
        "arn:aws:iam::111122223333:mfa/cleo",
        "--token-code",
        "123456",
      ),
      /MultiFactorAuthentication failed/,
    );
  });
});

describe("one's own name", () => {
  it("is the user's, or that of a session of Identity Center; other sessions keep what their provider set", () => {
    assert.deepEqual(ownName("arn:aws:iam::111122223333:user/people/anna"), {
      sourceIdentity: "anna",
      sessionName: "anna",
    });
    assert.deepEqual(ownName("arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Work_0123/anna@example.org"), {
      sourceIdentity: "anna@example.org",
      sessionName: "anna@example.org",
    });
    assert.deepEqual(ownName("arn:aws:sts::111122223333:assumed-role/corp/anna"), {
      sourceIdentity: undefined,
      sessionName: "anna",
    });
  });
});
