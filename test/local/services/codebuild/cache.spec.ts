import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LocalCaches } from "../../../../local/services/codebuild/cache";
import type { BuildRecord } from "../../../../local/services/codebuild/records";
import { makeTemporaryFolder } from "../../../support/temporary-folder";

describe("what CodeBuild's projects cache", () => {
  const folder = makeTemporaryFolder();
  const caches = new LocalCaches(join(folder, "caches"));

  const build = (id: string) =>
    ({
      id,
      project: "p",
      recorded: { cache: { type: "LOCAL", modes: ["LOCAL_CUSTOM_CACHE"] } },
    }) as unknown as BuildRecord;
  function source(name: string): string {
    const path = join(folder, name);
    mkdirSync(path, { recursive: true });
    return path;
  }

  it("is gone for the next build as soon as it is dropped, and from the disk soon after", async () => {
    const first = source("first");
    caches.link(build("1"), ["kept"], first);
    writeFileSync(join(first, "kept", "file"), "1");
    caches.release(build("1"));
    caches.drop("p");
    const second = source("second");
    caches.link(build("2"), ["kept"], second);
    assert.deepEqual(readdirSync(join(second, "kept")), []);
    await caches.gone();
    assert.deepEqual(readdirSync(join(folder, "caches")), ["p"]);
  });

  it("is deleted at the next start where the cloud ended before it was", () => {
    const left = join(folder, "caches", ".dropped-x");
    mkdirSync(left);
    caches.sweep();
    assert.deepEqual([existsSync(left), existsSync(join(folder, "caches", "p"))], [false, true]);
  });
});
