import { createHash } from "node:crypto";
import { z } from "zod";
import { Builds } from "../aws/codebuild";
import type { AwsSession } from "../aws/session";
import {
  answered,
  approvalQueue,
  approvalShape,
  buildVariables,
  requestQueue,
  requestShape,
} from "../lifecycle/release-request";
import type { BatchAnswer } from "./deploy-candidate";

/** What Lambda hands on of a queue. `SenderId` is who sent the message, by SQS's own knowledge: `<id of the role>:<session>`. */
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
 * Starts a release build for each request and each approval. The build asks the gate: what comes here chooses what is released when, and
 * never whether it may be. A project at its limit of builds refuses another one (`AccountLimitExceededException`): its message waits in the queue.
 * @returns the messages that were not handled; the queue hands them out again, and gives them up to the dead letters.
 */
export async function startRelease(event: unknown, dependencies: Dependencies): Promise<BatchAnswer> {
  const failures: { itemIdentifier: string }[] = [];
  for (const message of eventShape.parse(event).Records) {
    const { messageId, eventSourceARN, attributes } = message;
    try {
      // Which queue it is decides what a message can be: people cannot send to that of approvals, and nothing in theirs counts as one.
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
  const parsed = approvalShape.safeParse(JSON.parse(body));
  if (!parsed.success) throw new Error(`the message is no event of an approval:\n${z.prettifyError(parsed.error)}`);
  const approval = parsed.data;
  const { ModelPackageArn: modelPackageArn, LastModifiedTime } = approval.detail;
  const having = await builds.having(project, "MODEL_PACKAGE_ARN", modelPackageArn);
  const started = having.map(({ startTime, environment }) => ({
    startedMs: startTime?.getTime() ?? 0,
    variables: Object.fromEntries((environment?.environmentVariables ?? []).map(({ name, value }) => [name!, value])),
  }));
  if (answered(approval, started)) return `the approval of ${modelPackageArn} has its build`;
  // The same for the same event under another id; CodeBuild takes 64 characters and answers for five minutes with the build of before.
  const token = createHash("sha256")
    .update(`${modelPackageArn} ${LastModifiedTime ?? approval.time}`)
    .digest("hex");
  await builds.start(project, { MODEL_PACKAGE_ARN: modelPackageArn }, token);
  return `started the release of ${modelPackageArn}, approved at ${LastModifiedTime ?? approval.time}`;
}

/** A request goes to the environment whose queue it came by. @returns what was done. */
async function releaseRequested(
  { messageId, body, eventSourceARN, attributes }: Message,
  { project, targets, builds }: Dependencies,
): Promise<string> {
  const environment = targets.find((name) => eventSourceARN.endsWith(`:${requestQueue(name)}`));
  if (!environment) throw new Error(`${eventSourceARN} is no queue of requests for ${targets.join(", ")}`);
  const parsed = requestShape.safeParse(JSON.parse(body));
  if (!parsed.success) throw new Error(`the message is no request:\n${z.prettifyError(parsed.error)}`);
  const variables = buildVariables(environment, parsed.data, attributes.SenderId);
  await builds.start(project, variables, messageId);
  return `started ${JSON.stringify(variables)}`;
}

/** Lambda's entry point. All variables are set by the Pulumi program, the region by Lambda. */
export async function handler(event: unknown): Promise<BatchAnswer> {
  const session: AwsSession = { region: process.env["AWS_REGION"]! };
  return startRelease(event, {
    project: process.env["RELEASE_PROJECT"]!,
    registry: process.env["REGISTRY"]!,
    targets: process.env["RELEASE_TARGETS"]!.split(","),
    builds: new Builds(session),
    log: (line) => void process.stdout.write(`${line}\n`),
  });
}
