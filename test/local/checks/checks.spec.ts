import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checks, listedChecks } from "../../../local/checks";
import { BotocoreModels } from "../../../local/model/models";
import { projectDir } from "../../../automation/project-dir";
import { venv } from "../support";

const local = join(projectDir, "local");
const filesOf = (folder: string): string[] =>
  readdirSync(join(local, folder), { recursive: true })
    .map(String)
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(local, folder, name));
const sources = ["services", "network", "upstream"]
  .flatMap(filesOf)
  .map((file) => ({ file, text: readFileSync(file, "utf8") }));

/** Where every refusal is one of the table. */
const complete = [
  "services/sagemaker/hosting",
  "services/sagemaker/registry",
  "services/sagemaker/studio",
  "services/sagemaker/jobs",
  "services/efs",
  "services/application-autoscaling",
  "network",
];
/** Not worth a row each: names that are taken or unknown, and what this cloud cannot do. */
const plain =
  /already exist|does not exist|[Cc]ould not (be )?f(i|ou)nd|Cannot find|No scal\w+ \w+ (registered|found)|No scheduled action|must be unique|is being created|not found|[Tt]he local cloud|unless it is managed by the application|One of FileSystemId/;

describe("the table of checks", () => {
  it("names operations that AWS has", () => {
    const models = new BotocoreModels({ venv });
    const model: Readonly<Record<string, string>> = { elasticfilesystem: "efs" };
    for (const { operations, rule } of listedChecks())
      for (const name of operations) {
        const [service, operation] = name.split(":") as [string, string];
        assert.ok(models.service(model[service] ?? service).operation(operation), `${name}: ${rule}`);
      }
  });

  it("has no check that nothing refuses by", () => {
    for (const name of Object.keys(checks))
      assert.ok(
        sources.some(({ text }) => new RegExp(`Checks\\.${name}\\b`).test(text)),
        name,
      );
  });

  it("has everything that its services refuse, but for names that are taken or unknown", () => {
    const refusals = /throw (?:new (?:AwsError|VariantFailed)|validationException)\([^;]*;/g;
    const found = complete
      .flatMap(filesOf)
      .flatMap((file) => [...readFileSync(file, "utf8").matchAll(refusals)].map(([text]) => text));
    assert.ok(found.length > 20);
    assert.deepEqual(
      found.filter((text) => !plain.test(text) && !/\bChecks\.|Checks\.\w+\.words/.test(text)),
      [],
    );
  });

  it("says each thing once, with all that its words need", () => {
    const shown = Object.values(checks).map((one) => one.shown);
    assert.equal(new Set(shown).size, shown.length);
    for (const text of shown) assert.doesNotMatch(text, /undefined|\[object/);
  });
});
