import { connect, type Socket } from "node:net";
import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";

/**
 * A request that is signed once and sent many times, so that a measurement sees the server and not the client's SDK.
 */
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
export async function sign(
  base: string,
  path: string,
  service: string,
  headers: Record<string, string>,
  body: Buffer,
  keys: SigningKeys,
): Promise<SignedRequest> {
  const url = new URL(path, base);
  const signer = new SignatureV4({ credentials: keys, region: keys.region, service, sha256: Sha256 });
  const signed = await signer.sign({
    method: "POST",
    protocol: url.protocol,
    hostname: url.hostname,
    port: Number(url.port),
    path: url.pathname,
    headers: { host: url.host, ...headers },
    body,
  });
  return { url, method: "POST", headers: { ...signed.headers, "content-length": String(body.length) }, body };
}

/**
 * One connection at a time that sends bytes made beforehand: a client that costs as little as one can. It stays open
 * for as long as the server keeps it; moto's closes it after every answer.
 */
export class Connection {
  private socket: Socket | undefined;
  private held: Buffer = Buffer.alloc(0);
  private waiting: { resolve(): void; reject(error: Error): void } | undefined;

  constructor(private readonly url: URL) {}

  /** Sends one request and waits for its whole answer. @throws when the status is not 200. */
  exchange(bytes: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
      this.socket ??= this.open();
      this.socket.write(bytes);
    });
  }

  private open(): Socket {
    const socket = connect(Number(this.url.port), this.url.hostname).setNoDelay(true);
    const ended = (error: Error): void => {
      if (this.socket !== socket) return;
      this.socket = undefined;
      this.waiting?.reject(error);
    };
    socket.on("data", (chunk: Buffer) => this.take(chunk));
    socket.on("error", ended);
    socket.on("end", () => ended(new Error("the server closed the connection before it answered")));
    return socket;
  }

  close(): void {
    this.waiting = undefined;
    this.drop();
  }

  private drop(): void {
    this.socket?.destroy();
    this.socket = undefined;
  }

  private take(chunk: Buffer): void {
    this.held = this.held.length === 0 ? chunk : Buffer.concat([this.held, chunk]);
    const end = this.held.indexOf("\r\n\r\n");
    if (end < 0) return;
    const head = this.held.toString("latin1", 0, end);
    const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1]);
    if (Number.isNaN(length)) throw new Error(`an answer without content-length:\n${head}`);
    if (this.held.length < end + 4 + length) return;
    const answer = this.held;
    this.held = Buffer.alloc(0);
    if (/^connection: *close/im.test(head)) this.drop();
    const { waiting } = this;
    this.waiting = undefined;
    if (/^HTTP\/1\.[01] 200 /.test(head)) waiting?.resolve();
    else waiting?.reject(new Error(answer.toString("utf8").slice(0, 500)));
  }
}

/** A request as it goes over the wire. */
export function wire({ url, method, headers, body }: SignedRequest): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return Buffer.concat([Buffer.from(`${method} ${url.pathname} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`), body]);
}

/** Milliseconds of each of `count` requests, one after the other. */
export async function time(connection: Connection, bytes: Buffer, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < count; i += 1) {
    const started = performance.now();
    await connection.exchange(bytes);
    times.push(performance.now() - started);
  }
  return times;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
