import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { type Dependencies, recordChanges } from "../../functions/record-changes";
import type { LogEntry } from "../../records/log/entry";
import { forget, isMeant, namedPeople, People } from "../../records/people";
import { TestLog } from "../records/log/logs";
import { MemoryStore } from "../support/memory-store";

const account = "111122223333";
const recorder = `arn:aws:iam::${account}:role/peregrine/dev/peregrine-dev-record-changes`;

const call = (id: string, more: object = {}) => ({
  eventID: id,
  eventTime: "2026-11-30T07:00:00Z",
  eventSource: "sns.amazonaws.com",
  eventName: "CreateTopic",
  awsRegion: "eu-central-1",
  readOnly: false,
  managementEvent: true,
  eventCategory: "Management",
  requestParameters: { name: `topic-${id}` },
  userIdentity: { type: "IAMUser", arn: `arn:aws:iam::${account}:user/erika`, accountId: account },
  ...more,
});
const own = (id: string) =>
  call(id, {
    userIdentity: {
      type: "AssumedRole",
      arn: `arn:aws:sts::${account}:assumed-role/peregrine-dev-record-changes/s`,
      sessionContext: { sessionIssuer: { arn: recorder } },
    },
  });

const keyOf = (file: string, folder = "CloudTrail") =>
  `AWSLogs/${account}/${folder}/eu-central-1/2026/11/30/${file}.json.gz`;

class Stage {
  readonly test = new TestLog();
  readonly files = new MemoryStore();
  readonly lines: string[] = [];

  put(file: string, records: readonly object[]): void {
    this.files.objects.set(keyOf(file), { body: gzipSync(JSON.stringify({ Records: records })), modified: "" });
  }

  async tell(...keys: string[]): Promise<string[]> {
    const { batchItemFailures } = await recordChanges(
      {
        Records: keys.map((key) => ({
          messageId: key,
          body: JSON.stringify({ detail: { bucket: { name: "audit" }, object: { key } } }),
        })),
      },
      await this.dependencies(),
    );
    return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
  }

  async dependencies(): Promise<Dependencies> {
    return {
      files: this.files,
      records: this.test.log,
      people: await People.open(this.test.store, "bucket"),
      log: (line) => this.lines.push(line),
    };
  }

  async ids(): Promise<string[]> {
    const found: LogEntry[] = [];
    const { problems } = await this.test.log.verify({ each: (entry) => found.push(entry) });
    assert.deepEqual(problems, []);
    return found.map(({ id }) => id.replace("cloudtrail#", ""));
  }
}

describe("the recorder", () => {
  it("adds each call once, though files and calls come twice and in any order", async () => {
    const stage = new Stage();
    stage.put("2", [call("c", { eventTime: "2026-11-30T07:05:00Z" }), call("b")]);
    stage.put("1", [call("b"), call("a"), call("r", { readOnly: true }), call("d", { eventCategory: "Data" })]);
    assert.deepEqual(await stage.tell(keyOf("2"), keyOf("1")), []);
    assert.deepEqual(await stage.tell(keyOf("1")), []);
    assert.deepEqual(await stage.ids(), ["b", "a", "c"]);
  });

  it("fails for files that it cannot read, and for no others", async () => {
    const stage = new Stage();
    stage.put("1", [call("a")]);
    stage.files.objects.set(keyOf("bad"), { body: Buffer.from("no gzip"), modified: "" });
    stage.put("odd", [{ eventID: 7 }]);
    assert.deepEqual(
      (
        await stage.tell(keyOf("bad"), keyOf("1"), keyOf("gone"), keyOf("odd"), keyOf("digest", "CloudTrail-Digest"))
      ).sort(),
      [keyOf("bad"), keyOf("gone"), keyOf("odd")].sort(),
    );
    assert.deepEqual(await stage.ids(), ["a"]);
  });

  it("fails for all files of a batch that could not be added, and adds them when they come again", async () => {
    const stage = new Stage();
    stage.put("1", [call("a")]);
    stage.test.store.add("ledger/log/checkpoint", "no checkpoint");
    assert.deepEqual(await stage.tell(keyOf("1")), [keyOf("1")]);
    stage.test.store.objects.delete("ledger/log/checkpoint");
    assert.deepEqual(await stage.tell(keyOf("1")), []);
    assert.deepEqual(await stage.ids(), ["a"]);
  });

  it("does not note a checkpoint outside for its own notes alone, which would lead to another note", async () => {
    const stage = new Stage();
    stage.put("1", [call("a")]);
    stage.put("2", [own("note")]);
    stage.put("3", [own("another"), call("b")]);
    await stage.tell(keyOf("1"));
    assert.equal(stage.test.witness.head?.size, 1);
    await stage.tell(keyOf("2"));
    assert.equal(stage.test.witness.head?.size, 1);
    assert.deepEqual(await stage.ids(), ["a", "note"]);
    await stage.tell(keyOf("3"));
    assert.equal(stage.test.witness.head?.size, 4);
  });

  it("keeps names apart from the log, where they can be forgotten and do not come again", async () => {
    const stage = new Stage();
    const { store } = stage.test;
    stage.put("1", [call("a"), call("b")]);
    await stage.tell(keyOf("1"));
    const [erika, ...others] = await namedPeople(store, "bucket");
    assert.deepEqual([erika?.what, others], ["user", []]);
    assert.ok(
      isMeant(erika!, "erika") && isMeant(erika!, `arn:aws:iam::${account}:user/erika`) && !isMeant(erika!, "rika"),
    );
    const inLog = [...stage.test.files.values()].map((body) => body.toString("latin1")).join();
    assert.ok(!inLog.includes("erika") && inLog.includes(erika!.digest));
    await forget(
      {
        put: (place, body) => Promise.resolve(store.add(place.key, String(body))),
        deleteEarlier: () => Promise.resolve(),
      },
      "bucket",
      [erika!.digest],
    );
    stage.put("2", [call("c")]);
    await stage.tell(keyOf("1"), keyOf("2"));
    assert.deepEqual(await namedPeople(store, "bucket"), []);
    assert.deepEqual(await stage.ids(), ["a", "b", "c"]);
  });

  it("has one salt for each environment, whoever asks first", async () => {
    const store = new MemoryStore();
    const [one, other] = await Promise.all([People.open(store, "bucket"), People.open(store, "bucket")]);
    assert.equal(one.mask("user", "erika"), other.mask("user", "erika"));
    assert.notEqual(one.mask("user", "erika"), one.mask("session", "erika"));
    const elsewhere = await People.open(new MemoryStore(), "bucket");
    assert.notEqual(one.mask("user", "erika"), elsewhere.mask("user", "erika"));
    store.add("ledger/people/salt", "short");
    await assert.rejects(People.open(store, "bucket"), /is no salt/);
  });
});
