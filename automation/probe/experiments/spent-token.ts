import { SageMaker } from "../../../aws/sagemaker";
import { Experiments } from "../../../aws/sagemaker-experiments";
import { Queues } from "../../../aws/sqs";
import { held, refuted, errorText } from "../answer";
import type { Experiment } from "../experiment";
import { runOneStep } from "./one-step";

/** A callback token that is used twice. */
export const spentToken: Experiment = {
  name: "spent-token",
  question: "Which error does a callback token get that has ended its step before, and says otherwise now?",
  believed: "ConflictException or ResourceNotFound: release builds take both for a trial that has ended by itself.",
  minutes: 15,
  costs: [{ key: "sqs.request", units: 200 }],
  async ask(bench) {
    const queues = new Queues(bench.session);
    const queue = await queues.create(bench.name("tokens"), bench.tags);
    const role = await bench.serviceRole("sagemaker", [
      { Effect: "Allow", Action: "sqs:SendMessage", Resource: queue.arn },
    ]);
    const step = { Name: "Ask", Type: "Callback", SqsQueueUrl: queue.url, Arguments: {}, OutputParameters: [] };
    const { token, execution } = await runOneStep(bench, role, step, 6, async (ended, executionArn) => {
      const found = (await queues.take(queue.url))
        .map(({ body }) => (JSON.parse(body) as { token?: string }).token)
        .find(Boolean);
      if (found === undefined && ended)
        throw new Error(`the pipeline is ${ended.status} without a token: ${ended.reason}`);
      return found === undefined ? undefined : { token: found, execution: executionArn };
    });
    const sagemaker = new SageMaker(bench.session);
    await sagemaker.succeedStep(token, {});
    await bench.until(4, async () =>
      (await sagemaker.describePipelineExecution(execution)).PipelineExecutionStatus === "Executing" ? undefined : true,
    );
    bench.step("used the token, and the pipeline has ended; says with it that the step failed");
    const answer = await new Experiments(bench.session).failStep(token, "too late").then(() => undefined, errorText);
    if (answer === undefined) return refuted("the second use succeeded");
    const words = `the second use was answered ${answer}`;
    return /^(ConflictException|ResourceNotFound):/.test(answer) ? held(words) : refuted(words);
  },
};
