import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectDir } from "../../automation/project-dir";
import { recommendationRules } from "../../insight/report/rules";

describe("docs/report.md", () => {
  it("has every rule of recommendations, as the rule itself says when it speaks and whose it is", () => {
    const page = readFileSync(join(projectDir, "docs", "report.md"), "utf8");
    const rows = [...page.matchAll(/^\| `([a-z-]+)` \| (.+) \| (\w+) \|$/gm)].map(
      ([, name, , area]) => `${name} ${area}`,
    );
    assert.deepEqual(
      rows,
      recommendationRules.map(({ name, area }) => `${name} ${area}`),
    );
    for (const { name, when } of recommendationRules) {
      const row = page.split("\n").find((line) => line.startsWith(`| \`${name}\``))!;
      const words = when.replace(/\.$/, "").replace(/ of an environment/, "");
      assert.ok(
        row
          .replace(/ of an environment/, "")
          .toLowerCase()
          .includes(words.toLowerCase()),
        `${name}: ${when}`,
      );
    }
  });
});
