import { Agent, request } from "node:http";
import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";

/** A request that is signed once and sent many times, so that a measurement sees the server and not the client's SDK. */
export interface SignedRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

export interface SigningKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
}

/** Signs a request for `service` by Signature Version 4; it stays valid for 15 minutes. */
export async function sign(base: string, path: string, service: string, headers: Record<string, string>, body: Buffer, keys: SigningKeys): Promise<SignedRequest> {
  const url = new URL(path, base);
  const signer = new SignatureV4({ credentials: keys, region: keys.region, service, sha256: Sha256 });
  const signed = await signer.sign({ method: "POST", protocol: url.protocol, hostname: url.hostname, port: Number(url.port), path: url.pathname, headers: { host: url.host, ...headers }, body });
  return { url, method: "POST", headers: { ...signed.headers, "content-length": String(body.length) }, body };
}

/** Sends over one kept-alive connection and waits for the whole answer. @throws when the status is not 200. */
export function send(agent: Agent, one: SignedRequest): Promise<void> {
  return new Promise((resolve, reject) => {
    const outgoing = request(one.url, { method: one.method, headers: one.headers, agent }, (answer) => {
      const parts: Buffer[] = [];
      answer.on("data", (part: Buffer) => parts.push(part));
      answer.on("end", () => (answer.statusCode === 200 ? resolve() : reject(new Error(`status ${answer.statusCode}: ${Buffer.concat(parts).toString("utf8").slice(0, 500)}`))));
      answer.on("error", reject);
    });
    outgoing.on("error", reject);
    outgoing.end(one.body);
  });
}

export const oneConnection = () => new Agent({ keepAlive: true, maxSockets: 1 });

/** Milliseconds of each of `count` requests, one after the other. */
export async function time(agent: Agent, one: SignedRequest, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < count; i += 1) {
    const started = performance.now();
    await send(agent, one);
    times.push(performance.now() - started);
  }
  return times;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
