import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import type { Clients, Session } from "../../automation/roles/matrix/clients";

/**
 * Sends a request to a service that this project has no client for, signed as the session of the given clients.
 * @throws Error whose name is the service's own, with its message.
 */
export async function send(
  clients: Clients,
  endpoint: string,
  service: string,
  method: string,
  path: string,
  body: object,
): Promise<unknown> {
  const answer = await post(
    clients,
    new URL(path, endpoint),
    service,
    method,
    "application/json",
    JSON.stringify(body),
  );
  const told = (await answer.json().catch(() => ({}))) as {
    readonly __type?: string;
    readonly message?: string;
    readonly Message?: string;
  };
  if (answer.ok) return told;
  const name = (answer.headers.get("x-amzn-errortype") ?? told.__type ?? String(answer.status))
    .replace(/^.*#/, "")
    .replace(/:.*$/, "");
  throw Object.assign(new Error(told.message ?? told.Message ?? ""), { name });
}

/**
 * Takes a role by the token of an identity provider. AWS wants no signature here and the SDK makes none; the local
 * cloud's gateway takes signed requests only, and its STS goes by the token, whoever signed.
 * @throws Error whose name is STS's own.
 */
export async function assumeWithToken(
  clients: Clients,
  endpoint: string,
  RoleArn: string,
  WebIdentityToken: string,
): Promise<Session> {
  const form = new URLSearchParams({
    Action: "AssumeRoleWithWebIdentity",
    Version: "2011-06-15",
    RoleArn,
    RoleSessionName: "workflow",
    WebIdentityToken,
  });
  const answer = await post(
    clients,
    new URL("/", endpoint),
    "sts",
    "POST",
    "application/x-www-form-urlencoded",
    form.toString(),
  );
  const text = await answer.text();
  const of = (element: string): string => new RegExp(`<${element}>([^<]*)</${element}>`).exec(text)?.[1] ?? "";
  if (!answer.ok) throw Object.assign(new Error(of("Message")), { name: of("Code") });
  return { accessKeyId: of("AccessKeyId"), secretAccessKey: of("SecretAccessKey"), sessionToken: of("SessionToken") };
}

async function post(
  { sts }: Clients,
  url: URL,
  service: string,
  method: string,
  contentType: string,
  text: string,
): Promise<Response> {
  const signer = new SignatureV4({
    credentials: await sts.config.credentials(),
    region: await sts.config.region(),
    service,
    sha256: Sha256,
  });
  const unsigned = {
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    port: Number(url.port),
    path: url.pathname,
    headers: { host: url.host, "content-type": contentType },
    body: text,
  };
  const signed = await signer.sign(unsigned);
  return fetch(url, { method, headers: signed.headers, body: text });
}
