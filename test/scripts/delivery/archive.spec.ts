import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import AdmZip from "adm-zip";
import { makeTemporaryFolder } from "../../support/temporary-folder";

const root = resolve(__dirname, "..", "..", "..");
const script = (name: string) => join(root, "scripts", "delivery", name);

describe("the source of release builds", function () {
  const folder = makeTemporaryFolder();
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=Test", "-c", "user.email=test@example.org", ...args], {
      cwd: folder,
      encoding: "utf8",
    });
  const archive = (options = {}, env: NodeJS.ProcessEnv = {}) =>
    execFileSync(
      process.execPath,
      [
        "--input-type=module",
        "-e",
        `import { archiveSource } from ${JSON.stringify(script("archive.mjs"))}; console.log(await archiveSource(${JSON.stringify(folder)}, ${JSON.stringify(options)}).catch((error) => error.message))`,
      ],
      { encoding: "utf8", env: { ...process.env, GIT_CEILING_DIRECTORIES: resolve(folder, ".."), ...env } },
    );
  const digest = () =>
    createHash("sha256")
      .update(readFileSync(join(folder, "dist", "source.zip")))
      .digest("hex");

  before(() => {
    writeFileSync(join(folder, ".source-commit"), "$Format:%H$\n");
    writeFileSync(join(folder, ".gitattributes"), "/.source-commit export-subst\n");
    writeFileSync(join(folder, ".gitignore"), "dist/\n");
    writeFileSync(join(folder, "program"), "committed");
  });

  it("cannot be made outside of Git, and says why and what to do", () => {
    assert.match(
      archive(),
      /^dist\/source\.zip cannot be made: .*no Git checkout.*not a git repository.*node scripts\/build\.mjs --functions --policies/s,
    );
  });

  it("is the last commit, whatever the working tree holds, with the commit written into it", () => {
    git("init", "--quiet");
    git("add", "--all");
    git("commit", "--quiet", "--message", "one");
    writeFileSync(join(folder, "program"), "changed since");
    writeFileSync(join(folder, "new"), "not committed");
    assert.match(archive(), /^dist\/source\.zip built from commit [0-9a-f]{12}/);
    const zip = new AdmZip(join(folder, "dist", "source.zip"));
    assert.equal(zip.readAsText("program"), "committed");
    assert.equal(zip.readAsText(".source-commit").trim(), git("rev-parse", "HEAD").trim());
    assert.equal(zip.getEntry("new"), null);
  });

  it("is made once for a commit, and made again has the same bytes in every time zone", () => {
    const before = digest();
    assert.match(archive(), /is fresh/);
    assert.match(archive({ force: true }, { TZ: "Asia/Tokyo" }), /built from/);
    assert.equal(digest(), before);
    git("commit", "--quiet", "--all", "--message", "two");
    assert.match(archive(), /built from/);
    assert.notEqual(digest(), before);
  });

  it("is not made from an export, which has no history, unless it is asked for", () => {
    const zip = new AdmZip(join(folder, "dist", "source.zip"));
    rmSync(join(folder, ".git"), { recursive: true });
    rmSync(join(folder, "dist"), { recursive: true });
    zip.extractAllTo(folder, true);
    assert.match(archive(), /is not made: this is commit [0-9a-f]{12} as Git exported it/);
    assert.match(archive({ must: true }), /cannot be made/);
  });
});

describe("credentials of a release build", function () {
  const folder = makeTemporaryFolder();
  const run = (file: string, env: NodeJS.ProcessEnv, ...args: string[]) =>
    execFileSync(process.execPath, [script(file), ...args], {
      encoding: "utf8",
      stdio: "pipe",
      env: { PATH: process.env["PATH"], HOME: folder, ...env },
    });
  const keys = { AWS_ACCESS_KEY_ID: "key", AWS_SECRET_ACCESS_KEY: "secret", AWS_SESSION_TOKEN: "token" };

  it("are those of its environment, as a credential process prints them", () => {
    assert.deepEqual(JSON.parse(run("credentials.mjs", keys)), {
      Version: 1,
      AccessKeyId: "key",
      SecretAccessKey: "secret",
      SessionToken: "token",
    });
    assert.throws(() => run("credentials.mjs", {}), /neither a container's credentials nor access keys/);
  });

  it("stand behind every profile that the stacks name, once; a profile of the image stays", () => {
    const file = join(folder, ".aws", "config");
    for (let time = 0; time < 2; time++) run("profiles.mjs", keys, "dev,staging,prod");
    const text = readFileSync(file, "utf8");
    assert.equal(text.match(/\[profile ab\]/g)!.length, 1);
    assert.match(text, /^credential_process = ".*node.*" ".*credentials\.mjs"$/m);
    assert.match(text, /^region = eu-central-1$/m);
    mkdirSync(join(folder, "image"));
    const own = join(folder, "image", "config");
    writeFileSync(own, "[profile ab]\nrole_arn = arn:aws:iam::123456789012:role/own\n");
    run("profiles.mjs", { ...keys, AWS_CONFIG_FILE: own }, "dev");
    assert.doesNotMatch(readFileSync(own, "utf8"), /credential_process/);
  });
});
