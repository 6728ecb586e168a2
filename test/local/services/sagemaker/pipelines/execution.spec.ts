import assert from "node:assert/strict";
import type { Cloud } from "../../../../../local/cloud";
import type { Members } from "../../../../../local/members";
import { tell } from "../../../../../local/services/events/delivery/listeners";
import { AwsError } from "../../../../../local/errors";
import { pipelinesOf } from "../../../../../local/services/sagemaker/pipelines";
import { fakeService, permissiveCloud, send, until } from "../../permissive-cloud";
import { makeTemporaryFolder } from "../../../../support/temporary-folder";

const roleArn = "arn:aws:iam::111122223333:role/pipeline";
const functionArn = "arn:aws:lambda:eu-central-1:111122223333:function:announce";

interface Jobs {
  readonly rows: Map<string, Members>;
  readonly order: string[];
  /** Ends a job and tells, as SageMaker's events do. */
  end(step: string, change?: Members): void;
  autoEnd: boolean;
  refuse?: (operation: string, input: Members) => void;
  most: number;
}

/** Fake job operations: they keep what they are given, and end when the test says so. */
function setUp(options: { stateDir?: string; speed?: number } = {}) {
  const { cloud, recorded } = permissiveCloud(options);
  const jobs: Jobs = { rows: new Map(), order: [], autoEnd: true, most: 0, end: () => undefined };
  const finish = (kind: "Processing" | "Training", name: string, change: Members = {}): void => {
    const row = {
      ...jobs.rows.get(name)!,
      [`${kind}JobStatus`]: "Completed",
      ModelArtifacts: { S3ModelArtifacts: `s3://models/${name}/model.tar.gz` },
      ...change,
    };
    jobs.rows.set(name, row);
    tell(cloud, {
      source: "aws.sagemaker",
      detailType: `SageMaker ${kind} Job State Change`,
      resources: [],
      detail: { [`${kind}JobName`]: name, [`${kind}JobStatus`]: row[`${kind}JobStatus`] },
    });
  };
  jobs.end = (step, change) => {
    const name = [...jobs.rows.keys()].filter((key) => key.includes(`-${step}-`)).at(-1)!;
    finish(jobs.rows.get(name)!["kind"], name, change);
  };
  const running = (): number =>
    [...jobs.rows.values()].filter((row) => row[`${row["kind"]}JobStatus`] === "InProgress").length;
  const job = (kind: "Processing" | "Training") => ({
    [`Create${kind}Job`]: (input: Members) => {
      jobs.refuse?.(`Create${kind}Job`, input);
      const name = input[`${kind}JobName`];
      jobs.order.push(name.replace(/^pipelines-\w{12}-(.*)-\w{10}$/, "$1"));
      jobs.rows.set(name, {
        ...input,
        kind,
        [`${kind}JobArn`]: `arn:aws:sagemaker:eu-central-1:111122223333:${kind.toLowerCase()}-job/${name}`,
        [`${kind}JobStatus`]: "InProgress",
      });
      jobs.most = Math.max(jobs.most, running());
      if (jobs.autoEnd) setTimeout(() => finish(kind, name), 5);
      return { [`${kind}JobArn`]: jobs.rows.get(name)![`${kind}JobArn`] };
    },
    [`Describe${kind}Job`]: (input: Members) => {
      const row = jobs.rows.get(input[`${kind}JobName`]);
      if (!row) throw new AwsError("ResourceNotFound", "Requested resource not found.");
      return row;
    },
    [`Stop${kind}Job`]: (input: Members) => finish(kind, input[`${kind}JobName`], { [`${kind}JobStatus`]: "Stopped" }),
  });
  const packages: Members[] = [];
  const pipelines = pipelinesOf(cloud);
  fakeService(cloud, "sagemaker", {
    ...pipelines.operations,
    ...job("Processing"),
    ...job("Training"),
    CreateModelPackage(input) {
      packages.push(input);
      return { ModelPackageArn: "arn:aws:sagemaker:eu-central-1:111122223333:model-package/g/1" };
    },
    DescribeModelPackage: (input) => ({ ModelPackageArn: input["ModelPackageName"], ModelPackageVersion: 1 }),
  });
  const files = new Map<string, string>();
  fakeService(cloud, "s3", {
    GetObject(input) {
      const body = files.get(`s3://${input["Bucket"]}/${input["Key"]}`);
      if (body === undefined) throw new AwsError("NoSuchKey", "The specified key does not exist.", 404);
      return { Body: Buffer.from(body) };
    },
  });
  const invoked: Members[] = [];
  fakeService(cloud, "lambda", {
    Invoke(input) {
      invoked.push({ FunctionName: input["FunctionName"], ...JSON.parse(String(input["Payload"])) });
      return { StatusCode: 200, Payload: Buffer.from('{"ticket":"T-1","count":2}') };
    },
  });
  return { cloud, recorded, jobs, packages, files, invoked, pipelines };
}

