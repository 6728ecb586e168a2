import { randomBytes } from "node:crypto";
import { ObjectStore } from "../aws/s3";
import { functionSession } from "../aws/session";
import { Queues } from "../aws/sqs";
import {
  answersPath,
  doorHeader,
  flightId,
  heldAnswer,
  heldAnswerKey,
  type HeldImage,
  heldImageKey,
  type HeldReceipt,
  imageTypes,
  maxImageBytes,
  type Rung,
} from "../contract/front-door";
import { inferenceId as inferenceIdShape } from "../contract/labels";
import type { Breakers } from "./front-door/breakers";
import { climb, type Climbed } from "./front-door/climb";
import type { Endpoints } from "./front-door/endpoints";
import { type FunctionContext, partsOf } from "./front-door/parts";
import { jsonResponse, readUrlRequest, type UrlRequest, type UrlResponse } from "./url/request";

/** What the handler depends on. */
export interface Dependencies {
  readonly bucket: string;
  readonly queue: string;
  /** Rungs that the environment has, best first. */
  readonly rungs: readonly Rung[];
  readonly breakers: Pick<Breakers, "use" | "note" | "settle">;
  readonly endpoints: Pick<Endpoints, "ask">;
  readonly objects: Pick<ObjectStore, "put" | "get" | "exists">;
  readonly queues: Pick<Queues, "send">;
  readonly log: (line: string) => void;
  /** Milliseconds since any time, to measure by. */
  readonly elapsed: () => number;
}

/** Seconds after which to ask for the answer to a held image. */
const askAgainSeconds = 60;

/**
 * The front door. `POST`: has an image answered by the best of the environment's models that can (200), or holds it when
 * none can (202). `GET /answers/<inference id>`: the answer to a held image.
 * @throws Error for an event that is no signed request.
 */
export async function openDoor(event: unknown, dependencies: Dependencies): Promise<UrlResponse> {
  const request = readUrlRequest(event);
  const response =
    request.method === "GET" && request.path.startsWith(answersPath)
      ? await giveAnswer(request, dependencies)
      : await takeImage(request, dependencies);
  await dependencies.breakers.settle();
  return response;
}

async function takeImage(request: UrlRequest, dependencies: Dependencies): Promise<UrlResponse> {
  const { method, headers, requestId, callerArn, body, nowMs } = request;
  const refuse = (status: number, message: string): UrlResponse => {
    dependencies.log(`refused ${requestId} of ${callerArn}: ${message}`);
    return jsonResponse(status, { message });
  };
  if (method !== "POST") return refuse(405, `Images are sent by POST, answers are fetched from ${answersPath}.`);
  const contentType = imageTypes.find((type) => type === headers["content-type"]?.split(";")[0]!.trim().toLowerCase());
  if (!contentType) return refuse(415, `Images are sent as ${imageTypes.join(" or ")}.`);
  if (body.length === 0) return refuse(400, "The body is empty: send the bytes of an image.");
  if (body.length > maxImageBytes)
    return refuse(
      413,
      `The image has ${body.length} bytes; the door takes ${maxImageBytes}. Cut it into tiles, or send it to the endpoint itself, which takes 25 MB.`,
    );
  const named = nameImage(headers);
  if ("problem" in named) return refuse(400, named.problem);
  const { inferenceId } = named;
  const began = dependencies.elapsed();
  const now = (): number => nowMs + (dependencies.elapsed() - began);
  const { rungs, breakers, endpoints } = dependencies;
  const image = { body, contentType, inferenceId };
  const climbed = await climb(rungs, breakers, (rung) => endpoints.ask(rung, image, now()), now);
  return climbed.kind === "nobody"
    ? hold({ inferenceId, contentType, heldAt: new Date(nowMs).toISOString() }, body, climbed, dependencies)
    : answered(climbed, inferenceId);
}

