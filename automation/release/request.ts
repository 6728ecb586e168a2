import { Queues } from "../../aws/sqs";
import { type AwsSession, hasCode } from "../../aws/session";
import { type ReleaseRequest, requestQueue, releaseRequest } from "../../contract/release-request";
import { UserError } from "../errors";
import type { EnvironmentName } from "../../contract/environments";

/**
 * Asks for a release or a rollback in an environment, as one of its ML engineers. The release build does it, through
 * the gate.
 * @returns the id of the request, by which the build can be found.
 * @throws UserError when the request is none, or nobody takes it.
 */
export async function requestRelease(
  session: AwsSession,
  environment: EnvironmentName,
  request: ReleaseRequest,
): Promise<string> {
  const parsed = releaseRequest.safeParse(request);
  if (!parsed.success)
    throw new UserError(
      `This is no request: ${parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ")}`,
      "See: npx peregrine request --help",
    );
  try {
    return await new Queues(session).send(requestQueue(environment), JSON.stringify(parsed.data));
  } catch (error) {
    if (hasCode(error, "QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"))
      throw new UserError(
        `Nobody takes requests for ${environment}: there is no queue ${requestQueue(environment)}.`,
        "Name the environment in releaseTargets of the registry's stack, or release by hand: npx peregrine promote",
        { cause: error },
      );
    throw new UserError(
      `Cannot ask for a ${request.action} in ${environment}: ${(error as Error).message}`,
      `Act as an ML engineer of ${environment}: --profile NAME`,
      { cause: error },
    );
  }
}
