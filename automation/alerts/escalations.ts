import { ObjectStore } from "../../aws/s3";
import { Queues } from "../../aws/sqs";
import { hasCode } from "../../aws/session";
import {
  acknowledgement,
  type Escalation,
  escalationQueue,
  escalations,
  escalationsKey,
} from "../../contract/escalation";
import { readJson } from "../../contract/json";
import { UserError } from "../errors";
import type { Environment } from "../stack/environment";

type Place = Pick<Environment, "name" | "session" | "outputs">;

/** Alerts that wait for somebody, or waited, newest first. */
export async function listEscalations(environment: Place): Promise<Escalation[]> {
  const { artifactsBucket: bucket } = await environment.outputs();
  const body = await new ObjectStore(environment.session).get({ bucket, key: escalationsKey });
  const read = body && readJson(body.toString("utf8"), escalations);
  const open = read?.kind === "value" ? Object.values(read.value.open) : [];
  return open.sort((one, other) => other.atMs - one.atMs);
}

/**
 * Says that somebody looks after an alert: nobody else is told of it any more. Who it is, the queue knows.
 * @throws UserError where no such alert waits, or nothing escalates.
 */
export async function acknowledgeAlert(environment: Place, id: string): Promise<Escalation> {
  const found = (await listEscalations(environment)).find((one) => one.id === id);
  if (!found)
    throw new UserError(
      `No alert ${id} waits in ${environment.name}.`,
      `See which do: npx peregrine alert list --stack ${environment.name}`,
    );
  const message = acknowledgement.parse({ kind: "acknowledge", id });
  try {
    await new Queues(environment.session).send(escalationQueue(environment.name), JSON.stringify(message));
  } catch (error) {
    if (!hasCode(error, "QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue")) throw error;
    throw new UserError(
      `Nothing escalates in ${environment.name}, so nothing is acknowledged.`,
      "Levels come with the setting peregrine:escalation (docs/escalation.md).",
      { cause: error },
    );
  }
  return found;
}
