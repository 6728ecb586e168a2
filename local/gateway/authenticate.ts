import { AwsError } from "../errors";
import type { Principal } from "../iam/principal";
import type { Protocol } from "../model/shapes";
import type { Incoming } from "./http";
import { bodyFits, signatureFits, type Signature } from "./signature";

/** An access key as the gateway needs it. */
export interface KeyHolder {
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly principal: Principal;
  /** When the session ends, cloud time in epoch milliseconds. */
  readonly expiresMs?: number;
}

export type CredentialsOf = (accessKeyId: string) => KeyHolder | undefined;

type Refusal = "missing" | "unknown-key" | "bad-token" | "bad-signature" | "expired" | "bad-body" | "presigned-expired";
type Dialect = "json" | "rest-json" | "query" | "s3";

/**
 * Finds out who signed a request. @param nowMs cloud time.
 * @throws AwsError with the code and the words the service's protocol uses.
 */
export function authenticate(
  request: Incoming,
  signature: Signature | undefined,
  credentialsOf: CredentialsOf,
  protocol: Protocol,
  nowMs: number,
): Principal {
  const dialect: Dialect =
    signature?.service === "s3"
      ? "s3"
      : protocol === "query" || protocol === "ec2"
        ? "query"
        : protocol === "rest-json"
          ? "rest-json"
          : protocol === "rest-xml"
            ? "s3"
            : "json";
  if (!signature) throw refusal("missing", dialect);
  const holder = credentialsOf(signature.accessKeyId);
  if (!holder) throw refusal("unknown-key", dialect);
  if (holder.sessionToken !== undefined && signature.sessionToken !== holder.sessionToken)
    throw refusal("bad-token", dialect);
  if (holder.expiresMs !== undefined && holder.expiresMs <= nowMs) throw refusal("expired", dialect);
  if (!signatureFits(request, signature, holder.secretAccessKey)) throw refusal("bad-signature", dialect);
  if (signature.presigned && presignedExpired(signature, nowMs)) throw refusal("presigned-expired", dialect);
  if (signature.service === "s3" && !bodyFits(request)) throw refusal("bad-body", dialect);
  return holder.principal;
}

/**
 * Clients sign with the machine's time or, once they have seen a Date header, with the cloud's: either may keep a URL
 * alive.
 */
function presignedExpired(signature: Signature, nowMs: number): boolean {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(signature.timestamp) ?? [];
  if (!year) return true;
  const ends = Date.UTC(+year, +month! - 1, +day!, +hour!, +minute!, +second!) + (signature.expiresSeconds ?? 0) * 1000;
  return ends < nowMs && ends < Date.now();
}

const notFitting =
  "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";

const words: Readonly<
  Record<Refusal, Readonly<Record<"json" | "query" | "s3", readonly [code: string, message: string]>>>
> = {
  missing: {
    json: ["MissingAuthenticationTokenException", "Missing Authentication Token"],
    query: ["MissingAuthenticationToken", "Request is missing Authentication Token"],
    s3: ["AccessDenied", "Access Denied"],
  },
  "unknown-key": {
    json: ["UnrecognizedClientException", "The security token included in the request is invalid."],
    query: ["InvalidClientTokenId", "The security token included in the request is invalid."],
    s3: ["InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records."],
  },
  "bad-token": {
    json: ["UnrecognizedClientException", "The security token included in the request is invalid."],
    query: ["InvalidClientTokenId", "The security token included in the request is invalid."],
    s3: ["InvalidToken", "The provided token is malformed or otherwise invalid."],
  },
  "bad-signature": {
    json: ["InvalidSignatureException", notFitting],
    query: ["SignatureDoesNotMatch", notFitting],
    s3: [
      "SignatureDoesNotMatch",
      "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
    ],
  },
  expired: {
    json: ["ExpiredTokenException", "The security token included in the request is expired"],
    query: ["ExpiredToken", "The security token included in the request is expired"],
    s3: ["ExpiredToken", "The provided token has expired."],
  },
  "presigned-expired": {
    json: ["InvalidSignatureException", "Signature expired"],
    query: ["SignatureDoesNotMatch", "Signature expired"],
    s3: ["AccessDenied", "Request has expired"],
  },
  "bad-body": {
    json: ["InvalidSignatureException", notFitting],
    query: ["SignatureDoesNotMatch", notFitting],
    s3: ["XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match what was computed."],
  },
};

function refusal(kind: Refusal, dialect: Dialect): AwsError {
  const [code, message] = words[kind][dialect === "rest-json" ? "json" : dialect];
  const badRequest =
    dialect === "json" || (dialect === "s3" && (kind === "expired" || kind === "bad-body" || kind === "bad-token"));
  return new AwsError(code, message, badRequest ? 400 : 403);
}
