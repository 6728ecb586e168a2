import assert from "node:assert/strict";
import { environments } from "../../../contract/environments";
import { ForeignState, foreignCode, refuseForeignCode } from "../../../automation/stack/state-code";
import { built } from "../../support/build";

const urn = (type: string, name = "x") => `urn:pulumi:dev::peregrine::${type}::${name}`;
const aws = `${urn("pulumi:providers:aws", "aws")}::6d6f7fd4-5a5b-4c0e-8a58-0c6a3c8a4b6e`;

describe("the state of a stack", () => {
  it("of this program runs nothing of its own", () => {
    assert.deepEqual(
      foreignCode([
        { urn: urn("pulumi:pulumi:Stack"), type: "pulumi:pulumi:Stack" },
        { urn: urn("pulumi:providers:aws"), type: "pulumi:providers:aws", inputs: { region: "eu-central-1" } },
        { urn: urn("peregrine:platform:Platform"), type: "peregrine:platform:Platform" },
        { urn: urn("aws:s3/bucket:Bucket"), type: "aws:s3/bucket:Bucket", provider: aws, inputs: { bucket: "b" } },
      ]),
      [],
    );
  });

  it("knows every type of the program in every environment", async () => {
    for (const environment of environments) {
      const { recorder } = await built(environment, { "peregrine:frontDoor": "true" });
      const types = recorder.resources.map(({ type }) => type);
      assert(types.length > 100, `only ${types.length} resources`);
      assert.deepEqual(foreignCode(types.map((type) => ({ urn: urn(type), type }))), []);
    }
  });

  const planted = {
    "a dynamic resource": { type: "pulumi-nodejs:dynamic:Resource", inputs: { __provider: "exports.handler = ..." } },
    "a dynamic resource under a type of ours": {
      type: "peregrine:platform:Platform",
      outputs: { __provider: "exports.handler = ..." },
    },
    "a Python one": { type: "pulumi-python:dynamic:Resource" },
    "a command": { type: "command:local:Command", inputs: { create: "id" } },
    "a provider of another kind": { type: "pulumi:providers:command" },
    "our provider from another place": {
      type: "pulumi:providers:aws",
      inputs: { pluginDownloadURL: "https://example.org" },
    },
    "a resource of ours with another provider": {
      type: "aws:s3/bucket:Bucket",
      provider: `${urn("pulumi:providers:command", "c")}::1`,
    },
    "a reference to another stack": { type: "pulumi:pulumi:StackReference" },
  };
  for (const [what, resource] of Object.entries(planted))
    it(`is refused with code in it: ${what}`, () => {
      assert.equal(foreignCode([resource]).length, 1);
      assert.throws(
        () => refuseForeignCode("dev", [resource]),
        (error: Error) => error instanceof ForeignState && error.message.includes("nothing was changed"),
      );
    });
});
