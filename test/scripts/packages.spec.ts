import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { dependencies, devDependencies } from "../../package.json";

const project = join(__dirname, "..", "..");
const lock = JSON.parse(readFileSync(join(project, "package-lock.json"), "utf8")) as {
  packages: Record<string, { version?: string; resolved?: string }>;
};

describe("Node packages", () => {
  it("are pinned exactly", () => {
    const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(
      ([, version]) => !/^(npm:[\w-]+@)?\d+\.\d+\.\d+$/.test(version),
    );
    assert.deepEqual(loose, []);
  });

  it("have one version of all AWS clients, so that one copy of what they share is loaded", () => {
    // The chain of credentials is a part of every client and numbered apart; that there is one copy holds for it, too.
    const sdk = Object.entries({ ...dependencies, ...devDependencies }).filter(
      ([name]) => name.startsWith("@aws-sdk/") && name !== "@aws-sdk/credential-provider-node",
    );
    assert.ok(sdk.length > 20, `${sdk.length} packages of the SDK`);
    assert.deepEqual([...new Set(sdk.map(([, version]) => version))].length, 1, JSON.stringify(sdk));
    const copies = Object.keys(lock.packages).filter((path) =>
      /node_modules\/.*node_modules\/@(aws-sdk|smithy)\//.test(path),
    );
    assert.deepEqual(copies, []);
  });

  it("are locked without the address of a registry", () => {
    const addressed = Object.entries(lock.packages).filter(([, { resolved }]) => resolved);
    assert.deepEqual(addressed, []);
  });
});
