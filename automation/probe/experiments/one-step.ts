import { SageMaker } from "../../../aws/sagemaker";
import { Experiments } from "../../../aws/sagemaker-experiments";
import { type Bench, roleIsNew } from "../bench";

/** The end of an execution: its status, and why it failed. */
export interface Ended {
  readonly status: string;
  readonly reason: string;
}

/** How a pipeline says that its role is not known yet, or may not yet what its policies let it. */
const rightsAreNew = new RegExp(`${roleIsNew.source}|not authorized to perform`, "i");

/**
 * Runs a pipeline of one step until there is something to see of it, or until it ends. A role that was made a moment
 * ago is unknown for seconds to the service that shall take it, and its rights hold seconds later: an execution that
 * fails by that is started again.
 * @param observe looks at what the step does.
 * @returns what was seen, or how the execution ended.
 * @throws Error when neither came within the minutes.
 */
export async function runOneStep<Seen>(
  bench: Bench,
  roleArn: string,
  step: object,
  minutes: number,
  observe: (ended: Ended | undefined, executionArn: string) => Promise<Seen | undefined>,
): Promise<Seen> {
  const sagemaker = new SageMaker(bench.session);
  const experiments = new Experiments(bench.session);
  const name = bench.name("pipeline");
  await bench.settled(2, roleIsNew, () =>
    experiments.createPipeline(name, roleArn, { Version: "2020-12-01", Parameters: [], Steps: [step] }, bench.tags),
  );
  let tries = 0;
  let refused: { readonly ended: Ended; readonly execution: string } | undefined;
  const run = bench.settled(2, rightsAreNew, async () => {
    bench.step(`starts a pipeline of one step${tries > 0 ? " again: the role or its rights were not known yet" : ""}`);
    const execution = await sagemaker.startPipeline(name, {}, `${bench.name("run")}-${tries++}-${"0".repeat(32)}`);
    const seen = await bench.until(minutes, async () => {
      const { PipelineExecutionStatus: status = "", FailureReason = "" } =
        await sagemaker.describePipelineExecution(execution);
      const ended =
        status === "Executing"
          ? undefined
          : { status, reason: status === "Failed" ? await experiments.failureOf(execution, FailureReason) : "" };
      if (ended && rightsAreNew.test(ended.reason)) {
        refused = { ended, execution };
        throw new Error(ended.reason);
      }
      const found = await observe(ended, execution);
      return found === undefined ? undefined : { found };
    });
    if (!seen) throw new Error(`the pipeline showed nothing within ${minutes} minutes`);
    return seen.found;
  });
  try {
    return await run;
  } catch (error) {
    // A right that is missing still is an answer by now.
    if (!refused || refused.ended.reason !== (error as Error).message) throw error;
    const found = await observe(refused.ended, refused.execution);
    if (found === undefined) throw error;
    return found;
  }
}
