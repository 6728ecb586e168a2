import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { experiments } from "../../automation/probe/experiments";

const project = resolve(__dirname, "..", "..");
const text = (path: string) => readFileSync(join(project, path), "utf8");
const page = text("docs/going-to-aws.md");

/** What the local cloud may say: its sources, and the data of AWS's models that it puts into words. */
const sources = readdirSync(join(project, "local"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => text(join("local", name)))
  .join("\n");

describe("the table of what is believed, refused locally and probed", () => {
  const section = page.slice(page.indexOf("## Believed, refused locally, probed"));
  const rows = section
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .slice(1)
    .map((line) => line.split(" | ").map((cell) => cell.replace(/^\| | \|$/g, "").trim()));

  it("has a sentence, a ground, what happens here and what is asked there in each row", () => {
    assert.ok(rows.length > 0);
    for (const row of rows) assert.ok(row.length === 4 && row.every((cell) => cell.length > 0), row.join(" | "));
  });

  for (const [what, , refused = "", probed = ""] of rows) {
    it(`names a test that is there, AWS's words as they are said, and an experiment or why there is none: ${what}`, () => {
      const tests = [...refused.matchAll(/\]\(\.\.\/(test\/[^)]+\.spec\.ts)\)/g)].map((match) => match[1]!);
      assert.ok(tests.length > 0, refused);
      assert.deepEqual(
        tests.filter((path) => !existsSync(join(project, path))),
        [],
      );
      const quoted = [...refused.matchAll(/“([^”]+)”/g)].map((match) => match[1]!);
      const said = [sources, ...tests.map(text)].join("\n");
      assert.deepEqual(
        quoted.filter((words) => !said.includes(words)),
        [],
      );
      assert.match(refused, /^(refused|not refused|not recorded|told|named|measured)\b/);
      assert.match(probed, /^((held|refuted) on \d{4}-\d\d-\d\d: |not yet asked: )`[a-z-]+`(, `[a-z-]+`)*$|^none: .+$/);
      const asked = /^none/.test(probed) ? [] : [...probed.matchAll(/`([a-z-]+)`/g)].map((match) => match[1]!);
      assert.deepEqual(
        asked.filter((name) => experiments.every((one) => one.name !== name)),
        [],
      );
    });
  }

  it("names every experiment", () => {
    const cells = rows.map((cells) => cells[3]!).filter((cell) => !cell.startsWith("none"));
    assert.deepEqual(
      experiments.map(({ name }) => name).filter((name) => !cells.some((cell) => cell.includes(`\`${name}\``))),
      [],
    );
  });
});

describe("the way to AWS", () => {
  it("asks the account after the first training, when there is a package, and before anybody decides about it", () => {
    const order = [
      "npx peregrine train",
      "npx peregrine probe --budget",
      "npx peregrine roles verify",
      "npx peregrine approve",
      "npx peregrine promote",
    ].map((command) => page.indexOf(command, page.indexOf("## A model")));
    assert.ok(order.every((at) => at > 0));
    assert.deepEqual(
      order,
      [...order].sort((a, b) => a - b),
    );
  });

  it("has a budget in which every experiment fits", async () => {
    const budget = Number(/npx peregrine probe --budget (\d+)/.exec(page)![1]);
    const { planWithin, priced } = await import("../../automation/probe/budget");
    const { priceTable } = await import("../../pricing/table");
    assert.deepEqual(planWithin(priced(experiments, priceTable, "eu-central-1"), budget).skipped, []);
  });
});
