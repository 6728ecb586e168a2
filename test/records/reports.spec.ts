import assert from "node:assert/strict";
import { z } from "zod";
import { ReportRecords } from "../../records/reports";
import { MemoryStore } from "../support/memory-store";

class Store extends MemoryStore {
  put({ key }: { key: string }, body: Buffer | string): Promise<void> {
    this.add(key, String(body));
    return Promise.resolve();
  }
}

const weekly = { environments: ["dev", "prod"], kind: "week" };
const schema = z.object({ id: z.string() });
const files = (id: string) => new Map([["report.json", JSON.stringify({ id, more: 1 })]]);

describe("kept reports", () => {
  it("are found by the end of their period: the newest before a time, never the one of that time itself", async () => {
    const records = new ReportRecords(new Store(), "artifacts");
    assert.equal(
      await records.keep(weekly, "2026-11-16T06:00:00.000Z", files("first")),
      "s3://artifacts/reports/dev+prod/week/20261116T060000Z/",
    );
    await records.keep(weekly, "2026-11-23T06:00:00.000Z", files("second"));
    const before = async (end: string) => (await records.before(weekly, end, schema))?.id;
    assert.equal(await before("2026-11-30T06:00:00Z"), "second");
    assert.equal(await before("2026-11-23T06:00:00Z"), "first");
    assert.equal(await before("2026-11-16T06:00:00Z"), undefined);
  });

  it("follow only those of the same environments and the same length", async () => {
    const records = new ReportRecords(new Store(), "artifacts");
    await records.keep(weekly, "2026-11-16T06:00:00Z", files("first"));
    for (const other of [
      { ...weekly, kind: "month" },
      { ...weekly, environments: ["prod"] },
    ])
      assert.equal(await records.before(other, "2026-11-30T06:00:00Z", schema), undefined);
  });

  it("that are damaged are an error that names the object", async () => {
    const records = new ReportRecords(new Store(), "artifacts");
    await records.keep(weekly, "2026-11-16T06:00:00Z", new Map([["report.json", "{"]]));
    await assert.rejects(
      records.before(weekly, "2026-11-30T06:00:00Z", schema),
      /reports\/dev\+prod\/week\/20261116T060000Z\/report.json is damaged/,
    );
  });
});
