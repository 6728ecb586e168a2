import assert from "node:assert/strict";
import { findNewData } from "../../functions/find-new-data";
import { alertDetail, retrainingProposal, watchEvent } from "../../contract/monitoring";
import { MemoryStore } from "../support/memory-store";

const voc = (trees: number) => `<annotation>${"<object><name>tree</name></object>".repeat(trees)}</annotation>`;

describe("the function that finds new training data", () => {
  let store: MemoryStore;
  let told: { type: string; detail: Record<string, unknown> }[];
  beforeEach(() => {
    store = new MemoryStore();
    told = [];
    store.add("flights/flights.csv", "file,flight,light,altitude\na.png,north,day,low\nb.png,fog,fog,low\n");
    store.add("flights/a.png", "image");
    store.add("flights/a.xml", voc(3));
  });
  const look = (time = "2026-11-29T12:00:00Z") =>
    findNewData(
      { time },
      {
        bucket: "dataset",
        prefix: "flights/",
        artifactsBucket: "artifacts",
        store,
        bus: { put: async (_source, type, detail) => void told.push({ type, detail: detail as never }) },
        log: () => {},
      },
    );
  const proposals = () =>
    told
      .filter(({ type }) => type === watchEvent.retrainingProposed)
      .map(({ detail }) => retrainingProposal.parse(detail).trigger);

  it("keeps what it sees at the first look, proposes nothing new, and asks about what waits", async () => {
    assert.match(await look(), /1 flights came \(north\); new labelled objects: 3 tree/);
    assert.deepEqual(proposals(), ["schedule"]);
  });

  it("proposes a training where a labelled flight came, and only once", async () => {
    await look();
    store.add("flights/b.png", "fog", "2026-11-29T12:30:00.000Z");
    store.add("flights/b.xml", voc(60), "2026-11-29T12:30:00.000Z");
    await look("2026-11-29T13:00:00Z");
    await look("2026-11-29T14:00:00Z");
    assert.deepEqual(proposals(), ["schedule", "new-data", "schedule", "schedule"]);
    const [news] = told.filter(({ type }) => type === watchEvent.newData);
    assert.equal(news!.detail["severity"], "info");
    assert.match(alertDetail.parse(news!.detail).message, /1 flights came \(fog\); new labelled objects: 60 tree/);
    const { additions } = store.json("watch/dataset-manifest.json") as { additions: object[] };
    assert.deepEqual(additions.at(-1), { at: "2026-11-29T12:30:00.000Z", flights: ["fog"], labels: { tree: 60 } });
  });

  it("tells of images without labels, and proposes nothing for them", async () => {
    await look();
    store.add("flights/b.png", "fog");
    await look("2026-11-29T13:00:00Z");
    assert.deepEqual(proposals(), ["schedule", "schedule"]);
    assert.equal(told.filter(({ type }) => type === watchEvent.newData).length, 1);
  });

  it("tells people which label files cannot be read, and counts the others", async () => {
    await look();
    store.add("flights/b.png", "fog");
    store.add("flights/b.xml", voc(60));
    store.add("flights/c.xml", "<annotation><object/></annotation>");
    await look("2026-11-29T13:00:00Z");
    const [news] = told.filter(({ type }) => type === watchEvent.newData);
    assert.equal(news!.detail["severity"], "warning");
    assert.match(String(news!.detail["message"]), /1 label files could not be read.*c\.xml: object 1 has no <name>/);
    assert.deepEqual(proposals(), ["schedule", "new-data", "schedule"]);
  });

  it("starts anew where the manifest is damaged or about another data set", async () => {
    for (const text of ["{", JSON.stringify({ version: 1, at: "x" })]) {
      store.add("watch/dataset-manifest.json", text);
      await look();
      assert.equal(store.json("watch/dataset-manifest.json")["version"], 1);
    }
  });

  it("fails where there is nothing: an empty listing is never taken for flights that went", async () => {
    store.objects.clear();
    await assert.rejects(look(), /there is nothing under s3:\/\/dataset\/flights\//);
    await assert.rejects(findNewData({}, {} as never), /time/);
  });
});
