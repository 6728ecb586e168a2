import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectDir } from "../../automation/project-dir";

const read = (...path: string[]) => readFileSync(join(projectDir, ...path), "utf8");
const dockerfile = read("ml", "Dockerfile");
const listed = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "*.md", "*.yml", "ml/Dockerfile"], {
  cwd: projectDir,
  encoding: "utf8",
})
  .split("\n")
  .filter(Boolean);

describe("the image build", () => {
  it("is given every argument that the Dockerfile has no default for, wherever it is written down", () => {
    const demanded = [...dockerfile.matchAll(/^ARG (\w+)$/gm)].map(([, name]) => name!);
    assert.deepEqual(demanded, ["BASE_REGISTRY"]);
    const lines = listed.flatMap((file) =>
      read(file)
        .split("\n")
        .filter((line) => /docker build .*\bml\b/.test(line))
        .map((line) => ({ file, line })),
    );
    assert.ok(lines.length >= 3, "the guide, the Dockerfile's head and the buildspec");
    for (const { file, line } of lines)
      for (const name of demanded) assert.match(line, new RegExp(`--build-arg ${name}=\\S`), file);
  });

  it("finds every file that it copies: all others are kept out of its context", () => {
    const allowed = read("ml", ".dockerignore")
      .split("\n")
      .filter((line) => line.startsWith("!"))
      .map((line) => line.slice(1));
    const copied = [...dockerfile.matchAll(/^COPY (.+) \S+$/gm)].flatMap(([, names]) => names!.split(" "));
    assert.ok(copied.includes("peregrine_ml") && copied.includes("check_image.py"));
    for (const name of copied) assert.ok(allowed.includes(name), `${name} is not let through by ml/.dockerignore`);
  });

  it("takes away what brings the same folders as the lock's packages before it installs them", () => {
    const [remove, install] = [
      dockerfile.search(/^RUN .*pip uninstall --yes .*\bonnxruntime\b.*\bmlflow\b/m),
      dockerfile.search(/^RUN .*pip install .*--require-hashes/m),
    ];
    assert.ok(remove > 0 && remove < install);
  });

  it("ends with the check that the image holds what its lock says, and nothing installs after it", () => {
    assert.ok(
      dockerfile.lastIndexOf("pip install") <
        dockerfile.indexOf("-I /opt/program/check_image.py /opt/program/requirements-image.lock"),
    );
  });
});