/** The inference id of an image: the client's, or one of its flight. */
function nameImage(headers: UrlRequest["headers"]): { inferenceId: string } | { problem: string } {
  const given = headers[doorHeader.inferenceId];
  if (given !== undefined) {
    const parsed = inferenceIdShape.safeParse(given);
    return parsed.success
      ? { inferenceId: given }
      : { problem: `${doorHeader.inferenceId}: ${parsed.error.issues[0]!.message}` };
  }
  const drawn = randomBytes(16).toString("base64url");
  const flight = headers[doorHeader.flight];
  if (flight === undefined) return { inferenceId: drawn };
  const parsed = flightId.safeParse(flight);
  if (!parsed.success) return { problem: `${doorHeader.flight}: ${parsed.error.issues[0]!.message}` };
  return { inferenceId: `${flight}/${drawn}` };
}

function answered(climbed: Exclude<Climbed, { kind: "nobody" }>, inferenceId: string): UrlResponse {
  const id = { [doorHeader.inferenceId]: inferenceId };
  if (climbed.kind === "refusal") {
    const { status, message } = climbed.refusal;
    return jsonResponse(status, { message }, id);
  }
  const { text, variant } = climbed.answer;
  const headers = { ...id, [doorHeader.server]: climbed.rung, [doorHeader.variant]: variant };
  return { statusCode: 200, headers: { "content-type": "application/json", ...headers }, body: text };
}

/** Keeps an image that nobody can answer. The image first: a message without one would promise what nobody can keep. */
async function hold(
  image: HeldImage,
  body: Buffer,
  { reasons }: Extract<Climbed, { kind: "nobody" }>,
  { bucket, queue, objects, queues, log }: Dependencies,
): Promise<UrlResponse> {
  const { inferenceId, contentType } = image;
  const again = { "retry-after": String(askAgainSeconds), [doorHeader.inferenceId]: inferenceId };
  try {
    await objects.put({ bucket, key: heldImageKey(inferenceId) }, body, contentType);
    await queues.send(queue, JSON.stringify(image));
  } catch (error) {
    log(`${inferenceId} is lost to the queue: ${(error as Error).message}`);
    const message = "Nobody can answer, and the image could not be kept: send it again.";
    return jsonResponse(503, { message }, again);
  }
  log(`held ${inferenceId}: ${reasons.join("; ")}`);
  const receipt: HeldReceipt = {
    inferenceId,
    held: true,
    answer: answersPath + encodeURIComponent(inferenceId),
    message: `No model can answer now. The image is kept and answered later; ask for the answer every ${askAgainSeconds} seconds.`,
  };
  return jsonResponse(202, receipt, { ...again, [doorHeader.server]: "hold" });
}

async function giveAnswer({ path }: UrlRequest, { bucket, objects }: Dependencies): Promise<UrlResponse> {
  const inferenceId = decoded(path.slice(answersPath.length));
  const id = { [doorHeader.inferenceId]: encodeURI(inferenceId) };
  const found = await objects.get({ bucket, key: heldAnswerKey(inferenceId) });
  if (found) {
    const { server, variant, answer, refusal } = heldAnswer.parse(JSON.parse(found.toString("utf8")));
    if (refusal) return jsonResponse(refusal.status, { message: refusal.message }, id);
    return jsonResponse(200, answer, { ...id, [doorHeader.server]: server!, [doorHeader.variant]: variant! });
  }
  if (await objects.exists({ bucket, key: heldImageKey(inferenceId) }))
    return jsonResponse(
      202,
      { inferenceId, held: true, message: "Not answered yet." },
      { ...id, "retry-after": String(askAgainSeconds) },
    );
  return jsonResponse(404, { message: "No image is held under this inference id, or its answer was deleted since." });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

let parts: Dependencies | undefined;

/** Lambda's entry point. What is learned of endpoints and breakers stays with this copy of the function. */
export async function handler(event: unknown, context: FunctionContext): Promise<UrlResponse> {
  parts ??= partsOf("front-door", functionSession(), context);
  return openDoor(event, parts);
}
