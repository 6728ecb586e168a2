import { SageMaker } from "../../../aws/sagemaker";
import { Experiments } from "../../../aws/sagemaker-experiments";
import { Queues } from "../../../aws/sqs";
import { type Experiment, held, refuted, wordsOf } from "../experiment";

/** A callback token that is used twice. */
export const spentToken: Experiment = {
  name: "spent-token",
  question: "Which error does a callback token get that has ended its step before, and says otherwise now?",
  believed: "ConflictException or ResourceNotFound: release builds take both for a trial that has ended by itself.",
  minutes: 12,
  costs: [{ key: "sqs.request", units: 200 }],
  async ask(bench) {
    const queue = await new Queues(bench.session).create(bench.name("tokens"), bench.tags);
    const role = await bench.serviceRole("sagemaker", [{ Effect: "Allow", Action: "sqs:SendMessage", Resource: queue.arn }]);
    const name = bench.name("pipeline");
    const definition = { Version: "2020-12-01", Parameters: [], Steps: [{ Name: "Ask", Type: "Callback", SqsQueueUrl: queue.url, Arguments: {}, OutputParameters: [] }] };
    await bench.settled(2, /assume/i, () => new Experiments(bench.session).createPipeline(name, role, definition, bench.tags));
    bench.step("starts a pipeline of one callback step");
    const sagemaker = new SageMaker(bench.session);
    const execution = await bench.settled(2, /assume/i, () => sagemaker.startPipeline(name, {}, `${name}-${"0".repeat(32)}`));
    const token = await bench.until(6, async () => (await new Queues(bench.session).receive(queue.url)).map((body) => (JSON.parse(body) as { token?: string }).token).find(Boolean));
    if (token === undefined) throw new Error("no token came within 6 minutes");
    await sagemaker.succeedStep(token, {});
    await bench.until(4, async () => ((await sagemaker.describePipelineExecution(execution)).PipelineExecutionStatus === "Executing" ? undefined : true));
    bench.step("used the token, and the pipeline has ended; says with it that the step failed");
    try {
      // False: one of the two errors that are taken for a step that has ended.
      return (await sagemaker.failStep(token, "too late")) ? refuted("the second use succeeded") : held("the second use was answered ConflictException or ResourceNotFound");
    } catch (error) {
      return refuted(`the second use was answered ${wordsOf(error)}`);
    }
  },
};
