import assert from "node:assert/strict";
import {
  type DesiredFacts,
  factsKeys,
  nothingViolated,
  type RemediationEntry,
  type RemediationState,
} from "../../contract/remediation";
import { lockKey } from "../../contract/places";
import { type Dependencies, heal } from "../../functions/heal";

const facts: DesiredFacts = {
  account: {
    version: 1,
    buckets: [{ name: "bucket", policy: "{}", versioned: true, closed: true }],
    roles: [],
    keys: [{ id: "key" }],
    trails: [],
    approver: "arn:aws:iam::1:role/peregrine/dev/peregrine-dev-approver",
  },
  serving: { version: 1 },
  watch: { version: 1, alarms: [], logGroups: [], rules: [], schedules: [], functions: [] },
};

/** An account in which one bucket can be opened, and one key switched off. */
class World {
  closed = true;
  keyState = "Enabled";
  /** How often closing the bucket fails. */
  failures = 0;
  fixes = 0;
  locked = false;
  state: RemediationState = nothingViolated;
  readonly entries: RemediationEntry[] = [];
  readonly told: { type: string; detail: Record<string, unknown> }[] = [];

  get dependencies(): Dependencies {
    const none = async () => [];
    return {
      place: { environment: "dev", bucket: "bucket", modelPackageGroup: "group" },
      key: "arn:aws:kms:eu-central-1:1:key/data",
      mode: "on",
      waivers: [],
      account: {
        alarms: { named: none, put: async () => undefined },
        buckets: {
          policy: async () => "{}",
          setPolicy: async () => undefined,
          isVersioned: async () => true,
          version: async () => undefined,
          isClosed: async () => this.closed,
          close: async () => {
            this.fixes += 1;
            if (this.failures-- > 0) throw new Error("AccessDenied");
            this.closed = true;
          },
        },
        functions: { code: async () => undefined },
        keys: {
          state: async (id) => (id.endsWith("/data") ? this.keyState : "Enabled"),
          keep: async () => void (this.keyState = "Disabled"),
          enable: async () => void (this.keyState = "Enabled"),
        },
        logs: { groups: none, retain: async () => undefined },
        objects: {
          get: async ({ key }) => {
            if (this.keyState !== "Enabled") throw new Error("KMS.DisabledException");
            const name = Object.entries(factsKeys).find(([, one]) => one === key)?.[0];
            return name ? Buffer.from(JSON.stringify(facts[name as keyof DesiredFacts])) : undefined;
          },
          list: none,
          exists: async ({ key }) => key === lockKey && this.locked,
        },
        roles: {
          under: none,
          deleteInline: async () => undefined,
          detach: async () => undefined,
          bound: async () => undefined,
        },
        rules: { states: none, enable: async () => undefined },
        sagemaker: {
          endpoint: async () => undefined,
          serve: async () => undefined,
          tag: async () => undefined,
          approved: none,
          withdraw: async () => undefined,
        },
        schedules: { isEnabled: async () => true, enable: async () => undefined },
        trails: { isLogging: async () => true, start: async () => undefined },
      },
      book: {
        read: async () => this.state,
        change: async (by) => {
          const { state, result } = by(this.state);
          this.state = state;
          return result;
        },
        enter: async (entry) => void this.entries.push(entry),
      },
      bus: { put: async (_source, type, detail) => void this.told.push({ type, detail: detail as never }) },
      log: () => undefined,
    };
  }

  get rungs(): string[] {
    return this.entries.map(({ rung, outcome }) => `${rung} ${outcome}`);
  }
}

const time = (seconds: number) => new Date(Date.parse("2026-12-01T12:00:00Z") + seconds * 1000).toISOString();

function call(seconds: number, more: { arn?: string; errorCode?: string; eventName?: string } = {}) {
  const { arn = "arn:aws:iam::1:user/mallory", ...rest } = more;
  return {
    "detail-type": "AWS API Call via CloudTrail",
    time: time(seconds),
    detail: {
      eventSource: "s3.amazonaws.com",
      eventName: "DeletePublicAccessBlock",
      eventTime: time(seconds),
      userIdentity: { sessionContext: { sessionIssuer: { arn } } },
      requestParameters: { bucketName: "bucket" },
      ...rest,
    },
  };
}

const tick = (seconds: number) => ({ source: "aws.events", "detail-type": "Scheduled Event", time: time(seconds) });

