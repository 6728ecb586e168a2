import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { prepareStackFiles } from "../../../automation/stack/stack-files";
import { makeTemporaryFolder } from "../../support/temporary-folder";

describe("the files that the engine works in", () => {
  let folder: string;
  const working = () => join(folder, ".peregrine", "work", "dev", "Pulumi.dev.yaml");
  beforeEach(() => {
    folder = makeTemporaryFolder("files");
    writeFileSync(
      join(folder, "Pulumi.yaml"),
      "name: peregrine\nmain: infra/index.ts\nconfig:\n  owner: { type: string, default: team }\n",
    );
    writeFileSync(join(folder, "Pulumi.dev.yaml"), "config:\n  aws:region: eu-central-1\n  peregrine:epochs: 3\n");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("hold the stack's settings, its own without their namespace and with defaults, and the salt that the engine wrote", () => {
    assert.deepEqual(prepareStackFiles("dev", folder).settings, { owner: "team", epochs: 3 });
    writeFileSync(working(), `encryptionsalt: v1:salt\n${readFileSync(working(), "utf8")}`);
    prepareStackFiles("dev", folder);
    assert.deepEqual(parse(readFileSync(working(), "utf8")), {
      encryptionsalt: "v1:salt",
      config: { "aws:region": "eu-central-1", "peregrine:epochs": 3 },
    });
  });

  it("are not touched where they are right, since another command may be reading them", () => {
    prepareStackFiles("dev", folder);
    const { ino } = statSync(working());
    prepareStackFiles("dev", folder);
    assert.equal(statSync(working()).ino, ino);
    writeFileSync(join(folder, "Pulumi.dev.yaml"), "config:\n  aws:region: eu-west-1\n");
    assert.equal(prepareStackFiles("dev", folder).config["aws:region"], "eu-west-1");
    assert.notEqual(statSync(working()).ino, ino);
  });

  it("are made anew when a killed engine left an empty one", () => {
    mkdirSync(join(folder, ".peregrine", "work", "dev"), { recursive: true });
    writeFileSync(working(), "");
    prepareStackFiles("dev", folder);
    assert.match(readFileSync(working(), "utf8"), /eu-central-1/);
  });
});
