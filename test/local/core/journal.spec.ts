import assert from "node:assert/strict";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Journal, JournalCorrupt } from "../../../local/journal";
import { makeTemporaryFolder } from "../../support/temporary-folder";

describe("the journal", () => {
  const folder = makeTemporaryFolder();
  const file = join(folder, "journal.jsonl");

  it("gives back after a restart what was put, replaced and deleted", () => {
    const journal = new Journal(file);
    const models = journal.table<{ n: number }>("models");
    models.put("a", { n: 1 });
    models.put("a", { n: 2 });
    models.put("b", { n: 3 });
    models.delete("b");
    journal.close();

    const again = new Journal(file).table<{ n: number }>("models");
    assert.deepEqual([...again.entries()], [["a", { n: 2 }]]);
  });

  it("counts a table's changes, for all who hold it", () => {
    const journal = new Journal();
    const [one, same, other] = [journal.table<number>("a"), journal.table<number>("a"), journal.table<number>("b")];
    one.put("k", 1);
    same.put("k", 1);
    same.delete("none");
    assert.deepEqual([one.revision, same.revision, other.revision], [2, 2, 0]);
    one.delete("k");
    assert.equal(same.revision, 3);
  });

  it("writes a change before flush returns, so that a killed process has lost nothing it acknowledged", () => {
    const journal = new Journal(file);
    journal.table<number>("t").put("k", 7);
    journal.flush();
    assert.match(readFileSync(file, "utf8"), /"t":"t","k":"k","v":7/);
    journal.close();
  });

  it("forgets a last line that a kill cut off", () => {
    appendFileSync(file, '{"t":"models","k":"half');
    const models = new Journal(file).table("models");
    assert.equal(models.has("a"), true);
    assert.equal(models.size, 1);
  });

  it("refuses a file that is broken in the middle and names the line", () => {
    writeFileSync(file, '{"t":"a","k":"1","v":1}\nnonsense\n{"t":"a","k":"2","v":2}\n');
    assert.throws(
      () => new Journal(file),
      (error: Error) => error instanceof JournalCorrupt && /line 2/.test(error.message),
    );
  });

  it("keeps a file small: a restart rewrites it with the present state only", () => {
    writeFileSync(file, "");
    const journal = new Journal(file);
    for (let n = 0; n < 500; n++) journal.table<number>("t").put("k", n);
    journal.close();
    new Journal(file).close();
    assert.equal(readFileSync(file, "utf8"), '{"t":"t","k":"k","v":499}\n');
  });
});
