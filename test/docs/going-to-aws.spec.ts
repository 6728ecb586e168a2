import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { experiments } from "../../automation/probe/experiments";

const page = readFileSync(join(__dirname, "..", "..", "docs", "going-to-aws.md"), "utf8");

describe("the table of what is believed, refused locally and probed", () => {
  const section = page.slice(page.indexOf("## Believed, refused locally, probed"));
  const rows = section.split("\n").filter((line) => /^\| (?!what AWS does|---)/.test(line)).map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));

  it("has a ground, a refusal and an experiment in each row, or a reason why there is none", () => {
    assert.ok(rows.length >= 18);
    for (const [what, believed, refused, probed] of rows) {
      assert.ok(what && believed && refused && probed, what);
      assert.match(probed, /^(`[a-z-]+`(, `[a-z-]+`)*|none: .+)$/, what);
    }
  });

  it("names every experiment, and no other", () => {
    const named = new Set(rows.flatMap((cells) => [...(cells[3] ?? "").matchAll(/`([a-z-]+)`/g)].map((match) => match[1]!)).filter((name) => !/^peregrine/.test(name)));
    assert.deepEqual([...named].sort(), experiments.map(({ name }) => name).sort());
  });

  it("comes after both commands, the last step before the first release", () => {
    const step = page.slice(page.indexOf("## The last step before the first release"), page.indexOf("## A model"));
    assert.match(step, /npx peregrine probe --budget/);
    assert.match(step, /npx peregrine roles verify/);
  });
});
