import { z } from "zod";

/** A request to a function URL, as far as it is read (Lambda developer guide, "Request payload format", 2.0). */
const urlRequest = z.object({
  rawPath: z.string().default("/"),
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

/** A signed request to a function URL. */
export interface UrlRequest {
  readonly method: string;
  readonly path: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** ARN of whoever signed. */
  readonly callerArn: string;
  readonly requestId: string;
  readonly nowMs: number;
  readonly body: Buffer;
}

/** "Response payload format" of the same guide. */
export interface UrlResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** @throws Error for an event that is no signed request. */
export function readUrlRequest(event: unknown): UrlRequest {
  const parsed = urlRequest.safeParse(event);
  if (!parsed.success) throw new Error(`the event is no signed request to a URL:\n${z.prettifyError(parsed.error)}`);
  const { rawPath, headers, requestContext, body, isBase64Encoded } = parsed.data;
  return {
    method: requestContext.http.method,
    path: rawPath,
    headers,
    callerArn: requestContext.authorizer.iam.userArn,
    requestId: requestContext.requestId,
    nowMs: requestContext.timeEpoch,
    body: Buffer.from(body, isBase64Encoded ? "base64" : "utf8"),
  };
}

/** @param headers beside that of the type. */
export function jsonResponse(statusCode: number, value: unknown, headers: UrlResponse["headers"] = {}): UrlResponse {
  return { statusCode, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(value) };
}