const processing = (name: string, more: Members = {}) => ({
  Name: name,
  Type: "Processing",
  ...more,
  Arguments: {
    AppSpecification: { ImageUri: "image" },
    RoleArn: roleArn,
    ProcessingOutputConfig: {
      Outputs: [
        {
          OutputName: "out",
          S3Output: {
            S3Uri: { "Std:Join": { On: "/", Values: ["s3://data", { Get: "Execution.PipelineExecutionId" }, name] } },
          },
        },
      ],
    },
    ...more["Arguments"],
  },
});
const training = (name: string, more: Members = {}) => ({
  Name: name,
  Type: "Training",
  ...more,
  Arguments: { AlgorithmSpecification: { TrainingImage: "image" }, ...more["Arguments"] },
});

async function run(
  cloud: Cloud,
  steps: unknown[],
  options: { parameters?: unknown[]; values?: Members[]; name?: string; parallelism?: number } = {},
) {
  const name = options.name ?? "training";
  const definition = JSON.stringify({ Version: "2020-12-01", Parameters: options.parameters ?? [], Steps: steps });
  const input = {
    PipelineName: name,
    ClientRequestToken: "c".repeat(32),
    RoleArn: roleArn,
    PipelineDefinition: definition,
  };
  const known = await send(cloud, "sagemaker", "DescribePipeline", { PipelineName: name }).catch(() => undefined);
  if (!known) await send(cloud, "sagemaker", "CreatePipeline", input);
  else if (known["PipelineDefinition"] !== definition) await send(cloud, "sagemaker", "UpdatePipeline", input);
  const started = await send(cloud, "sagemaker", "StartPipelineExecution", {
    PipelineName: name,
    ClientRequestToken: `${Math.random()}`.padEnd(32, "x"),
    PipelineParameters: options.values,
    ...(options.parallelism ? { ParallelismConfiguration: { MaxParallelExecutionSteps: options.parallelism } } : {}),
  });
  return started["PipelineExecutionArn"] as string;
}

const describe_ = (cloud: Cloud, arn: string) =>
  send(cloud, "sagemaker", "DescribePipelineExecution", { PipelineExecutionArn: arn });
async function ended(cloud: Cloud, arn: string): Promise<string> {
  let status = "";
  await until(
    async () =>
      !["Executing", "Stopping"].includes((status = (await describe_(cloud, arn))["PipelineExecutionStatus"])),
    "the execution has ended",
  );
  return status;
}
async function steps(cloud: Cloud, arn: string): Promise<Record<string, Members>> {
  const answer = await send(cloud, "sagemaker", "ListPipelineExecutionSteps", {
    PipelineExecutionArn: arn,
    MaxResults: 100,
  });
  return Object.fromEntries(answer["PipelineExecutionSteps"].map((step: Members) => [step["StepName"], step]));
}

