import { z } from "zod";
import { functionSession } from "../aws/session";
import { callerIdentity } from "../aws/sts";
import { type HeldAnswer, heldAnswerKey, heldImage, heldImageKey } from "../contract/front-door";
import type { BatchAnswer } from "./deploy-candidate";
import { climb } from "./front-door/climb";
import { type FunctionContext, partsOf } from "./front-door/parts";
import type { Dependencies as DoorDependencies } from "./front-door";

/** What Lambda hands on of a queue, as far as it is read. */
const eventShape = z.object({ Records: z.array(z.object({ messageId: z.string(), body: z.string() })) });

/** What the handler depends on. */
export interface Dependencies extends Omit<DoorDependencies, "queue" | "queues" | "objects"> {
  readonly objects: Pick<DoorDependencies["objects"], "put" | "get" | "exists">;
  /** Cloud time, milliseconds: messages of a queue do not say when they are handed out. */
  readonly clock: () => Promise<number>;
}

/**
 * Answers held images, as soon as anybody can.
 * @returns the messages whose images nobody can answer yet; the queue hands them out again.
 */
export async function answerHeld(event: unknown, dependencies: Dependencies): Promise<BatchAnswer> {
  const failures: { itemIdentifier: string }[] = [];
  const [nowMs, began] = [await dependencies.clock(), dependencies.elapsed()];
  const now = (): number => nowMs + (dependencies.elapsed() - began);
  for (const { messageId, body } of eventShape.parse(event).Records)
    try {
      dependencies.log(`${messageId}: ${await answerOne(body, now, dependencies)}`);
    } catch (error) {
      failures.push({ itemIdentifier: messageId });
      dependencies.log(`message ${messageId} waits: ${(error as Error).message}`);
    }
  await dependencies.breakers.settle();
  return { batchItemFailures: failures };
}

/** @returns what was done. @throws Error when nobody can answer now, or what the message names is not there. */
async function answerOne(
  message: string,
  now: () => number,
  { bucket, rungs, breakers, endpoints, objects }: Dependencies,
): Promise<string> {
  const parsed = heldImage.safeParse(JSON.parse(message));
  if (!parsed.success) throw new Error(`it names no held image:\n${z.prettifyError(parsed.error)}`);
  const { inferenceId, contentType, heldAt } = parsed.data;
  const place = { bucket, key: heldAnswerKey(inferenceId) };
  // Queues bring messages twice now and then; an id that was held again since has a newer image.
  const known = await objects.get(place);
  if (known && (JSON.parse(known.toString("utf8")) as HeldAnswer).heldAt >= heldAt)
    return `${inferenceId} was answered before`;
  const body = await objects.get({ bucket, key: heldImageKey(inferenceId) });
  if (!body) throw new Error(`the image of ${inferenceId} is gone`);
  const image = { body, contentType, inferenceId };
  const climbed = await climb(rungs, breakers, (rung) => endpoints.ask(rung, image, now()), now);
  if (climbed.kind === "nobody") throw new Error(`nobody can answer ${inferenceId}: ${climbed.reasons.join("; ")}`);
  const common = { inferenceId, heldAt, answeredAt: new Date(now()).toISOString() };
  const answer: HeldAnswer =
    climbed.kind === "refusal"
      ? { ...common, refusal: climbed.refusal }
      : {
          ...common,
          server: climbed.rung,
          variant: climbed.answer.variant,
          answer: JSON.parse(climbed.answer.text) as HeldAnswer["answer"],
        };
  await objects.put(place, JSON.stringify(answer), "application/json");
  return climbed.kind === "refusal" ? `${inferenceId} was refused` : `${climbed.rung} answered ${inferenceId}`;
}

let parts: Dependencies | undefined;

/** Lambda's entry point. */
export async function handler(event: unknown, context: FunctionContext): Promise<BatchAnswer> {
  const session = functionSession();
  parts ??= {
    ...partsOf("answer-held", session, context),
    clock: async () => (await callerIdentity(session)).at.getTime(),
  };
  return answerHeld(event, parts);
}
