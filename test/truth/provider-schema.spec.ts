import assert from "node:assert/strict";
import { environments } from "../../contract/environments";
import { built } from "../support/build";
import { programOf } from "../support/programs";
import { type Rules, rulesOf, rulesOfStructure, ruleProblems } from "../support/provider-rules";

describe("what the program registers, by the AWS provider's own rules", function () {
  for (const stack of environments)
    for (const [title, recorded] of [
      ["without a release", async () => (await built(stack)).recorder],
      ["with a release", () => programOf(stack)],
    ] as const)
      it(`has inputs that exist, go together and have values that are listed: ${stack} ${title}`, async () => {
        const resources = (await recorded()).resources.filter(({ type }) => type.startsWith("aws:"));
        assert.ok(resources.length > 80, String(resources.length));
        assert.deepEqual(
          resources.flatMap(({ type, name, inputs }) =>
            ruleProblems(type, inputs).map((problem) => `${type} ${name}: ${problem}`),
          ),
          [],
        );
      });

  it("rests on rules that are read, not on none", async () => {
    const types = new Set(
      (await programOf("prod")).resources.map(({ type }) => type).filter((type) => type.startsWith("aws:")),
    );
    const rules = [...types].map((type) => rulesOf(type)!);
    assert.ok(rules.every((one) => one.size > 0));
    const all = rules.flatMap((one) => [...one.values()]);
    const deep = structuresOf(rules);
    assert.ok(
      deep.length > 100 && deep.filter((one) => one.size === 0).length < 5,
      JSON.stringify([deep.length, deep.filter((one) => one.size === 0).length]),
    );
    const within = deep.flatMap((one) => [...one.values()]);
    assert.ok(
      within.filter(({ required }) => required).length > 50 &&
        within.filter(({ values }) => values.length > 1).length > 10 &&
        [...all, ...within].filter(({ range }) => range).length > 3,
      JSON.stringify([
        within.filter(({ required }) => required).length,
        within.filter(({ values }) => values.length > 1).length,
        [...all, ...within].filter(({ range }) => range).length,
      ]),
    );
    assert.ok(
      all.filter(({ required }) => required).length > 40 &&
        all.filter(({ values }) => values.length > 1).length > 10 &&
        all.filter(({ conflicts }) => conflicts.length > 0).length > 10,
      JSON.stringify([
        all.filter(({ required }) => required).length,
        all.filter(({ values }) => values.length > 1).length,
        all.filter(({ conflicts }) => conflicts.length > 0).length,
      ]),
    );
  });
});

/** The structures within inputs, however deep. */
function structuresOf(rules: readonly Rules[], seen = new Set<string>()): Rules[] {
  const names = rules
    .flatMap((one) => [...one.values()].flatMap(({ structure }) => structure ?? []))
    .filter((name) => !seen.has(name));
  if (names.length === 0) return [];
  for (const name of names) seen.add(name);
  const found = [...new Set(names)].map((name) => rulesOfStructure(name)!);
  return [...found, ...structuresOf(found, seen)];
}

describe("the check by the provider's rules", () => {
  const planted: readonly [what: string, type: string, inputs: Readonly<Record<string, unknown>>, problem: RegExp][] = [
    ["an input that does not exist", "aws:sqs/queue:Queue", { name: "q", retention: 5 }, /retention is no input/],
    ["a required input that is missing", "aws:sns/topicPolicy:TopicPolicy", { arn: "a" }, /policy is missing/],
    [
      "two inputs that exclude each other",
      "aws:sqs/queue:Queue",
      { name: "q", namePrefix: "q" },
      /name conflicts with namePrefix/,
    ],
    [
      "a value that is not listed",
      "aws:sqs/queue:Queue",
      { name: "q", fifoThroughputLimit: "perQueues" },
      /fifoThroughputLimit is perQueues/,
    ],
    ["a name that is too long", "aws:sqs/queue:Queue", { name: "q".repeat(81) }, /name has 81 characters, not 1 to 80/],
    [
      "an input that does not exist, in a structure of a list",
      "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
      { productionVariants: [{ modelName: "m", inferenceAmi: "a" }] },
      /productionVariants\[0\]\.inferenceAmi is no input/,
    ],
    [
      "a required input that is missing, two deep",
      "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
      { productionVariants: [{ modelName: "m", serverlessConfig: { maxConcurrency: 1 } }] },
      /productionVariants\[0\]\.serverlessConfig\.memorySizeInMb is missing/,
    ],
    [
      "a value that is not listed, in a structure",
      "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
      {
        productionVariants: [{ modelName: "m" }],
        dataCaptureConfig: {
          initialSamplingPercentage: 1,
          destinationS3Uri: "s3://a/b",
          captureOptions: [{ captureMode: "Both" }],
        },
      },
      /dataCaptureConfig\.captureOptions\[0\]\.captureMode is Both/,
    ],
    [
      "a number beyond its range, in a structure",
      "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
      { productionVariants: [{ modelName: "m", serverlessConfig: { maxConcurrency: 1000, memorySizeInMb: 1024 } }] },
      /serverlessConfig\.maxConcurrency is 1000, not 1 to 200/,
    ],
    [
      "a structure where a list belongs",
      "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
      { productionVariants: { modelName: "m" } },
      /productionVariants is no list/,
    ],
    [
      "a list where a structure belongs",
      "aws:sagemaker/pipeline:Pipeline",
      { pipelineName: "p", pipelineDisplayName: "p", parallelismConfiguration: [{ maxParallelExecutionSteps: 1 }] },
      /parallelismConfiguration is a list/,
    ],
    ["a type that does not exist", "aws:sqs/topic:Topic", {}, /is no type/],
  ];
  for (const [what, type, inputs, problem] of planted)
    it(`finds ${what}`, () => {
      assert.match(ruleProblems(type, inputs).join("\n"), problem);
    });
});
