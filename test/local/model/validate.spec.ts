import assert from "node:assert/strict";
import type { Members } from "../../../local/members";
import { AwsError } from "../../../local/errors";
import { ModelsMissing } from "../../../local/model/botocore";
import { BotocoreModels } from "../../../local/model/models";
import { compilePattern } from "../../../local/model/patterns";
import { venv } from "../support";

describe("validation against the official service models", () => {
  const models = new BotocoreModels({ venv });
  const variant = { VariantName: "champion", ModelName: "m", InstanceType: "ml.m5.large", InitialInstanceCount: 1 };

  function refusal(service: string, operation: string, input: Members, lenient = false): AwsError {
    try {
      models.validate(service, operation, input, lenient);
    } catch (error) {
      assert.ok(error instanceof AwsError);
      return error;
    }
    throw new assert.AssertionError({ message: `${operation} accepted ${JSON.stringify(input)}` });
  }

  it("accepts a request that AWS accepts", () => {
    assert.deepEqual(
      models.validate(
        "sagemaker",
        "CreateEndpointConfig",
        { EndpointConfigName: "c", ProductionVariants: [variant] },
        false,
      ),
      [],
    );
  });

  it("refuses an instance type that does not exist, listing those that do", () => {
    const error = refusal("sagemaker", "CreateEndpointConfig", {
      EndpointConfigName: "c",
      ProductionVariants: [{ ...variant, InstanceType: "ml.z9.mega" }],
    });
    assert.equal(error.code, "ValidationException");
    assert.equal(error.status, 400);
    assert.match(
      error.message,
      /^1 validation error detected: Value 'ml\.z9\.mega' at 'productionVariants\.1\.member\.instanceType' failed to satisfy constraint: Member must satisfy enum value set: \[.*ml\.g5\.xlarge.*\]$/,
    );
  });

  it("refuses a missing member in AWS's words", () => {
    assert.equal(
      refusal("sagemaker", "DescribeEndpoint", {}).message,
      "1 validation error detected: Value null at 'endpointName' failed to satisfy constraint: Member must not be null",
    );
  });

  it("reports all that is wrong at once", () => {
    const error = refusal("sagemaker", "CreateModel", { ModelName: "no spaces here", ExecutionRoleArn: "nonsense" });
    assert.match(error.message, /^\d validation errors detected: /);
    assert.match(
      error.message,
      /Value 'no spaces here' at 'modelName' failed to satisfy constraint: Member must satisfy regular expression pattern: /,
    );
    assert.match(error.message, /Value 'nonsense' at 'executionRoleArn' failed/);
  });

  it("checks ranges of numbers and lengths of texts and lists", () => {
    assert.match(
      refusal("sagemaker", "CreateEndpointConfig", {
        EndpointConfigName: "c",
        ProductionVariants: [{ ...variant, InitialVariantWeight: -1 }],
      }).message,
      /Value '-1' at 'productionVariants\.1\.member\.initialVariantWeight' failed to satisfy constraint: Member must have value greater than or equal to 0/,
    );
    assert.match(
      refusal("sagemaker", "CreateEndpointConfig", { EndpointConfigName: "c", ProductionVariants: [] }).message,
      /at 'productionVariants' .* Member must have length greater than or equal to 1/,
    );
    assert.match(
      refusal("iam", "GetRole", { RoleName: "r".repeat(65) }).message,
      /at 'roleName' .* Member must have length less than or equal to 64/,
    );
  });

  it("uses the code of the query protocol for query services and the runtime's own for SageMaker's runtime", () => {
    assert.equal(refusal("iam", "GetRole", {}).code, "ValidationError");
    assert.equal(refusal("sagemaker-runtime", "InvokeEndpoint", {}).code, "ValidationError");
  });

  it("refuses a value of another type as a serialization error", () => {
    const error = refusal("sagemaker", "DescribeEndpoint", { EndpointName: 5 });
    assert.equal(error.code, "SerializationException");
    assert.match(error.message, /NUMBER_VALUE can not be converted to a String/);
  });

  it("returns and drops members that it does not know when lenient, and refuses them when not", () => {
    const input: Members = { EndpointName: "e", Colour: "red" };
    assert.deepEqual(models.validate("sagemaker", "DescribeEndpoint", input, true), ["Colour"]);
    assert.deepEqual(input, { EndpointName: "e" });
    assert.match(
      refusal("sagemaker", "DescribeEndpoint", { EndpointName: "e", Colour: "red" }).message,
      /Unknown parameter in input: "Colour", must be one of: EndpointName/,
    );
  });

  it("wants exactly one member of a union", () => {
    const job = (config: Members): Members => ({
      AutoMLJobName: "j",
      RoleArn: "arn:aws:iam::111122223333:role/r",
      OutputDataConfig: { S3OutputPath: "s3://b/o" },
      AutoMLJobInputDataConfig: [
        { ChannelType: "training", DataSource: { S3DataSource: { S3DataType: "S3Prefix", S3Uri: "s3://b/i" } } },
      ],
      AutoMLProblemTypeConfig: config,
    });
    assert.deepEqual(
      models.validate("sagemaker", "CreateAutoMLJobV2", job({ ImageClassificationJobConfig: {} }), false),
      [],
    );
    assert.match(
      refusal("sagemaker", "CreateAutoMLJobV2", job({ ImageClassificationJobConfig: {}, TextGenerationJobConfig: {} }))
        .message,
      /at 'autoMLProblemTypeConfig' failed to satisfy constraint: Exactly one member of the union AutoMLProblemTypeConfig must be set, 2 are/,
    );
  });

  it("names the place of a wrong member in a list", () => {
    assert.match(
      refusal("sagemaker", "CreateAction", {
        ActionName: "a",
        Source: { SourceUri: "s" },
        ActionType: "t",
        Tags: [{ Key: "k" }],
      }).message,
      /at 'tags\.1\.member\.value' .* Member must not be null/,
    );
  });

  it("fills in idempotency tokens for callers inside, as an SDK would, but not for HTTP", () => {
    const input: Members = { PipelineName: "p", RoleArn: "arn:aws:iam::111122223333:role/r", PipelineDefinition: "{}" };
    models.validate("sagemaker", "CreatePipeline", input, false);
    assert.equal(typeof input.ClientRequestToken, "string");
    assert.match(
      refusal(
        "sagemaker",
        "CreatePipeline",
        { PipelineName: "p", RoleArn: "arn:aws:iam::111122223333:role/r", PipelineDefinition: "{}" },
        true,
      ).message,
      /clientRequestToken/,
    );
  });

  it("compiles every pattern of the services that it stands for", () => {
    for (const service of [
      "sagemaker",
      "iam",
      "sts",
      "events",
      "lambda",
      "cloudwatch",
      "logs",
      "kms",
      "ssm",
      "ecr",
      "sns",
      "s3",
    ]) {
      const seen = new Set<string>();
      const model = models.service(service);
      const walk = (shape: {
        name: string;
        pattern?: string;
        members: readonly { shape: unknown }[];
        element?: { shape: unknown };
        key?: { shape: unknown };
        value?: { shape: unknown };
      }): void => {
        if (seen.has(shape.name)) return;
        seen.add(shape.name);
        if (shape.pattern !== undefined)
          assert.ok(compilePattern(shape.pattern), `${service} ${shape.name}: ${shape.pattern}`);
        for (const next of [...shape.members, shape.element, shape.key, shape.value])
          if (next) walk(next.shape as never);
      };
      for (const operation of model.operationNames) {
        const { input } = model.operation(operation)!;
        if (input) walk(input.shape);
      }
    }
  });

  it("reads POSIX classes and inline flags as Java does", () => {
    assert.equal(compilePattern("[\\p{Alnum}-]+")!.test("abc-9"), true);
    assert.equal(compilePattern("[\\p{Alnum}-]+")!.test("abc 9"), false);
    assert.equal(compilePattern("(?i)abc")!.test("ABC"), true);
    assert.equal(compilePattern("abc")!.test("abcd"), false);
  });

  it("says what to install when the models are not there", () => {
    assert.throws(
      () => new BotocoreModels({ venv: "/nowhere" }),
      (error: Error) =>
        error instanceof ModelsMissing &&
        /botocore is not installed/.test(error.message) &&
        /npm start/.test(error.message),
    );
  });
});
