import { Queues } from "../../aws/sqs";
import { type AwsSession, hasCode } from "../../aws/session";
import type { EnvironmentName } from "../../contract/environments";
import { problemsOf } from "../../contract/json";
import { retrainingProposal, retrainingQueue } from "../../contract/monitoring";
import { UserError } from "../errors";

/** What a person proposes. */
export interface PersonsProposal {
  readonly reason: string;
  /** Classes that fell short. */
  readonly classes: readonly string[];
}

/**
 * Proposes a retraining, as an ML engineer of the environment that retrains. A function decides about it, as about any
 * other: a person waits for no data and no cool-down, but never passes the month's money or a training that runs.
 * @param key makes the proposal one, however often it is sent.
 * @returns the id of the message.
 * @throws UserError when the proposal is none, or nobody decides there.
 */
export async function proposeRetraining(
  session: AwsSession,
  environment: EnvironmentName,
  { reason, classes }: PersonsProposal,
  key: string,
): Promise<string> {
  const proposal = { trigger: "person", key: `person/${key}`, reason, classes };
  const parsed = retrainingProposal.safeParse(proposal);
  if (!parsed.success)
    throw new UserError(
      `This is no proposal: ${problemsOf(parsed.error, proposal).join("; ")}`,
      "See: npx peregrine retrain propose --help",
    );
  try {
    return await new Queues(session).send(retrainingQueue(environment), JSON.stringify(parsed.data));
  } catch (error) {
    if (hasCode(error, "QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"))
      throw new UserError(
        `Nobody decides about retraining in ${environment}: there is no queue ${retrainingQueue(environment)}.`,
        `Set peregrine:retrainedIn to ${environment} in its stack and bring it up, or train by hand: npx peregrine train --stack ${environment}`,
        { cause: error },
      );
    throw new UserError(
      `Cannot propose a retraining in ${environment}: ${(error as Error).message}`,
      `Act as an ML engineer of ${environment}: --profile NAME`,
      { cause: error },
    );
  }
}
