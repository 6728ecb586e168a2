import { z } from "zod";
import { functionSession } from "../aws/session";
import { ObjectStore } from "../aws/s3";
import {
  type FeedbackReceipt,
  type FeedbackRefusal,
  labelsKey,
  maxFeedbackBytes,
  maxToldProblems,
} from "../contract/labels";
import { readVariables } from "../contract/variables";
import { delivererOf, groundTruth, judgeFeedback } from "../lifecycle/feedback";

/** A request to a function URL, as far as it is read (Lambda developer guide, "Request payload format", 2.0). */
const urlRequest = z.object({
  headers: z.record(z.string(), z.string()).default({}),
  requestContext: z.object({
    // Only a signed request has it: an unsigned one, or an event that somebody made up, says of nobody who he is.
    authorizer: z.object({ iam: z.object({ userArn: z.string().min(1) }) }),
    http: z.object({ method: z.string() }),
    requestId: z.string().regex(/^[\w-]+$/),
    timeEpoch: z.number(),
  }),
  body: z.string().default(""),
  isBase64Encoded: z.boolean().default(false),
});

/** What the handler depends on. */
export interface Dependencies {
  readonly bucket: string;
  readonly endpoint: string;
  readonly objects: Pick<ObjectStore, "put">;
  readonly log: (line: string) => void;
}

/** "Response payload format" of the same guide. */
export interface UrlResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Takes what people say about answers and keeps it as ground truth: all labels of a request, or none and every problem.
 * Who says it is the signature's affair, when is the cloud's.
 * @throws Error for an event that is no signed request.
 */
export async function takeFeedback(
  event: unknown,
  { bucket, endpoint, objects, log }: Dependencies,
): Promise<UrlResponse> {
  const parsed = urlRequest.safeParse(event);
  if (!parsed.success) throw new Error(`the event is no signed request to a URL:\n${z.prettifyError(parsed.error)}`);
  const { headers, requestContext, body, isBase64Encoded } = parsed.data;
  const by = delivererOf(requestContext.authorizer.iam.userArn);
  const refuse = (status: number, message: string, problems: readonly string[] = []): UrlResponse => {
    log(`refused ${requestContext.requestId} of ${by}: ${message}${problems[0] ? ` (${problems[0]})` : ""}`);
    const told = problems.slice(0, maxToldProblems);
    return answer(status, { message, problems: told, count: problems.length } satisfies FeedbackRefusal);
  };
  if (requestContext.http.method !== "POST") return refuse(405, "Labels are sent by POST.");
  if (!/^application\/json\b/i.test(headers["content-type"] ?? ""))
    return refuse(415, "Labels are sent as application/json.");
  const bytes = Buffer.from(body, isBase64Encoded ? "base64" : "utf8");
  if (bytes.length > maxFeedbackBytes)
    return refuse(413, `The body has ${bytes.length} bytes; ${maxFeedbackBytes} are taken. Send several requests.`);
  const request = readJson(bytes.toString("utf8"));
  if (request === undefined) return refuse(400, "The body is no JSON.");
  const judged = judgeFeedback(request);
  if (judged.verdict === "refuse")
    return refuse(400, "Nothing was stored: correct the request and send it again.", judged.reasons);
  const at = new Date(requestContext.timeEpoch);
  const key = labelsKey(endpoint, at, requestContext.requestId);
  await objects.put({ bucket, key }, groundTruth(judged.labels, by, at), "application/jsonlines");
  log(`stored ${judged.labels.length} labels of ${by} as ${key}`);
  return answer(200, { accepted: judged.labels.length, key, by } satisfies FeedbackReceipt);
}

function answer(statusCode: number, value: FeedbackReceipt | FeedbackRefusal): UrlResponse {
  return { statusCode, headers: { "content-type": "application/json" }, body: JSON.stringify(value) };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Lambda's entry point. */
export async function handler(event: unknown): Promise<UrlResponse> {
  const { ARTIFACTS_BUCKET, ENDPOINT_NAME } = readVariables("feedback", process.env);
  return takeFeedback(event, {
    bucket: ARTIFACTS_BUCKET,
    endpoint: ENDPOINT_NAME,
    objects: new ObjectStore(functionSession()),
    log: (line) => void process.stdout.write(`${line}\n`),
  });
}
