import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../../local/support";
import { makeTemporaryFolder } from "../../support/temporary-folder";

describe("the AWS profiles of a release build", () => {
  const folder = makeTemporaryFolder();
  const config = join(folder, "aws", "config");

  it("are those that stacks, their secrets providers and the backend name, each the build's own role, and each once", () => {
    const project = join(folder, "project");
    cpSync(join(repository, "scripts", "delivery"), join(project, "scripts", "delivery"), { recursive: true });
    symlinkSync(join(repository, "node_modules"), join(project, "node_modules"));
    writeFileSync(
      join(project, "Pulumi.dev.yaml"),
      "secretsprovider: awskms://alias/k?region=eu-central-1&awssdk=v2&profile=keys\nconfig:\n  aws:profile: ab\n  aws:region: eu-central-1\n",
    );
    const env = {
      PATH: process.env["PATH"],
      HOME: folder,
      AWS_CONFIG_FILE: config,
      RELEASE_BACKEND_URL: "s3://state?region=eu-central-1&awssdk=v2&profile=ab",
    };
    const said = execFileSync(process.execPath, [join(project, "scripts", "delivery", "profiles.mjs"), "dev,dev"], {
      env,
      encoding: "utf8",
    });
    assert.deepEqual(said.trim().split("\n"), [
      "profile ab is the role of this build",
      "profile keys is the role of this build",
    ]);
    assert.match(
      readFileSync(config, "utf8"),
      /^\[profile ab\]\ncredential_process = ".*credentials\.mjs"\nregion = eu-central-1\n\[profile keys\]\n/,
    );
  });
});