describe("the healer", () => {
  let world: World;
  beforeEach(() => {
    world = new World();
  });

  it("puts right what a call changed, looks again, and tells who did it", async () => {
    world.closed = false;
    assert.match(await heal(call(0), world.dependencies), /bucket-public:bucket: fixed for the 1\. time, done/);
    assert.deepEqual(world.rungs, ["detect on", "fix done", "verify healed"]);
    assert.equal(world.entries[0]!.actor, "arn:aws:iam::1:user/mallory");
    const [{ type, detail }] = world.told as [(typeof world.told)[number]];
    assert.deepEqual(
      [type, detail["severity"], detail["cause"]],
      ["Violation Healed", "warning", "violation-bucket-public"],
    );
    assert.match(String(detail["message"]), /by arn:aws:iam::1:user\/mallory\. It was put right/);
  });

  it("does nothing for a call of its own, one that failed, or one that breaks nothing", async () => {
    world.closed = false;
    const own = "arn:aws:iam::1:role/peregrine/dev/peregrine-dev-heal";
    assert.equal(await heal(call(0, { arn: own }), world.dependencies), "a call of its own");
    assert.equal(await heal(call(0, { errorCode: "AccessDenied" }), world.dependencies), "nothing was changed");
    assert.equal(world.fixes, 0);
    world.closed = true;
    assert.equal(await heal(call(0), world.dependencies), "all is as it ought to be");
    assert.deepEqual(world.entries, []);
  });

  it("finds by its sweep what no event told of, at the second look", async () => {
    world.closed = false;
    assert.match(await heal(tick(0), world.dependencies), /waits, it is looked at once more/);
    assert.equal(world.fixes, 0);
    await heal(tick(60), world.dependencies);
    assert.deepEqual(world.rungs, ["detect on", "wait looked at again", "fix done", "verify healed"]);
  });

  it("tries three times, then tells people, once", async () => {
    world.closed = false;
    world.failures = 99;
    await heal(call(0), world.dependencies);
    for (let minute = 1; minute <= 10; minute += 1) await heal(tick(minute * 61), world.dependencies);
    assert.equal(world.fixes, 3);
    assert.equal(world.rungs.filter((rung) => rung === "fix failed: AccessDenied").length, 3);
    assert.deepEqual(
      world.told.map(({ type, detail }) => [type, detail["severity"]]),
      [["Violation Escalated", "critical"]],
    );
  });

  it("makes no loop of a storm: a hundred plantings are three fixes and one message to people", async () => {
    for (let second = 0; second < 100; second += 1) {
      world.closed = false;
      await heal(call(second * 10), world.dependencies);
    }
    assert.equal(world.fixes, 3);
    assert.equal(world.told.filter(({ type }) => type === "Violation Escalated").length, 1);
  });

  it("leaves an environment alone that somebody releases to", async () => {
    world.closed = false;
    world.locked = true;
    assert.match(await heal(call(0), world.dependencies), /somebody releases/);
    assert.equal(world.fixes, 0);
  });

  it("brings the key of the data back before it can read anything", async () => {
    world.keyState = "PendingDeletion";
    assert.match(await heal(tick(0), world.dependencies), /key-deletion:data: the key is back/);
    assert.equal(world.keyState, "Enabled");
    assert.deepEqual(world.rungs, ["detect on", "fix done", "verify healed"]);
    world.keyState = "Disabled";
    const { dependencies } = world;
    await assert.rejects(heal(tick(60), { ...dependencies, mode: "dry-run" }), /nothing can be read/);
  });

  it("deals with what it sees where a part cannot be looked at, and says so by failing", async () => {
    const { dependencies } = world;
    const { account } = dependencies;
    const schedules = { ...account.rules, states: async () => assert.fail("ThrottlingException") };
    world.closed = false;
    const blind = { ...dependencies, account: { ...account, rules: schedules } };
    const watched = { ...facts, watch: { ...facts.watch, rules: [{ name: "rule", bus: "default" }] } };
    blind.account.objects = {
      ...account.objects,
      get: async ({ key }) => {
        const name = Object.entries(factsKeys).find(([, one]) => one === key)?.[0];
        return name ? Buffer.from(JSON.stringify(watched[name as keyof DesiredFacts])) : undefined;
      },
    };
    await heal(call(0), dependencies).catch(() => undefined);
    await assert.rejects(heal(tick(0), blind), /not everything could be looked at: schedules: ThrottlingException/);
    assert.equal(world.closed, true);
  });

  it("refuses any other event", async () => {
    await assert.rejects(heal({ source: "aws.s3" }, world.dependencies), /neither a call nor a tick/);
  });
});
