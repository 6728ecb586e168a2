import { z } from "zod";
import { functionSession } from "../aws/session";
import { buildVariable, readVariables } from "../contract/variables";
import { type TrialMessage, trialMessage } from "../contract/pipeline-messages";
import { Builds } from "../aws/codebuild";
import { SageMaker } from "../aws/sagemaker";
import { trialAction } from "../lifecycle/trial";

/** What Lambda hands on of a queue; the rest of a record is not asked for. */
const eventShape = z.object({
  Records: z.array(
    z.object({
      messageId: z.string(),
      body: z.string(),
      attributes: z.object({ ApproximateReceiveCount: z.coerce.number() }),
    }),
  ),
});

/** What the handler depends on. */
export interface Dependencies {
  /** The project whose builds release packages. */
  readonly project: string;
  readonly environment: string;
  /** After so many tries the queue gives a message up. */
  readonly maxReceives: number;
  readonly builds: Pick<Builds, "start" | "having" | "stop">;
  readonly steps: Pick<SageMaker, "failStep">;
  readonly log: (line: string) => void;
}

export interface BatchAnswer {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

/**
 * Starts a release build to staging for each candidate whose pipeline waits. What could not be started is tried again
 * by the queue; with the last try the pipeline's step is failed, or it would wait for ever.
 * @returns the messages that were not handled.
 */
export async function deployCandidate(event: unknown, dependencies: Dependencies): Promise<BatchAnswer> {
  const failures: { itemIdentifier: string }[] = [];
  for (const { messageId, body, attributes } of eventShape.parse(event).Records) {
    try {
      await handle(readMessage(body), dependencies);
    } catch (error) {
      failures.push({ itemIdentifier: messageId });
      dependencies.log(`message ${messageId}, try ${attributes.ApproximateReceiveCount}: ${(error as Error).message}`);
      if (attributes.ApproximateReceiveCount >= dependencies.maxReceives)
        await giveUp(body, error as Error, dependencies);
    }
  }
  return { batchItemFailures: failures };
}

/** @throws Error naming every wrong member. */
function readMessage(body: string): TrialMessage {
  const parsed = trialMessage.safeParse(JSON.parse(body));
  if (!parsed.success) throw new Error(`the message is not one of a Callback step:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

async function handle(
  { token, status, arguments: { modelPackageArn } }: TrialMessage,
  { project, environment, builds, steps, log }: Dependencies,
): Promise<void> {
  const started = await builds.having(project, buildVariable.callbackToken, token);
  const { verdict, reasons } = trialAction(
    status,
    started.map(({ buildStatus, currentPhase }) => ({ status: buildStatus ?? "", phase: currentPhase ?? "" })),
  );
  log(`${modelPackageArn}: ${verdict}, since ${reasons.join("; ")}`);
  switch (verdict) {
    case "start":
      await builds.start(
        project,
        {
          [buildVariable.modelPackageArn]: modelPackageArn,
          [buildVariable.targets]: environment,
          [buildVariable.callbackToken]: token,
        },
        token,
      );
      return;
    case "stop-build":
      // That it was stopped ends the step: see end-trial.
      for (const { id, buildStatus } of started) if (buildStatus === "IN_PROGRESS") await builds.stop(id!);
      return;
    case "end-step":
      await steps.failStep(token, `The trial was not made: ${reasons.join("; ")}.`);
      return;
    case "wait":
      return;
  }
}

/** Fails the step of a message that the queue gives up; what cannot be read names no step. */
async function giveUp(body: string, cause: Error, { maxReceives, steps, log }: Dependencies): Promise<void> {
  try {
    await steps.failStep(
      readMessage(body).token,
      `No build could be started in ${maxReceives} tries: ${cause.message}`,
    );
  } catch (error) {
    log(`the step could not be failed either: ${(error as Error).message}`);
  }
}

/** Lambda's entry point. */
export async function handler(event: unknown): Promise<BatchAnswer> {
  const { RELEASE_PROJECT, TRIAL_ENVIRONMENT, MAX_RECEIVES } = readVariables("deploy-candidate", process.env);
  const session = functionSession();
  return deployCandidate(event, {
    project: RELEASE_PROJECT,
    environment: TRIAL_ENVIRONMENT,
    maxReceives: Number(MAX_RECEIVES),
    builds: new Builds(session),
    steps: new SageMaker(session),
    log: (line) => void process.stdout.write(`${line}\n`),
  });
}
