import { z } from "zod";
import { Builds } from "../aws/codebuild";
import type { AwsSession } from "../aws/session";
import { buildVariables, requestQueue, requestShape } from "../lifecycle/release-request";
import type { BatchAnswer } from "./deploy-candidate";

/** What Lambda hands on of a queue. `SenderId` is who sent the message, by SQS's own knowledge: `<id of the role>:<session>`. */
const eventShape = z.object({ Records: z.array(z.object({ messageId: z.string(), body: z.string(), eventSourceARN: z.string(), attributes: z.object({ SenderId: z.string() }) })) });

/** What the handler needs from its surroundings. */
export interface Surroundings {
  /** The project whose builds release packages. */
  readonly project: string;
  /** Environments that releases go to. */
  readonly targets: readonly string[];
  readonly builds: Pick<Builds, "start">;
  readonly log: (line: string) => void;
}

/**
 * Starts a release build for each request. The build asks the gate, as one that an approval starts: a request chooses what is
 * released when, and never whether it may be. @returns the messages that were not handled; the queue hands them out again, and gives them up to the dead letters.
 */
export async function startRelease(event: unknown, { project, targets, builds, log }: Surroundings): Promise<BatchAnswer> {
  const failures: { itemIdentifier: string }[] = [];
  for (const { messageId, body, eventSourceARN, attributes } of eventShape.parse(event).Records) {
    try {
      const environment = targets.find((name) => eventSourceARN.endsWith(`:${requestQueue(name)}`));
      if (!environment) throw new Error(`${eventSourceARN} is no queue of requests for ${targets.join(", ")}`);
      const parsed = requestShape.safeParse(JSON.parse(body));
      if (!parsed.success) throw new Error(`the message is no request:\n${z.prettifyError(parsed.error)}`);
      const variables = buildVariables(environment, parsed.data, attributes.SenderId);
      await builds.start(project, variables, messageId);
      log(`${messageId}: started ${JSON.stringify(variables)}`);
    } catch (error) {
      failures.push({ itemIdentifier: messageId });
      log(`message ${messageId} of ${attributes.SenderId}: ${(error as Error).message}`);
    }
  }
  return { batchItemFailures: failures };
}

/** Lambda's entry point. All variables are set by the Pulumi program, the region by Lambda. */
export async function handler(event: unknown): Promise<BatchAnswer> {
  const session: AwsSession = { region: process.env["AWS_REGION"]! };
  return startRelease(event, {
    project: process.env["RELEASE_PROJECT"]!,
    targets: process.env["RELEASE_TARGETS"]!.split(","),
    builds: new Builds(session),
    log: (line) => void process.stdout.write(`${line}\n`),
  });
}
