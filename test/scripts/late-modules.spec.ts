import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";

const project = join(__dirname, "..", "..");
const loads = join("scripts", "late-modules.cjs");

/** What a script prints as JSON, in a process of its own that loads late. */
function printed(script: string): unknown {
  const text = execFileSync(process.execPath, ["-r", `./${loads}`, "-e", `console.log(JSON.stringify(${script}))`], {
    cwd: project,
    encoding: "utf8",
  });
  return JSON.parse(text);
}
const loaded = (part: string) => `Object.keys(require.cache).some((file) => file.includes(${JSON.stringify(part)}))`;

describe("modules that Pulumi's packages seldom need", () => {
  it("are not loaded with them", () => {
    const parts = ["/typescript/", "/arborist/", "/pulumi/automation/", "/aws/s3/"];
    assert.deepEqual(
      printed(`(require("@pulumi/pulumi"), require("@pulumi/aws"), [${parts.map(loaded).join(", ")}])`),
      [false, false, false, false],
    );
  });

  it("are there for who touches them, with all their names", () => {
    assert.deepEqual(
      printed(`((aws, pulumi) => [
        typeof aws.s3.Bucket, "Bucket" in aws.s3, Object.keys(aws.s3).includes("Bucket"), ${loaded("/aws/s3/")},
        ${loaded("/aws/rds/")}, typeof pulumi.automation.LocalWorkspace,
      ])(require("@pulumi/aws"), require("@pulumi/pulumi"))`),
      ["function", true, true, true, false, "function"],
    );
  });

  it("still serialize a function, for which the compiler is needed", () => {
    assert.match(
      execFileSync(
        process.execPath,
        [
          "-r",
          `./${loads}`,
          "-e",
          'require("@pulumi/pulumi").runtime.serializeFunction(() => 6 * 7).then(({ text }) => console.log(text))',
        ],
        { cwd: project, encoding: "utf8" },
      ),
      /return \(\) => 6 \* 7/,
    );
  });
});
