import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { encode, queryValue, type Incoming } from "./http";

/** The parts of a SigV4 signature, from the Authorization header or from a presigned URL. */
export interface Signature {
  readonly accessKeyId: string;
  readonly date: string;
  readonly region: string;
  /** SigV4 service name (`sagemaker`, `s3`, `monitoring`). */
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly timestamp: string;
  readonly sessionToken?: string;
  readonly presigned: boolean;
  /** Lifetime of a presigned URL in seconds. */
  readonly expiresSeconds?: number;
}

const algorithm = "AWS4-HMAC-SHA256";

/** Reads a request's signature. @returns undefined when it carries none. */
export function readSignature(request: Incoming): Signature | undefined {
  const header = request.headers["authorization"];
  if (header?.startsWith(algorithm)) {
    const parts = new Map(
      header
        .slice(algorithm.length)
        .split(",")
        .map((part): [string, string] => {
          const equals = part.indexOf("=");
          return [part.slice(0, equals).trim(), part.slice(equals + 1).trim()];
        }),
    );
    return assemble(parts.get("Credential"), parts.get("SignedHeaders"), parts.get("Signature"), {
      timestamp: request.headers["x-amz-date"] ?? "",
      sessionToken: request.headers["x-amz-security-token"],
      presigned: false,
    });
  }
  if (queryValue(request, "X-Amz-Algorithm") !== algorithm) return undefined;
  return assemble(
    queryValue(request, "X-Amz-Credential"),
    queryValue(request, "X-Amz-SignedHeaders"),
    queryValue(request, "X-Amz-Signature"),
    {
      timestamp: queryValue(request, "X-Amz-Date") ?? "",
      sessionToken: queryValue(request, "X-Amz-Security-Token"),
      presigned: true,
      expiresSeconds: Number(queryValue(request, "X-Amz-Expires") ?? 900),
    },
  );
}

function assemble(
  credential: string | undefined,
  headers: string | undefined,
  signature: string | undefined,
  rest: Pick<Signature, "timestamp" | "sessionToken" | "presigned" | "expiresSeconds">,
): Signature | undefined {
  const scope = credential?.split("/") ?? [];
  if (scope.length < 5 || !headers || !signature) return undefined;
  // An access key id holds no slash, but the scope is counted from the end all the same.
  const [date, region, service] = scope.slice(-4) as [string, string, string];
  return {
    accessKeyId: scope.slice(0, -4).join("/"),
    date,
    region,
    service,
    signedHeaders: headers.split(";"),
    signature,
    ...rest,
  };
}

const keys = new Map<string, Buffer>();

/** The signing key of a day, region and service; deriving it costs four HMACs, so it is kept. */
function signingKey(secret: string, { date, region, service }: Signature): Buffer {
  const name = `${secret}/${date}/${region}/${service}`;
  let key = keys.get(name);
  if (!key) {
    if (keys.size > 1000) keys.clear();
    key = [region, service, "aws4_request"].reduce((held, part) => hmac(held, part), hmac(`AWS4${secret}`, date));
    keys.set(name, key);
  }
  return key;
}

/** Whether the signature fits the request and the secret. */
export function signatureFits(request: Incoming, signature: Signature, secret: string): boolean {
  const canonical = [
    request.method,
    // S3 signs the path as sent; everybody else encodes it once more.
    signature.service === "s3" ? request.path : request.path.split("/").map(encode).join("/"),
    request.query
      .filter(([key]) => !(signature.presigned && key === "X-Amz-Signature"))
      .map(([key, value]) => `${encode(key)}=${encode(value)}`)
      .sort()
      .join("&"),
    ...signature.signedHeaders.map((name) => `${name}:${(request.headers[name] ?? "").trim().replace(/ {2,}/g, " ")}`),
    "",
    signature.signedHeaders.join(";"),
    payloadHash(request, signature),
  ].join("\n");
  const text = [
    algorithm,
    signature.timestamp,
    `${signature.date}/${signature.region}/${signature.service}/aws4_request`,
    sha256(canonical),
  ].join("\n");
  const wanted = createHmac("sha256", signingKey(secret, signature)).update(text).digest("hex");
  return (
    wanted.length === signature.signature.length &&
    timingSafeEqual(Buffer.from(wanted), Buffer.from(signature.signature))
  );
}

/** Whether the hash that the client signed is the hash of the body that came. */
export function bodyFits(request: Incoming): boolean {
  const stated = request.headers["x-amz-content-sha256"];
  return stated === undefined || !/^[0-9a-f]{64}$/.test(stated) || stated === sha256(request.body);
}

function payloadHash(request: Incoming, signature: Signature): string {
  const stated = request.headers["x-amz-content-sha256"];
  if (stated) return stated;
  return signature.presigned && signature.service === "s3" ? "UNSIGNED-PAYLOAD" : sha256(request.body);
}

function sha256(data: string | Buffer): string {
  return createHash("sha256").update(data).digest("hex");
}

function hmac(key: string | Buffer, data: string): Buffer {
  return createHmac("sha256", key).update(data).digest();
}
