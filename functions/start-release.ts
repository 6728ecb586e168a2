import { createHash } from "node:crypto";
import { z } from "zod";
import { functionSession } from "../aws/session";
import { answered } from "../lifecycle/answered-approval";
import { buildVariable, readVariables } from "../contract/variables";
import { approvalEvent } from "../contract/events";
import { approvalQueue, buildVariables, releaseRequest, requestQueue } from "../contract/release-request";
import { Builds } from "../aws/codebuild";
import type { BatchAnswer } from "./deploy-candidate";

/**
 * What Lambda hands on of a queue. `SenderId` is who sent the message, by SQS's own knowledge: `<id of the
 * role>:<session>`.
 */
const eventShape = z.object({
  Records: z.array(
    z.object({
      messageId: z.string(),
      body: z.string(),
      eventSourceARN: z.string(),
      attributes: z.object({ SenderId: z.string() }),
    }),
  ),
});
type Message = z.infer<typeof eventShape>["Records"][number];

/** What the handler depends on. */
export interface Dependencies {
  /** The project whose builds release packages. */
  readonly project: string;
  /** Environment whose registry tells of approvals. */
  readonly registry: string;
  /** Environments that releases go to. */
  readonly targets: readonly string[];
  readonly builds: Pick<Builds, "start" | "having">;
  readonly log: (line: string) => void;
}

/**
 * Starts a release build for each request and each approval. The build asks the gate: what comes here chooses what is
 * released when, and never whether it may be. A project at its limit of builds refuses another one
 * (`AccountLimitExceededException`): its message waits in the queue.
 * @returns the messages that were not handled; the queue hands them out again, and gives them up to the dead letters.
 */
export async function startRelease(event: unknown, dependencies: Dependencies): Promise<BatchAnswer> {
  const failures: { itemIdentifier: string }[] = [];
  for (const message of eventShape.parse(event).Records) {
    const { messageId, eventSourceARN, attributes } = message;
    try {
      // Which queue it is decides what a message can be: people cannot send to that of approvals, and nothing in theirs
      // counts as one.
      const begin = eventSourceARN.endsWith(`:${approvalQueue(dependencies.registry)}`)
        ? releaseApproved
        : releaseRequested;
      dependencies.log(`${messageId}: ${await begin(message, dependencies)}`);
    } catch (error) {
      failures.push({ itemIdentifier: messageId });
      dependencies.log(`message ${messageId} of ${attributes.SenderId}: ${(error as Error).message}`);
    }
  }
  return { batchItemFailures: failures };
}

/** An approval goes to all targets, by the project's own variables. @returns what was done. */
async function releaseApproved({ body }: Message, { project, builds }: Dependencies): Promise<string> {
  const parsed = approvalEvent.safeParse(JSON.parse(body));
  if (!parsed.success) throw new Error(`the message is no event of an approval:\n${z.prettifyError(parsed.error)}`);
  const approval = parsed.data;
  const { ModelPackageArn: modelPackageArn, LastModifiedTime } = approval.detail;
  const having = await builds.having(project, buildVariable.modelPackageArn, modelPackageArn);
  const started = having.map(({ startTime, environment }) => ({
    startedMs: startTime?.getTime() ?? 0,
    variables: Object.fromEntries((environment?.environmentVariables ?? []).map(({ name, value }) => [name!, value])),
  }));
  if (answered(approval, started)) return `the approval of ${modelPackageArn} has its build`;
  // The same for the same event under another id; CodeBuild takes 64 characters and answers for five minutes with the
  // build of before.
  const token = createHash("sha256")
    .update(`${modelPackageArn} ${LastModifiedTime ?? approval.time}`)
    .digest("hex");
  await builds.start(project, { [buildVariable.modelPackageArn]: modelPackageArn }, token);
  return `started the release of ${modelPackageArn}, approved at ${LastModifiedTime ?? approval.time}`;
}

/** A request goes to the environment whose queue it came by. @returns what was done. */
async function releaseRequested(
  { messageId, body, eventSourceARN, attributes }: Message,
  { project, targets, builds }: Dependencies,
): Promise<string> {
  const environment = targets.find((name) => eventSourceARN.endsWith(`:${requestQueue(name)}`));
  if (!environment) throw new Error(`${eventSourceARN} is no queue of requests for ${targets.join(", ")}`);
  const parsed = releaseRequest.safeParse(JSON.parse(body));
  if (!parsed.success) throw new Error(`the message is no request:\n${z.prettifyError(parsed.error)}`);
  const variables = buildVariables(environment, parsed.data, attributes.SenderId);
  await builds.start(project, variables, messageId);
  return `started ${JSON.stringify(variables)}`;
}

/** Lambda's entry point. */
export async function handler(event: unknown): Promise<BatchAnswer> {
  const { RELEASE_PROJECT, REGISTRY, RELEASE_TARGETS } = readVariables("start-release", process.env);
  return startRelease(event, {
    project: RELEASE_PROJECT,
    registry: REGISTRY,
    targets: RELEASE_TARGETS.split(","),
    builds: new Builds(functionSession()),
    log: (line) => void process.stdout.write(`${line}\n`),
  });
}
