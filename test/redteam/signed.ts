import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import type { Clients } from "../../scripts/governance/clients";

/**
 * Sends a request to a service that this project has no client for, signed as the session of the given clients.
 * @throws Error whose name is the service's own, with its message.
 */
export async function send({ sts }: Clients, endpoint: string, service: string, method: string, path: string, body: object, headers: Readonly<Record<string, string>> = {}): Promise<unknown> {
  const url = new URL(path, endpoint);
  const text = JSON.stringify(body);
  const signer = new SignatureV4({ credentials: await sts.config.credentials(), region: await sts.config.region(), service, sha256: Sha256 });
  const unsigned = { method, protocol: url.protocol, hostname: url.hostname, port: Number(url.port), path: url.pathname, headers: { host: url.host, "content-type": "application/json", ...headers }, body: text };
  const signed = await signer.sign(unsigned);
  const answer = await fetch(url, { method, headers: signed.headers, body: text });
  const told = (await answer.json().catch(() => ({}))) as { readonly __type?: string; readonly message?: string; readonly Message?: string };
  if (answer.ok) return told;
  const name = (answer.headers.get("x-amzn-errortype") ?? told.__type ?? String(answer.status)).replace(/^.*#/, "").replace(/:.*$/, "");
  throw Object.assign(new Error(told.message ?? told.Message ?? ""), { name });
}