describe("pipeline executions", () => {
  it("run a whole pipeline: parameters, references, property file, condition, registration, function", async () => {
    const { cloud, jobs, packages, files, invoked, recorded } = setUp();
    jobs.autoEnd = false;
    const definition = [
      processing("Profile"),
      processing("Prepare"),
      training("Train", {
        Arguments: {
          InputDataConfig: [
            {
              ChannelName: "dataset",
              DataSource: {
                S3DataSource: { S3Uri: { Get: "Steps.Prepare.ProcessingOutputConfig.Outputs['out'].S3Output.S3Uri" } },
              },
            },
          ],
          HyperParameters: { epochs: { Get: "Parameters.Epochs" } },
        },
      }),
      processing("Evaluate", {
        PropertyFiles: [{ PropertyFileName: "Report", OutputName: "out", FilePath: "evaluation.json" }],
        Arguments: {
          ProcessingInputs: [
            { InputName: "model", S3Input: { S3Uri: { Get: "Steps.Train.ModelArtifacts.S3ModelArtifacts" } } },
          ],
        },
      }),
      {
        Name: "Good",
        Type: "Condition",
        Arguments: {
          Conditions: [
            {
              Type: "GreaterThanOrEqualTo",
              LeftValue: {
                "Std:JsonGet": {
                  PropertyFile: { Get: "Steps.Evaluate.PropertyFiles.Report" },
                  Path: "detection_metrics.map50.value",
                },
              },
              RightValue: { Get: "Parameters.MinMap50" },
            },
          ],
          IfSteps: [
            {
              Name: "Register",
              Type: "RegisterModel",
              Arguments: { ModelPackageGroupName: "g", ModelApprovalStatus: "PendingManualApproval" },
            },
            {
              Name: "Announce",
              Type: "Lambda",
              FunctionArn: functionArn,
              Arguments: { package: { Get: "Steps.Register.ModelPackageArn" } },
              OutputParameters: [{ OutputName: "ticket", OutputType: "String" }],
            },
          ],
          ElseSteps: [{ Name: "Missed", Type: "Fail", Arguments: { ErrorMessage: "too bad" } }],
        },
      },
    ];
    const arn = await run(cloud, definition, {
      parameters: [
        { Name: "Epochs", Type: "Integer", DefaultValue: 3 },
        { Name: "MinMap50", Type: "Float", DefaultValue: 0.2 },
      ],
      values: [{ Name: "Epochs", Value: "5" }],
    });
    await until(() => jobs.rows.size === 2, "both first steps run at once");
    jobs.end("Prepare");
    await until(() => jobs.order.includes("Train"), "training has started while profiling still runs");
    jobs.end("Profile");
    jobs.end("Train");
    await until(() => jobs.order.includes("Evaluate"), "evaluation has started");
    const evaluation = [...jobs.rows.values()].find((row) => row["ProcessingJobName"]?.includes("Evaluate"))!;
    files.set(
      `${evaluation["ProcessingOutputConfig"].Outputs[0].S3Output.S3Uri}/evaluation.json`,
      JSON.stringify({ detection_metrics: { map50: { value: 0.31 } } }),
    );
    jobs.end("Evaluate");
    assert.equal(await ended(cloud, arn), "Succeeded");

    const trained = [...jobs.rows.values()].find((row) => row["kind"] === "Training")!;
    const id = arn.split("/").at(-1);
    assert.equal(trained["InputDataConfig"][0].DataSource.S3DataSource.S3Uri, `s3://data/${id}/Prepare`);
    assert.equal(trained["HyperParameters"].epochs, 5);
    assert.match(trained["TrainingJobName"], new RegExp(`^pipelines-${id}-Train-\\w{10}$`));
    assert.ok(
      trained["Tags"].some((tag: Members) => tag["Key"] === "sagemaker:pipeline-execution-arn" && tag["Value"] === arn),
    );
    assert.equal(evaluation["ProcessingInputs"][0].S3Input.S3Uri, trained["ModelArtifacts"].S3ModelArtifacts);
    assert.equal(packages.length, 1);
    assert.deepEqual(invoked, [
      { FunctionName: functionArn, package: "arn:aws:sagemaker:eu-central-1:111122223333:model-package/g/1" },
    ]);
    const shown = await steps(cloud, arn);
    assert.deepEqual(Object.keys(shown).sort(), [
      "Announce",
      "Evaluate",
      "Good",
      "Prepare",
      "Profile",
      "Register",
      "Train",
    ]);
    assert.deepEqual(shown["Good"]!["Metadata"], { Condition: { Outcome: "True" } });
    assert.deepEqual(shown["Announce"]!["Metadata"].Lambda.OutputParameters, [{ Name: "ticket", Value: "T-1" }]);

    const told = recorded.events
      .filter((event) => event.detailType === "SageMaker Model Building Pipeline Execution Status Change")
      .map(({ detail }) => detail["currentPipelineExecutionStatus"]);
    assert.deepEqual(told, ["Executing", "Succeeded"]);
    const trainEvents = recorded.events.filter(
      (event) => event.detailType.endsWith("Step Status Change") && event.detail["stepName"] === "Train",
    );
    assert.deepEqual(
      trainEvents.map(({ detail }) => detail["currentStepStatus"]),
      ["Starting", "Executing", "Succeeded"],
    );
    assert.equal(trainEvents.at(-1)!.detail["metadata"].trainingJob.arn, trained["TrainingJobArn"]);
  });

  it("take the other branch, and fail with the Fail step's message", async () => {
    const { cloud } = setUp();
    const arn = await run(cloud, [
      {
        Name: "Good",
        Type: "Condition",
        Arguments: {
          Conditions: [
            {
              Type: "Not",
              Expression: {
                Type: "Or",
                Conditions: [
                  { Type: "Equals", LeftValue: 1, RightValue: 1 },
                  { Type: "In", QueryValue: "a", Values: ["b"] },
                ],
              },
            },
          ],
          IfSteps: [processing("Never")],
          ElseSteps: [
            {
              Name: "Missed",
              Type: "Fail",
              Arguments: { ErrorMessage: { "Std:Join": { On: " ", Values: ["below", 0.5] } } },
            },
          ],
        },
      },
    ]);
    assert.equal(await ended(cloud, arn), "Failed");
    const shown = await steps(cloud, arn);
    assert.deepEqual(Object.keys(shown).sort(), ["Good", "Missed"]);
    assert.equal(shown["Missed"]!["FailureReason"], "below 0.5");
    assert.equal((await describe_(cloud, arn))["FailureReason"], "Step failure: One or multiple steps failed.");
  });

  it("let other branches finish when a step fails, and start none of its dependents", async () => {
    const { cloud, jobs } = setUp();
    jobs.autoEnd = false;
    const arn = await run(cloud, [
      processing("Bad"),
      processing("Waits", { DependsOn: ["Bad"] }),
      processing("Other"),
      processing("After", { DependsOn: ["Other"] }),
    ]);
    await until(() => jobs.rows.size === 2, "two steps run");
    jobs.end("Bad", { ProcessingJobStatus: "Failed", FailureReason: "AlgorithmError: exit code 1" });
    jobs.autoEnd = true;
    jobs.end("Other");
    assert.equal(await ended(cloud, arn), "Failed");
    const shown = await steps(cloud, arn);
    assert.deepEqual(
      Object.entries(shown)
        .map(([name, step]) => [name, step["StepStatus"]])
        .sort(),
      [
        ["After", "Succeeded"],
        ["Bad", "Failed"],
        ["Other", "Succeeded"],
      ],
    );
    assert.match(shown["Bad"]!["FailureReason"], /exit code 1/);
  });

  it("can be retried: only what did not succeed runs again", async () => {
    const { cloud, jobs } = setUp();
    jobs.refuse = (_operation, input) => {
      if (input["TrainingJobName"])
        throw new AwsError(
          "AccessDeniedException",
          "User: x is not authorized to perform: sagemaker:CreateTrainingJob",
        );
    };
    const arn = await run(cloud, [processing("Prepare"), training("Train", { DependsOn: ["Prepare"] })]);
    assert.equal(await ended(cloud, arn), "Failed");
    assert.match(
      (await steps(cloud, arn))["Train"]!["FailureReason"],
      /ClientError: Failed to invoke sagemaker:CreateTrainingJob\. Error Details: User: x is not authorized/,
    );
    jobs.refuse = undefined;
    await send(cloud, "sagemaker", "RetryPipelineExecution", {
      PipelineExecutionArn: arn,
      ClientRequestToken: "r".repeat(32),
    });
    assert.equal(await ended(cloud, arn), "Succeeded");
    assert.deepEqual(jobs.order, ["Prepare", "Train"]);
    await assert.rejects(
      send(cloud, "sagemaker", "RetryPipelineExecution", {
        PipelineExecutionArn: arn,
        ClientRequestToken: "q".repeat(32),
      }),
      /cannot be retried/,
    );
  });

  it("retry a step by its policy, waiting longer each time in cloud time", async () => {
    const { cloud, jobs } = setUp({ speed: 1000 });
    let attempts = 0;
    jobs.refuse = () => {
      if (++attempts < 3) throw new AwsError("ThrottlingException", "Rate exceeded");
    };
    const before = cloud.clock.nowMs();
    const arn = await run(cloud, [
      training("Train", {
        RetryPolicies: [{ ExceptionType: ["Step.THROTTLING"], IntervalSeconds: 10, BackoffRate: 3, MaxAttempts: 4 }],
      }),
    ]);
    assert.equal(await ended(cloud, arn), "Succeeded");
    assert.equal((await steps(cloud, arn))["Train"]!["AttemptCount"], 3);
    assert.ok(cloud.clock.nowMs() - before >= 39_000, "10 s and 30 s of waiting");
  });

  it("take succeeded results of an earlier execution from the cache, until they expire or the arguments change", async () => {
    const { cloud, jobs } = setUp({ speed: 3600 });
    const step = (image: string) => [
      processing("Prepare", {
        CacheConfig: { Enabled: true, ExpireAfter: "PT1H" },
        Arguments: { AppSpecification: { ImageUri: image } },
      }),
    ];
    const first = await run(cloud, step("a"));
    await ended(cloud, first);
    const second = await run(cloud, step("a"));
    assert.equal(await ended(cloud, second), "Succeeded");
    assert.equal(jobs.rows.size, 1);
    assert.deepEqual((await steps(cloud, second))["Prepare"]!["CacheHitResult"], { SourcePipelineExecutionArn: first });
    await ended(cloud, await run(cloud, step("b")));
    assert.equal(jobs.rows.size, 2);
    await cloud.clock.sleep(3_600_000);
    await ended(cloud, await run(cloud, step("a")));
    assert.equal(jobs.rows.size, 3);
  });

  it("stop: running jobs are stopped, nothing else starts", async () => {
    const { cloud, jobs } = setUp();
    jobs.autoEnd = false;
    const arn = await run(cloud, [processing("One"), processing("Two", { DependsOn: ["One"] })]);
    await until(() => jobs.rows.size === 1, "the first step runs");
    await send(cloud, "sagemaker", "StopPipelineExecution", {
      PipelineExecutionArn: arn,
      ClientRequestToken: "s".repeat(32),
    });
    assert.equal(await ended(cloud, arn), "Stopped");
    assert.equal((await steps(cloud, arn))["One"]!["StepStatus"], "Stopped");
    assert.equal(jobs.rows.size, 1);
  });

  it("run no more steps at once than allowed", async () => {
    const { cloud, jobs } = setUp();
    const arn = await run(
      cloud,
      ["A", "B", "C", "D"].map((name) => processing(name)),
      { parallelism: 2 },
    );
    assert.equal(await ended(cloud, arn), "Succeeded");
    assert.equal(jobs.most, 2);
  });

  it("go on after the local cloud was killed, with the job that was running", async () => {
    const stateDir = makeTemporaryFolder("pipelines");
    const first = setUp({ stateDir });
    first.jobs.autoEnd = false;
    const arn = await run(first.cloud, [processing("One"), processing("Two", { DependsOn: ["One"] })]);
    await until(() => first.jobs.rows.size === 1, "the first step runs");
    first.pipelines.stop();
    first.cloud.journal.flush();
    const second = setUp({ stateDir });
    for (const [name, row] of first.jobs.rows) second.jobs.rows.set(name, { ...row, ProcessingJobStatus: "Completed" });
    second.pipelines.start();
    assert.equal(await ended(second.cloud, arn), "Succeeded");
    assert.deepEqual(second.jobs.order, ["Two"]);
    second.pipelines.stop();
  });

  it("call a job by what its step says, and tell executions apart by what follows", async () => {
    const { cloud, jobs } = setUp();
    const step = processing("One");
    const named = { ...step, Arguments: { ...step.Arguments, ProcessingJobName: "peregrine-dev-run-One" } };
    const arn = await run(cloud, [named]);
    assert.equal(await ended(cloud, arn), "Succeeded");
    assert.match([...jobs.rows.keys()].join(), new RegExp(`^peregrine-dev-run-One-${arn.split("/").at(-1)}-\\w{10}$`));
  });

  it("start once for the same ClientRequestToken", async () => {
    const { cloud, jobs } = setUp();
    await ended(cloud, await run(cloud, [processing("One")]));
    const input = { PipelineName: "training", ClientRequestToken: "same".repeat(8) };
    const [a, b] = [
      await send(cloud, "sagemaker", "StartPipelineExecution", input),
      await send(cloud, "sagemaker", "StartPipelineExecution", input),
    ];
    assert.deepEqual(a, b);
    await ended(cloud, a["PipelineExecutionArn"]);
    assert.equal(jobs.rows.size, 2);
  });

  it("refuse parameters that are unknown, missing, of the wrong type or outside of the enumeration, all at once", async () => {
    const { cloud } = setUp();
    const parameters = [
      { Name: "Epochs", Type: "Integer", DefaultValue: 1 },
      { Name: "Need", Type: "String" },
      { Name: "Size", Type: "String", DefaultValue: "s", EnumValues: ["s", "m"] },
    ];
    await assert.rejects(
      run(cloud, [processing("One")], {
        parameters,
        values: [
          { Name: "Epochs", Value: "2.5" },
          { Name: "Size", Value: "l" },
          { Name: "Epoch", Value: "1" },
        ],
      }),
      (error: any) => {
        assert.equal(error.code, "ValidationException");
        for (const part of [
          "'Epoch' is not defined",
          "'2.5' for parameter 'Epochs' is not of type Integer",
          "Missing value for required parameter 'Need'",
          "enum value set: [s, m]",
        ])
          assert.ok(error.message.includes(part), part);
        return true;
      },
    );
  });
});
