import assert from "node:assert/strict";
import { durationMs } from "../../../../../local/services/sagemaker/pipelines/caching";
import { parseDefinition } from "../../../../../local/services/sagemaker/pipelines/checks";
import { walk } from "../../../../../local/services/sagemaker/pipelines/values";

const step = (name: string, more: object = {}) => ({ Name: name, Type: "Processing", Arguments: {}, ...more });
const text = (steps: unknown[], more: object = {}) => JSON.stringify({ Version: "2020-12-01", Steps: steps, ...more });

/** Definition, what is said about it. */
const wrong: readonly [name: string, definition: string, message: RegExp][] = [
  ["no JSON", "{", /Invalid JSON/],
  ["no object", "[]", /not a JSON object/],
  [
    "another version",
    JSON.stringify({ Version: "1", Steps: [step("A")] }),
    /Value '1' for 'Version' failed to satisfy enum value set: \[2020-12-01\]/,
  ],
  ["no steps", text([]), /at least one step/],
  [
    "an unknown step type",
    text([step("A", { Type: "Trainin" })]),
    /Value 'Trainin' for 'StepType' failed to satisfy enum value set/,
  ],
  [
    "a step type that is not executed here",
    text([step("A", { Type: "Tuning" })]),
    /the local cloud does not execute steps of type Tuning/,
  ],
  ["a wrong step name", text([step("A b")]), /Value 'A b' for 'Name' failed to satisfy regular expression pattern/],
  [
    "a name twice, in a branch",
    text([
      step("A"),
      {
        Name: "C",
        Type: "Condition",
        Arguments: { Conditions: [{ Type: "Equals", LeftValue: 1, RightValue: 1 }], IfSteps: [step("A")] },
      },
    ]),
    /Step names must be unique, 'A'/,
  ],
  [
    "a parameter twice",
    text([step("A")], {
      Parameters: [
        { Name: "P", Type: "String" },
        { Name: "P", Type: "String" },
      ],
    }),
    /Parameter names must be unique/,
  ],
  [
    "a default of another type",
    text([step("A")], { Parameters: [{ Name: "P", Type: "Integer", DefaultValue: "3" }] }),
    /not of type Integer/,
  ],
  [
    "a default outside of the enumeration",
    text([step("A")], { Parameters: [{ Name: "P", Type: "String", DefaultValue: "x", EnumValues: ["y"] }] }),
    /EnumValues/,
  ],
  [
    "an unknown parameter",
    text([step("A", { Arguments: { x: { Get: "Parameters.Q" } } })]),
    /'Parameters\.Q' names a parameter that is not defined/,
  ],
  [
    "an unknown property of the execution",
    text([step("A", { Arguments: { x: { Get: "Execution.Id" } } })]),
    /not a property of an execution/,
  ],
  [
    "a step that is not there",
    text([step("A", { Arguments: { x: { Get: "Steps.B.ModelArtifacts" } } })]),
    /'Steps\.B\.ModelArtifacts' cannot be resolved/,
  ],
  ["a dependency that is not there", text([step("A", { DependsOn: ["B"] })]), /depends on 'B'/],
  [
    "a cycle through DependsOn and Get",
    text([step("A", { DependsOn: ["B"] }), step("B", { Arguments: { x: { Get: "Steps.A.ProcessingJobArn" } } })]),
    /Cycle detected.*A -> B -> A/,
  ],
  [
    "a property file that is not there",
    text([
      step("A"),
      step("B", {
        Arguments: { x: { "Std:JsonGet": { PropertyFile: { Get: "Steps.A.PropertyFiles.F" }, Path: "a" } } },
      }),
    ]),
    /names a property file that step 'A' does not have/,
  ],
  [
    "a property file of no output",
    text([step("A", { PropertyFiles: [{ PropertyFileName: "F", OutputName: "o", FilePath: "f" }] })]),
    /names output 'o'/,
  ],
  [
    "an unknown condition",
    text([
      { Name: "C", Type: "Condition", Arguments: { Conditions: [{ Type: "Greater", LeftValue: 1, RightValue: 1 }] } },
    ]),
    /Value 'Greater' for 'ConditionType'/,
  ],
  [
    "caching of a step that cannot be cached",
    text([{ Name: "F", Type: "Fail", Arguments: { ErrorMessage: "x" }, CacheConfig: { Enabled: true } }]),
    /cannot be cached/,
  ],
  [
    "a cache duration that is none",
    text([step("A", { CacheConfig: { Enabled: true, ExpireAfter: "soon" } })]),
    /not an ISO 8601 duration/,
  ],
  [
    "a job's name that leaves no room for the execution's",
    text([step("A", { Arguments: { ProcessingJobName: "a".repeat(39) } })]),
    /'ProcessingJobName' in step 'A' failed to satisfy constraint/,
  ],
  [
    "a retry policy with two ends",
    text([step("A", { RetryPolicies: [{ ExceptionType: ["Step.THROTTLING"], MaxAttempts: 2, ExpireAfterMin: 2 }] })]),
    /Only one of MaxAttempts and ExpireAfterMin/,
  ],
];

