import type { Caller } from "../call";
import type { Cloud } from "../cloud";
import { AwsError } from "../errors";
import type { RawResponse } from "../raw";
import type { Incoming } from "./http";
import type { Signature } from "./signature";

/** A request to a function URL. */
export interface FunctionUrlRequest {
  readonly id: string;
  /** Path and query behind the URL's own address. */
  readonly path: string;
}

/**
 * The function URL that a request is for: by the path that the local cloud gives it, or by the host that AWS would.
 * @returns undefined for an ordinary AWS request.
 */
export function functionUrlOf({ url, headers }: Incoming): FunctionUrlRequest | undefined {
  const byPath = /^\/lambda-url\/([a-z0-9]+)(\/.*)?$/s.exec(url);
  if (byPath) return { id: byPath[1]!, path: byPath[2] ?? "/" };
  const byHost = /^([a-z0-9]+)\.lambda-url\./.exec(headers["host"] ?? "");
  return byHost ? { id: byHost[1]!, path: url } : undefined;
}

/** Hands a request that is signed for Lambda to the function. @throws AwsError where it is not, or may not. */
export async function callFunctionUrl(
  cloud: Cloud,
  { id, path }: FunctionUrlRequest,
  request: Incoming,
  signature: Signature | undefined,
  caller: Caller,
): Promise<RawResponse> {
  const answer = cloud.internals.functionUrl;
  if (!answer || signature?.service !== "lambda")
    throw new AwsError("AccessDeniedException", "Credential should be scoped to correct service: 'lambda'. ", 403);
  return answer(id, path, request, caller);
}
