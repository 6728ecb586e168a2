import assert from "node:assert/strict";
import type { PipelineDefinition, ProcessingStep, Step } from "../../../infra/training/definition";
import { lintDefinition } from "../../../infra/training/definition-linter";

const processing = (
  name: string,
  args: Record<string, unknown> = {},
  more: Partial<ProcessingStep> = {},
): ProcessingStep => ({
  Name: name,
  Type: "Processing",
  Arguments: {
    ProcessingJobName: `peregrine-dev-run-${name.replace(" ", "")}`,
    ProcessingOutputConfig: { Outputs: [{ OutputName: "out" }] },
    ...args,
  },
  ...more,
});
const definition = (steps: readonly Step[], parameters: PipelineDefinition["Parameters"] = []): PipelineDefinition => ({
  Version: "2020-12-01",
  Metadata: {},
  Parameters: parameters,
  Steps: steps,
});
const condition = (left: string, ifSteps: readonly Step[] = []): Step => ({
  Name: "Gate",
  Type: "Condition",
  Arguments: {
    Conditions: [{ Type: "Equals", LeftValue: { Get: left }, RightValue: 1 }],
    IfSteps: ifSteps,
    ElseSteps: [],
  },
});
const callback = (queue = "https://sqs.eu-central-1.amazonaws.com/123456789012/trials"): Step => ({
  Name: "Wait",
  Type: "Callback",
  SqsQueueUrl: queue,
  Arguments: {},
  OutputParameters: [{ OutputName: "summary", OutputType: "String" }],
});

const register = (value: unknown): Step => ({
  Name: "Register",
  Type: "RegisterModel",
  Arguments: { CustomerMetadataProperties: { why: value } },
});
const reason = (name: string, DefaultValue: string) =>
  definition([register({ Get: `Parameters.${name}` })], [{ Name: name, Type: "String", DefaultValue }]);

describe("the definition linter", () => {
  const cases: [string, PipelineDefinition, RegExp][] = [
    ["a name with a blank", definition([processing("Two Words")]), /"Two Words" is no step name/],
    ["a name used twice", definition([processing("A"), processing("A")]), /step A occurs more than once/],
    [
      "a name used again in a branch",
      definition([processing("A"), condition("Execution.PipelineName", [processing("A")])]),
      /step A occurs more than once/,
    ],
    [
      "an undefined parameter",
      definition([processing("A", { X: { Get: "Parameters.Nope" } })]),
      /A uses parameter Nope, which is not defined/,
    ],
    [
      "an unused parameter",
      definition([processing("A")], [{ Name: "P", Type: "String", DefaultValue: "x" }]),
      /parameter P is never used/,
    ],
    [
      "a default of the wrong type",
      definition(
        [processing("A", { X: { Get: "Parameters.P" } })],
        [{ Name: "P", Type: "Integer", DefaultValue: 1.5 }],
      ),
      /parameter P is Integer, but its default is 1.5/,
    ],
    [
      "a parameter without default",
      definition([processing("A", { X: { Get: "Parameters.P" } })], [{ Name: "P", Type: "Integer" } as never]),
      /no default, so no event can start/,
    ],
    [
      "a default outside its values",
      definition(
        [processing("A", { X: { Get: "Parameters.P" } })],
        [{ Name: "P", Type: "String", DefaultValue: "c", EnumValues: ["a", "b"] }],
      ),
      /default outside its EnumValues/,
    ],
    [
      "an unknown execution property",
      definition([processing("A", { X: { Get: "Execution.Id" } })]),
      /not a property of an execution/,
    ],
    ["a reference to nothing", definition([processing("A", { X: { Get: "Nowhere.B" } })]), /refers to nothing/],
    [
      "a reference to a missing step",
      definition([processing("A", { X: { Get: "Steps.B.ExitMessage" } })]),
      /there is no step B/,
    ],
    [
      "a property that the step does not offer",
      definition([processing("A"), processing("B", { X: { Get: "Steps.A.ModelArtifacts.S3ModelArtifacts" } })]),
      /which a Processing step does not offer/,
    ],
    [
      "a missing output",
      definition([
        processing("A"),
        processing("B", { X: { Get: "Steps.A.ProcessingOutputConfig.Outputs['in'].S3Output.S3Uri" } }),
      ]),
      /uses output in, which A does not have/,
    ],
    [
      "an undeclared property file",
      definition([processing("A"), condition("Steps.A.PropertyFiles.F")]),
      /Gate reads property file F, which A does not declare/,
    ],
    [
      "an output parameter that a step does not declare",
      definition([callback(), processing("B", { X: { Get: "Steps.Wait.OutputParameters['other']" } })]),
      /an output parameter that Wait does not declare/,
    ],
    [
      "a queue that is none",
      definition([callback("trials")]),
      /Wait sends its token to "trials", which is no queue's URL/,
    ],
    [
      "a metadata value that the registry refuses",
      definition([register("fog, night")]),
      /Register: metadata why holds ","/,
    ],
    ["a metadata value of nothing", definition([register("")]), /metadata why has 0 characters/],
    [
      "a default that the registry refuses",
      reason("RunReason", "50%"),
      /metadata why, from parameter RunReason, holds "%"/,
    ],
    [
      "a text in the metadata that nobody checks",
      reason("Note", "fine"),
      /keeps parameter Note, which nobody checks where a run starts/,
    ],
    [
      "a job without a name of ours",
      definition([processing("A", { ProcessingJobName: undefined })]),
      /A says by undefined how its jobs are called/,
    ],
    [
      "a job's name that leaves no room for the execution's",
      definition([processing("A", { ProcessingJobName: "a".repeat(39) })]),
      /no prefix of at most 38/,
    ],
    [
      "a property file in a missing output",
      definition([
        processing("A", {}, { PropertyFiles: [{ PropertyFileName: "F", OutputName: "in", FilePath: "f.json" }] }),
      ]),
      /property file F lies in output in/,
    ],
    [
      "a dependency on nothing",
      definition([processing("A", {}, { DependsOn: ["B"] })]),
      /A depends on B, which is not a step/,
    ],
    [
      "a circle",
      definition([processing("A", {}, { DependsOn: ["B"] }), processing("B", { X: { Get: "Steps.A.ExitMessage" } })]),
      /these steps wait for one another: A, B/,
    ],
    [
      "a condition that waits for its own branch",
      definition([condition("Steps.A.ExitMessage", [processing("A")])]),
      /wait for one another: Gate, A/,
    ],
  ];
  for (const [what, bad, expected] of cases)
    it(`finds ${what}`, () => {
      assert.match(lintDefinition(bad).join("\n"), expected);
    });

  it("is content with a sound definition", () => {
    const good = definition(
      [
        processing(
          "A",
          { X: { Get: "Parameters.P" } },
          { PropertyFiles: [{ PropertyFileName: "F", OutputName: "out", FilePath: "f.json" }] },
        ),
        condition("Steps.A.PropertyFiles.F", [
          processing("B", { X: { Get: "Steps.A.ProcessingOutputConfig.Outputs['out'].S3Output.S3Uri" } }),
        ]),
      ],
      [{ Name: "P", Type: "Float", DefaultValue: 1 }],
    );
    assert.deepEqual(lintDefinition(good), []);
  });
});