describe("pipeline definitions", () => {
  for (const [name, definition, message] of wrong) {
    it(`are refused for ${name}`, () => {
      assert.throws(
        () => parseDefinition(definition),
        (error: any) =>
          error.code === "ValidationException" &&
          error.message.startsWith("Unable to parse pipeline definition. ") &&
          message.test(error.message),
      );
    });
  }

  it("report all problems at once", () => {
    assert.throws(
      () =>
        parseDefinition(
          text([step("A", { DependsOn: ["X"] }), step("B", { Arguments: { y: { Get: "Parameters.Y" } } })]),
        ),
      (error: any) => /'X'/.test(error.message) && /Parameters\.Y/.test(error.message),
    );
  });

  it("of every executed kind are accepted", () => {
    const conditions = [
      {
        Type: "And",
        Conditions: [
          { Type: "LessThan", LeftValue: { Get: "Parameters.P" }, RightValue: 2 },
          { Type: "In", QueryValue: "a", Values: ["a"] },
        ],
      },
    ];
    const definition = text(
      [
        step("Prepare", {
          Arguments: { ProcessingOutputConfig: { Outputs: [{ OutputName: "o" }] } },
          PropertyFiles: [{ PropertyFileName: "F", OutputName: "o", FilePath: "f.json" }],
          CacheConfig: { Enabled: true, ExpireAfter: "P30D" },
        }),
        {
          Name: "Train",
          Type: "Training",
          Arguments: { a: { Get: "Steps.Prepare.ProcessingOutputConfig.Outputs['o'].S3Output.S3Uri" } },
          RetryPolicies: [{ ExceptionType: "SageMaker.CAPACITY_ERROR", MaxAttempts: 3 }],
        },
        {
          Name: "If",
          Type: "Condition",
          DependsOn: ["Train"],
          Arguments: {
            Conditions: conditions,
            IfSteps: [
              { Name: "M", Type: "Model", Arguments: {} },
              { Name: "R", Type: "RegisterModel", Arguments: {} },
              { Name: "L", Type: "Lambda", FunctionArn: "arn", Arguments: {} },
              { Name: "C", Type: "Callback", SqsQueueUrl: "https://queue", Arguments: {} },
            ],
            ElseSteps: [{ Name: "F", Type: "Fail", Arguments: { ErrorMessage: "no" } }],
          },
        },
      ],
      { Parameters: [{ Name: "P", Type: "Float", DefaultValue: 1 }] },
    );
    assert.equal(parseDefinition(definition).Steps.length, 3);
  });

  it("reach into answers by name, index and quoted key", () => {
    const answer = {
      Outputs: [
        { OutputName: "a", S3: { Uri: "s3://a" } },
        { OutputName: "b", S3: { Uri: "s3://b" } },
      ],
      Map: { "k.1": 5 },
    };
    assert.deepEqual(
      [
        walk(answer, "Outputs['b'].S3.Uri"),
        walk(answer, "Outputs[0].S3.Uri"),
        walk(answer, "Map['k.1']"),
        walk(answer, "Outputs['c'].S3.Uri"),
      ],
      ["s3://b", "s3://a", 5, undefined],
    );
  });

  it("read durations", () => {
    assert.deepEqual(["P30D", "PT1H", "P1DT2H", "P2W", "30d"].map(durationMs), [
      30 * 86_400_000,
      3_600_000,
      26 * 3_600_000,
      14 * 86_400_000,
      30 * 86_400_000,
    ]);
  });
});
