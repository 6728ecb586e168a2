import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { credentialRegistry, credentialsOf } from "../../../local/iam/credentials";
import { Account, allow, policy } from "./account";
import { makeTemporaryFolder } from "../../support/temporary-folder";

const hourMs = 3_600_000;

describe("access keys and sessions", () => {
  it("knows the administrator's key from the first start", () => {
    const account = new Account();
    const { accessKeyId, secretAccessKey } = account.administrator;
    const admin = credentialsOf(account.cloud)(accessKeyId);
    assert.equal(admin?.secretAccessKey, secretAccessKey);
    assert.equal(admin?.principal.arn, "arn:aws:iam::111122223333:user/ab");
    assert.equal(credentialsOf(account.cloud)("AKIAUNKNOWN"), undefined);
  });

  it("forgets keys that are inactive or deleted", async () => {
    const account = new Account();
    await account.call("iam", "CreateUser", { UserName: "ann" });
    const { AccessKey } = await account.call("iam", "CreateAccessKey", { UserName: "ann" });
    const known = (): boolean => credentialsOf(account.cloud)(AccessKey.AccessKeyId) !== undefined;
    assert.equal(known(), true);
    await account.call("iam", "UpdateAccessKey", {
      UserName: "ann",
      AccessKeyId: AccessKey.AccessKeyId,
      Status: "Inactive",
    });
    assert.equal(known(), false);
    await account.call("iam", "UpdateAccessKey", {
      UserName: "ann",
      AccessKeyId: AccessKey.AccessKeyId,
      Status: "Active",
    });
    assert.equal(known(), true);
    await account.call("iam", "DeleteAccessKey", { UserName: "ann", AccessKeyId: AccessKey.AccessKeyId });
    assert.equal(known(), false);
  });

  it("keeps sessions and the administrator over a restart", async () => {
    const stateDir = makeTemporaryFolder("iam");
    try {
      const first = new Account([], { stateDir });
      const session = await first.assume(await first.role("worker", policy(allow("s3:*", "*"))));
      const issued = credentialRegistry(first.cloud).issue(session, 3600);
      await first.cloud.stop();
      const second = new Account([], { stateDir });
      assert.deepEqual(credentialsOf(second.cloud)(issued.accessKeyId)?.principal, session);
      assert.equal(credentialsOf(second.cloud)(issued.accessKeyId)?.sessionToken, issued.sessionToken);
      assert.deepEqual(second.administrator, first.administrator);
      await second.cloud.stop();
    } finally {
      rmSync(stateDir, { recursive: true });
    }
  });

  it("ends sessions after their duration when time runs as usual", () => {
    const account = new Account();
    const issued = credentialRegistry(account.cloud).issue(account.admin, 3600);
    assert.ok(Math.abs(issued.expiresMs - (Date.now() + hourMs)) < 5000);
    assert.equal(issued.expiration.getTime(), issued.expiresMs);
  });

  it("lets sessions live for their duration in real time when the cloud's clock runs faster", () => {
    const account = new Account([], { speed: 60 });
    const issued = credentialRegistry(account.cloud).issue(account.admin, 3600);
    const nowMs = account.cloud.clock.nowMs();
    assert.ok(issued.expiresMs - nowMs > 60 * hourMs - 60_000, "an hour of real time is sixty of the cloud's");
    assert.ok(issued.expiration.getTime() - nowMs <= hourMs, "clients are told the duration they asked for");
  });

  it("lets a client that renews by the real clock keep its session until then, however far the cloud's clock is ahead", () => {
    const account = new Account([], { speed: 60 });
    const leadMs = 10 * hourMs;
    const { clock } = account.cloud;
    const realNow = clock.nowMs.bind(clock);
    clock.nowMs = () => realNow() + leadMs;
    const issued = credentialRegistry(account.cloud).issue(account.admin, 3600);
    const renewsInRealMs = issued.expiration.getTime() - Date.now();
    assert.ok(issued.expiresMs >= clock.nowMs() + renewsInRealMs * 60 - 600_000);
  });
});
