import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { environments } from "../../../contract/environments";

const project = join(__dirname, "../../..");
const stackFile = (stack: string) => readFileSync(join(project, `Pulumi.${stack}.yaml`), "utf8");

/** Python's jsonschema, which knows nothing of Zod. @returns for each document the places that it finds wrong. */
function validate(documents: readonly unknown[]): string[][] {
  const program = `
import json, sys
from jsonschema import Draft202012Validator
schema, documents = json.load(sys.stdin)
Draft202012Validator.check_schema(schema)
validator = Draft202012Validator(schema)
print(json.dumps([sorted("/".join(map(str, error.absolute_path)) + " " + error.validator for error in validator.iter_errors(document)) for document in documents]))
`;

  const schema: unknown = JSON.parse(readFileSync(join(project, "docs/stack-file.schema.json"), "utf8"));
  const printed = execFileSync(join(project, ".venv/bin/python"), ["-c", program], {
    input: JSON.stringify([schema, documents]),
    encoding: "utf8",
  });
  return JSON.parse(printed) as string[][];
}

describe("the schema of stack files", () => {
  const changed = (changes: object): unknown => {
    const { config } = parse(stackFile("prod")) as { config: object };
    return { config: { ...config, ...changes } };
  };

  it("is named in each stack file, for editors", () => {
    for (const stack of environments)
      assert.match(stackFile(stack), /^# yaml-language-server: \$schema=docs\/stack-file\.schema\.json\n/);
  });

  it("is content with the stack files, as an independent validator reads it", () => {
    assert.deepEqual(
      validate(environments.map((stack) => parse(stackFile(stack)) as unknown)),
      environments.map(() => []),
    );
  });

  it("is content with the text that `pulumi config set` writes, with what Pulumi adds, and with other providers' settings", () => {
    assert.deepEqual(
      validate([
        changed({ "peregrine:servingMinInstances": "3", "peregrine:requireMfa": "false" }),
        { ...(changed({}) as object), encryptionsalt: "v1:salt" },
        changed({ "aws:maxRetries": 5, "random:seed": "x" }),
      ]),
      [[], [], []],
    );
  });

  const mistakes: Readonly<Record<string, readonly [object, string]>> = {
    "a word that is none of the choices": [{ "peregrine:rollout": "blue-green" }, "config/peregrine:rollout enum"],
    "an instance type that does not exist": [
      { "peregrine:servingInstanceType": "ml.g6.xlrage" },
      "config/peregrine:servingInstanceType enum",
    ],
    "a misspelt key": [{ "peregrine:epoch": 3 }, "config additionalProperties"],
    "a key without a namespace": [{ epochs: 3 }, "config additionalProperties"],
    "a list where a number belongs": [{ "peregrine:epochs": [3] }, "config/peregrine:epochs anyOf"],
    "a number beyond its limits": [{ "peregrine:capturePercent": 101 }, "config/peregrine:capturePercent anyOf"],
    "a word where a switch belongs": [{ "peregrine:requireMfa": "yes" }, "config/peregrine:requireMfa anyOf"],
    "a person without a role": [{ "peregrine:people": ["anna"] }, "config/peregrine:people/0 pattern"],
  };
  it("finds planted mistakes", () => {
    const found = validate(Object.values(mistakes).map(([changes]) => changed(changes)));
    assert.deepEqual(
      Object.fromEntries(Object.keys(mistakes).map((title, index) => [title, found[index]])),
      Object.fromEntries(Object.entries(mistakes).map(([title, [, expected]]) => [title, [expected]])),
    );
  });

  it("misses no setting that every stack has to have", () => {
    const { config } = parse(stackFile("dev")) as { config: Record<string, unknown> };
    const { "peregrine:datasetBucket": _bucket, ...rest } = config;
    assert.deepEqual(validate([{ config: rest }]), [["config required"]]);
  });
});
