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
import { jsonResponse, readUrlRequest, type UrlResponse } from "./url/request";

/** What the handler depends on. */
export interface Dependencies {
  readonly bucket: string;
  readonly endpoint: string;
  readonly objects: Pick<ObjectStore, "put">;
  readonly log: (line: string) => void;
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
  const { method, headers, callerArn, requestId, nowMs, body } = readUrlRequest(event);
  const by = delivererOf(callerArn);
  const refuse = (status: number, message: string, problems: readonly string[] = []): UrlResponse => {
    log(`refused ${requestId} of ${by}: ${message}${problems[0] ? ` (${problems[0]})` : ""}`);
    const told = problems.slice(0, maxToldProblems);
    return jsonResponse(status, { message, problems: told, count: problems.length } satisfies FeedbackRefusal);
  };
  if (method !== "POST") return refuse(405, "Labels are sent by POST.");
  if (!/^application\/json\b/i.test(headers["content-type"] ?? ""))
    return refuse(415, "Labels are sent as application/json.");
  if (body.length > maxFeedbackBytes)
    return refuse(413, `The body has ${body.length} bytes; ${maxFeedbackBytes} are taken. Send several requests.`);
  const request = readJson(body.toString("utf8"));
  if (request === undefined) return refuse(400, "The body is no JSON.");
  const judged = judgeFeedback(request);
  if (judged.verdict === "refuse")
    return refuse(400, "Nothing was stored: correct the request and send it again.", judged.reasons);
  const at = new Date(nowMs);
  const key = labelsKey(endpoint, at, requestId);
  await objects.put({ bucket, key }, groundTruth(judged.labels, by, at), "application/jsonlines");
  log(`stored ${judged.labels.length} labels of ${by} as ${key}`);
  return jsonResponse(200, { accepted: judged.labels.length, key, by } satisfies FeedbackReceipt);
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
