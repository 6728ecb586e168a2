import assert from "node:assert/strict";
import { explain } from "../../functions/explain-failure";
import { alertDetail, watchEvent } from "../../contract/monitoring";

const execution = "arn:aws:sagemaker:eu-central-1:123456789012:pipeline/peregrine-dev-training/execution/abc";
const event = {
  time: "2026-11-29T12:00:00Z",
  detail: { pipelineExecutionArn: execution, currentPipelineExecutionStatus: "Failed" },
};

describe("the function that explains a failed training", () => {
  const run = async (more: Partial<Parameters<typeof explain>[1]> = {}, given: unknown = event) => {
    const told: { type: string; detail: object }[] = [];
    await explain(given, {
      executions: {
        describePipelineExecution: async () => ({ FailureReason: "Step failure" }) as never,
        listPipelineSteps: async () => [
          { StepName: "PrepareData", StepStatus: "Succeeded" },
          {
            StepName: "TrainDetector",
            StepStatus: "Failed",
            FailureReason: "AlgorithmError: exit code 1",
            Metadata: { TrainingJob: { Arn: "arn:aws:sagemaker:eu-central-1:1:training-job/peregrine-dev-run-x" } },
          },
        ],
      },
      logs: { tail: async (group, stream, count) => [`${group} ${stream} ${count}`, "CUDA out of memory"] },
      bus: { put: async (_source, type, detail) => void told.push({ type, detail }) },
      log: () => {},
      ...more,
    });
    const [first] = told;
    assert.equal(first!.type, watchEvent.trainingFailed);
    return alertDetail.parse(first!.detail);
  };

  it("names the step, its reason, its job, and the end of the job's log", async () => {
    const { message, severity, area } = await run();
    assert.equal(`${severity} ${area}`, "warning model");
    assert.match(message, /Step TrainDetector failed: AlgorithmError: exit code 1/);
    assert.match(message, /TrainingJobs peregrine-dev-run-x\/ 12 \| CUDA out of memory\./);
    assert.match(message, /The serving model is unchanged/);
    assert.match(message, /docs\/runbooks\/retraining-failed\.md/);
  });

  it("tells the failure even where nothing can be found out, and says what is missing", async () => {
    const denied = () => Promise.reject(new Error("AccessDenied"));
    const { message } = await run({
      executions: { describePipelineExecution: denied, listPipelineSteps: denied },
    });
    assert.match(message, /No step failed.*Not found out: the execution, its steps/);
    assert.match((await run({ logs: { tail: denied } })).message, /Not found out: its log/);
  });

  it("refuses an event that is no end of an execution", async () =>
    assert.rejects(run({}, { detail: {} }), /pipelineExecutionArn/));
});
