import type { RawRequest } from "../../../call";
import type { Principal } from "../../../iam/principal";
import type { Members } from "../../../members";
import { RawResponse } from "../../../raw";

/** A request to a function URL, behind its address. */
export interface UrlRequest {
  readonly request: RawRequest;
  /** Path and query behind the URL's own address, as sent. */
  readonly path: string;
  readonly query: string;
  readonly sourceIp: string;
  readonly principal: Principal;
  readonly requestId: string;
  readonly now: Date;
  readonly urlId: string;
  readonly host: string;
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/** Bodies of these types reach the function as text, all others in base64 (believed: the guide says "binary"). */
const textTypes = /^(text\/|application\/(json|xml|javascript|x-www-form-urlencoded)|[\w.-]+\/[\w.-]+\+(json|xml)\b)/i;

/** What a function is told of a request (Lambda developer guide, "Request payload format", version 2.0). */
export function urlEvent({
  request,
  path,
  query,
  sourceIp,
  principal,
  requestId,
  now,
  urlId,
  host,
}: UrlRequest): Members {
  const { cookie, ...headers } = request.headers;
  const isText = textTypes.test(headers["content-type"] ?? "");
  const cookies = cookie?.split(/; */).filter(Boolean) ?? [];
  const accessKey = /Credential=([^/]+)\//.exec(headers["authorization"] ?? "")?.[1] ?? null;
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: path,
    rawQueryString: query,
    ...(cookies.length > 0 ? { cookies } : {}),
    headers: { ...headers, host, "x-forwarded-for": sourceIp, "x-forwarded-proto": "https", "x-forwarded-port": "443" },
    ...(query === "" ? {} : { queryStringParameters: joined(new URLSearchParams(query)) }),
    requestContext: {
      accountId: principal.accountId,
      apiId: urlId,
      authorizer: {
        iam: {
          accessKey,
          accountId: principal.accountId,
          callerId: principal.id,
          cognitoIdentity: null,
          principalOrgId: null,
          userArn: principal.arn,
          userId: principal.id,
        },
      },
      domainName: host,
      domainPrefix: urlId,
      http: {
        method: request.method,
        path,
        protocol: "HTTP/1.1",
        sourceIp,
        userAgent: headers["user-agent"] ?? "",
      },
      requestId,
      routeKey: "$default",
      stage: "$default",
      time: requestTime(now),
      timeEpoch: now.getTime(),
    },
    ...(request.body.length > 0 ? { body: request.body.toString(isText ? "utf8" : "base64") } : {}),
    isBase64Encoded: request.body.length > 0 && !isText,
  };
}

/** Several values of a name are one, with commas. */
function joined(query: URLSearchParams): Record<string, string> {
  return Object.fromEntries([...new Set(query.keys())].map((name) => [name, query.getAll(name).join(",")]));
}

/** `12/Mar/2020:19:03:58 +0000` */
function requestTime(now: Date): string {
  const [date, time] = now.toISOString().split("T") as [string, string];
  const [year, month, day] = date.split("-") as [string, string, string];
  return `${day}/${months[Number(month) - 1]}/${year}:${time.slice(0, 8)} +0000`;
}

/** An answer of Lambda itself. */
export function plainAnswer(status: number, message: string, type?: string): RawResponse {
  const headers = { "content-type": "application/json", ...(type ? { "x-amzn-errortype": type } : {}) };
  return new RawResponse(status, headers, Buffer.from(JSON.stringify({ Message: message })));
}

/**
 * A function's result as the caller gets it ("Response payload format"): with a `statusCode` it says everything itself,
 * else it is a body of JSON. @param result JSON.
 */
export function urlAnswer(result: string): RawResponse {
  const value = JSON.parse(result) as Members | null;
  if (value === null || typeof value !== "object" || value["statusCode"] === undefined)
    return new RawResponse(200, { "content-type": "application/json" }, Buffer.from(result));
  const { statusCode, headers = {}, body = "", isBase64Encoded = false, cookies = [] } = value;
  const status = Number(statusCode);
  if (!Number.isInteger(status) || status < 100 || status > 599) return plainAnswer(502, "Internal Server Error");
  const sent = Object.fromEntries(
    Object.entries(headers as Record<string, unknown>).map(([name, one]) => [name.toLowerCase(), String(one)]),
  );
  return new RawResponse(
    status,
    {
      "content-type": "application/json",
      ...sent,
      ...((cookies as string[]).length > 0 ? { "set-cookie": (cookies as string[]).join(", ") } : {}),
    },
    typeof body === "string"
      ? Buffer.from(body, isBase64Encoded ? "base64" : "utf8")
      : Buffer.from(JSON.stringify(body)),
  );
}
