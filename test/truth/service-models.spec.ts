import assert from "node:assert/strict";
import { environments } from "../../contract/environments";
import type { Properties } from "../../local/provider/values";
import { built } from "../support/build";
import { programOf } from "../support/programs";
import { modelProblems, requests } from "../support/service-requests";

const everything = {
  "peregrine:ciRepository": "acme/peregrine",
  "peregrine:networkMode": "private",
  "peregrine:auditTrail": "environment",
};

describe("what the program registers, by AWS's own models of the requests that make it", function () {
  const met = new Set<string>();
  for (const stack of environments)
    for (const [title, recorded] of [
      ["without a release", async () => (await built(stack)).recorder],
      ["with a release", () => programOf(stack)],
      ["with all that settings can ask for", () => programOf(stack, everything)],
    ] as const)
      it(`fits patterns, lengths, ranges and enums: ${stack} ${title}`, async () => {
        const resources = (await recorded()).resources.filter(({ type }) => type in requests);
        for (const { type } of resources) met.add(type);
        assert.ok(resources.length > 60, String(resources.length));
        assert.deepEqual(
          resources.flatMap(({ type, name, inputs }) =>
            modelProblems(type, name, inputs as Properties)!.map((problem) => `${type} ${name}: ${problem}`),
          ),
          [],
        );
      });

  it("is asked about every type of the table", () => {
    assert.deepEqual(
      Object.keys(requests).filter((type) => !met.has(type)),
      [],
    );
  });
});

describe("the check by AWS's models", () => {
  const variant = { modelName: "m", variantName: "v", initialInstanceCount: 1, instanceType: "ml.g4dn.xlarge" };
  const planted: readonly [what: string, type: string, inputs: Properties, problem: RegExp][] = [
    [
      "a name that the service does not take",
      "aws:sagemaker/model:Model",
      { name: "a_b", executionRoleArn: "arn:aws:iam::123456789012:role/r" },
      /'a_b' at 'modelName'.*regular expression/,
    ],
    [
      "an instance type that does not exist",
      "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
      { name: "c", productionVariants: [{ ...variant, instanceType: "ml.z9.mega" }] },
      /productionVariants\.1\.member\.instanceType.*enum/,
    ],
    [
      "a weight below nothing",
      "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
      { name: "c", productionVariants: [{ ...variant, initialVariantWeight: -1 }] },
      /initialVariantWeight.*greater than or equal to 0/,
    ],
    [
      "an image with a space",
      "aws:sagemaker/model:Model",
      { name: "m", primaryContainer: { image: "a b" } },
      /primaryContainer\.image.*regular expression/,
    ],
    [
      "a tag that is too long",
      "aws:sagemaker/model:Model",
      { name: "m", tags: { ["t".repeat(129)]: "v" } },
      /tags\.1\.member\.key.*less than or equal to 128/,
    ],
    [
      "an input that no member takes",
      "aws:sagemaker/model:Model",
      { name: "m", colour: "red" },
      /CreateModel has no member for colour/,
    ],
    [
      "a member that does not exist, in a structure",
      "aws:sagemaker/model:Model",
      { name: "m", primaryContainer: { image: "i", colour: "red" } },
      /Unknown parameter in input: "Colour"/,
    ],
    [
      "a role's description that is too long",
      "aws:iam/role:Role",
      { name: "r", assumeRolePolicy: "{}", description: "d".repeat(1001) },
      /'description'.*less than or equal to 1000/,
    ],
    [
      "a runtime that Lambda does not have",
      "aws:lambda/function:Function",
      { name: "f", role: "arn:aws:iam::123456789012:role/r", handler: "index.handler", runtime: "nodejs99.x" },
      /'runtime'.*enum/,
    ],
  ];
  for (const [what, type, inputs, problem] of planted)
    it(`finds ${what}`, () => {
      assert.match(modelProblems(type, "r", inputs)!.join("\n"), problem);
    });
});
