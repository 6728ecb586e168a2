import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import AdmZip from "adm-zip";
import { projectDir } from "../../automation/project-dir";
import { makeTemporaryFolder } from "../support/temporary-folder";

describe("npm run build", function () {
  const folder = makeTemporaryFolder();

  const at = (...path: string[]) => join(folder, ...path);
  const result = at("functions", "dist", "answer", "index.js");
  const archive = at("functions", "dist", "answer", "code.zip");
  const build = (...options: string[]) =>
    execFileSync(process.execPath, [at("scripts", "build.mjs"), "--functions", ...options], {
      encoding: "utf8",
    }).trim();
  const write = (answer: number) =>
    writeFileSync(at("lifecycle", "answer.ts"), `export const answer: number = ${answer};\n`);

  before(() => {
    for (const name of ["functions", "contract", "lifecycle", "pricing", "aws", "records", "node_modules"])
      mkdirSync(at(name));
    for (const name of ["esbuild", "@esbuild", "adm-zip"])
      symlinkSync(join(projectDir, "node_modules", name), at("node_modules", name));
    cpSync(join(projectDir, "scripts", "build.mjs"), at("scripts", "build.mjs"));
    cpSync(join(projectDir, "scripts", "delivery"), at("scripts", "delivery"), { recursive: true });
    writeFileSync(at("package-lock.json"), "{}");
    writeFileSync(
      at("functions", "answer.ts"),
      'import { answer } from "../lifecycle/answer";\nexport const handler = () => answer;\n',
    );
    write(42);
  });

  it("takes what was built from the same sources before, as in another clone with the same packages", () => {
    assert.match(build(), /^functions\/dist\/answer\/index\.js built in/);
    const first = readFileSync(result, "utf8");
    assert.match(first, /42/);
    const zip = readFileSync(archive);
    assert.equal(new AdmZip(zip).readAsText("index.js"), first);
    rmSync(at("functions", "dist"), { recursive: true });
    assert.match(build(), /was built before/);
    assert.equal(readFileSync(result, "utf8"), first);
    assert.ok(readFileSync(archive).equals(zip), "the same code has the same digest");
    assert.match(build(), /is fresh$/);
    assert.match(build("--force"), / built in/);
  });

  it("builds anew what changed, also back", () => {
    write(43);
    assert.match(build(), / built in/);
    assert.match(readFileSync(result, "utf8"), /43/);
    assert.match(new AdmZip(archive).readAsText("index.js"), /43/);
    write(42);
    assert.match(build(), /was built before/);
    assert.match(readFileSync(result, "utf8"), /42/);
  });
});
