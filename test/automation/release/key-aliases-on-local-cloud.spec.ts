import assert from "node:assert/strict";
import { join } from "node:path";
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from "@aws-sdk/client-iam";
import { DescribeKeyCommand, KMSClient, UpdateAliasCommand } from "@aws-sdk/client-kms";
import { createKey, nameKey } from "../../../aws/kms";
import { awaitKeyAliases, keyAliasCheck } from "../../../automation/release/key-aliases";
import type { LocalCloud } from "../../../local/server";
import { eventually } from "../../support/eventually";
import { enter, sdkConfig, startTestCloud } from "../../local/support";
import { makeTemporaryFolder } from "../../support/temporary-folder";

const policy = JSON.stringify({
  Version: "2012-10-17",
  Statement: [
    { Effect: "Allow", Principal: { AWS: "arn:aws:iam::111122223333:root" }, Action: "kms:*", Resource: "*" },
  ],
});
const byName = {
  Effect: "Allow",
  Action: "kms:DescribeKey",
  Resource: "*",
  Condition: { "ForAnyValue:StringEquals": { "kms:ResourceAliases": "alias/peregrine-dev" } },
};

describe("rights that go by the name of a key", function () {
  const folder = makeTemporaryFolder();
  let local: LocalCloud;
  let leave: () => void;
  let user: KMSClient;
  const environment = () => ({ name: "dev", session: { profile: "ab", region: local.cloud.region } });
  const allowed = (keyArn: string): Promise<boolean> =>
    user.send(new DescribeKeyCommand({ KeyId: keyArn })).then(
      () => true,
      ({ name }: Error) => (assert.equal(name, "AccessDeniedException"), false),
    );

  before(async () => {
    // Five minutes are two seconds.
    local = await startTestCloud({ speed: 150, lags: true });
    leave = enter(local, join(folder, "aws"));
    const iam = new IAMClient(sdkConfig(local));
    await iam.send(new CreateUserCommand({ UserName: "reader" }));
    await iam.send(
      new PutUserPolicyCommand({
        UserName: "reader",
        PolicyName: "by-name",
        PolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [byName] }),
      }),
    );
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: "reader" }));
    user = new KMSClient({
      ...sdkConfig(local),
      credentials: { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! },
    });
  });
  after(async () => {
    leave?.();
    await local?.stop();
  });

  async function named(alias: string): Promise<string> {
    const keyArn = await createKey(environment().session, policy, {});
    await nameKey(environment().session, keyArn, alias);
    return keyArn;
  }

  it("are refused while the name is new, which the doctor says and commands wait for, telling once", async () => {
    // Another environment's keys are nobody's business here.
    await named("peregrine-development");
    const keyArn = await named("peregrine-dev");
    assert.equal(await allowed(keyArn), false);
    const { level, text, cure } = await keyAliasCheck(environment());
    assert.deepEqual(
      [level, text],
      [
        "warning",
        "alias/peregrine-dev changed less than five minutes ago: roles may still be refused what they may do with the key",
      ],
    );
    assert.match(cure, /^Wait until \d{4}-\d\d-\d\dT[\d:.]+Z; /);
    const told: string[] = [];
    await awaitKeyAliases(environment(), (sentence) => void told.push(sentence));
    assert.equal(await allowed(keyArn), true);
    assert.equal(told.length, 1);
    assert.match(told[0]!, /^the key alias\/peregrine-dev got its name a moment ago; rights that go by it hold from /);
    assert.equal((await keyAliasCheck(environment())).level, "ok");
  });

  it("hold for the former key as long as for the new one they do not, when a name moves", async () => {
    const next = await named("another");
    await new KMSClient(sdkConfig(local)).send(
      new UpdateAliasCommand({ AliasName: "alias/peregrine-dev", TargetKeyId: next }),
    );
    assert.equal(await allowed(next), false);
    assert.equal((await keyAliasCheck(environment())).level, "warning");
    await awaitKeyAliases(environment(), () => undefined);
    await eventually(async () => assert.equal(await allowed(next), true));
  });
});
