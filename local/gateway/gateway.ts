import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Caller } from "../call";
import type { Cloud } from "../cloud";
import type { Members } from "../members";
import { RawResponse } from "../raw";
import { AwsError } from "../errors";
import { Unreachable } from "../network/unreachable";
import { authenticate, type CredentialsOf } from "./authenticate";
import { cbor } from "./cbor";
import { uncompressed } from "./compression";
import { callFunctionUrl, functionUrlOf } from "./function-urls";
import { readUrl, type Answer, type Incoming } from "./http";
import { json } from "./json";
import { mlflowArn, proxyMlflow } from "./mlflow";
import type { Codec } from "./protocol";
import { query } from "./query";
import { restJson } from "./rest-json";
import { restXml } from "./rest-xml";
import { Router, type Route } from "./route";
import { readSignature } from "./signature";
import type { Protocol } from "../model/shapes";

const codecs: Readonly<Record<Protocol, Codec>> = {
  json,
  query,
  ec2: query,
  "rest-json": restJson,
  "rest-xml": restXml,
  "smithy-rpc-v2-cbor": cbor,
};

/** Answers requests under `/_peregrine/`: the local cloud's own control surface, which is no AWS service. */
export type Control = (request: Incoming) => Promise<Answer | undefined>;

export interface GatewayOptions {
  readonly cloud: Cloud;
  readonly port: number;
  readonly host?: string;
  readonly credentialsOf: CredentialsOf;
  readonly control?: Control;
  /** Requests that come before this is settled wait for it: the port is taken before the services behind it are up. */
  readonly ready?: Promise<void>;
}

/** The HTTP front of the local cloud. */
export interface Gateway {
  readonly port: number;
  readonly url: string;
  /** Requests answered since the start, and those answered with a status of 500 or more. */
  readonly counters: { requests: number; failed: number };
  close(): Promise<void>;
}

/** Largest request body: S3 takes 5 GiB in one PUT, but a laptop's stand-in holds bodies in memory. */
const maxBodyBytes = 1024 ** 3;

/** Starts listening. @throws Error with code EADDRINUSE when the port is taken. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { cloud, host = "127.0.0.1" } = options;
  const router = new Router(cloud.models);
  const counters = { requests: 0, failed: 0 };
  let isReady = options.ready === undefined;
  void options.ready?.then(() => (isReady = true)).catch(() => undefined);

  const server = createServer(
    { keepAlive: true, keepAliveTimeout: 120_000, requestTimeout: 0 },
    (request, response) => {
      void serve(request, response).catch((error: unknown) => {
        if (error instanceof Unreachable) return hangUp(request, error);
        // Only a broken connection gets here: everything else was answered.
        response.destroy(error as Error);
      });
    },
  );

  async function serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const incoming = await readRequest(message);
    const requestId = randomUUID();
    const answer = incoming.path.startsWith("/_peregrine/")
      ? await control(incoming)
      : await handle(incoming, message, requestId);
    counters.requests++;
    if (answer.status >= 500) counters.failed++;
    send(response, incoming, answer, requestId, cloud.clock.now());
  }

  async function control(incoming: Incoming): Promise<Answer> {
    const answer = await options.control?.(incoming);
    return (
      answer ?? {
        status: 404,
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ message: `nothing at ${incoming.path}` }),
      }
    );
  }

  async function handle(incoming: Incoming, message: IncomingMessage, requestId: string): Promise<Answer> {
    if (!isReady) await options.ready;
    const signature = readSignature(incoming);
    let route: Route | undefined;
    try {
      const arn = mlflowArn(incoming);
      const functionUrl = functionUrlOf(incoming);
      const plain = uncompressed(incoming);
      if (arn === undefined && !functionUrl) route = router.route(plain, signature);
      const principal = authenticate(
        incoming,
        signature,
        options.credentialsOf,
        route?.protocol ?? "rest-json",
        cloud.clock.nowMs(),
      );
      const caller: Caller = {
        principal,
        sourceIp: message.socket.remoteAddress?.replace("::ffff:", "") ?? "127.0.0.1",
        userAgent: incoming.headers["user-agent"] ?? "",
        requestId,
        lenient: true,
        raw: incoming,
      };
      if (arn !== undefined) return rawAnswer(await proxyMlflow(cloud, arn, incoming, caller));
      if (functionUrl) return rawAnswer(await callFunctionUrl(cloud, functionUrl, incoming, signature, caller));
      const compressions = route!.model.operation(route!.operation)?.compressions ?? [];
      return await answer(route!, compressions.includes("gzip") ? plain : incoming, caller, requestId);
    } catch (error) {
      if (error instanceof Unreachable) throw error;
      return refuse(error, route, requestId);
    }
  }

  async function answer(route: Route, incoming: Incoming, caller: Caller, requestId: string): Promise<Answer> {
    const operation = route.model.operation(route.operation);
    if (!operation)
      throw new AwsError(
        "UnknownOperationException",
        `${route.service} has no operation ${route.operation || "(none given)"}.`,
        404,
      );
    const codec = codecs[route.protocol];
    const input: Members = codec.decode(incoming, operation, route.model);
    const output = await cloud.call(route.service, route.operation, input, caller);
    return output instanceof RawResponse ? rawAnswer(output) : codec.encode(output, operation, route.model, requestId);
  }

  function refuse(error: unknown, route: Route | undefined, requestId: string): Answer {
    const what = route ? `${route.service}:${route.operation}` : "a request";
    return codecs[route?.protocol ?? "json"].encodeError(
      cloud.failures.answer(error, what, requestId),
      route?.model.operation(route.operation),
      route?.model,
      requestId,
    );
  }

  await listen(server, options.port, host);
  const port = (server.address() as AddressInfo).port;
  return {
    port,
    url: `http://${host}:${port}`,
    counters,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/**
 * Ends the connection of a caller whom no way leads here, at once, instead of letting it wait in silence. The line that
 * is left on it is no answer of HTTP: clients report a broken connection, and most show what they read.
 */
function hangUp({ socket }: IncomingMessage, { message }: Unreachable): void {
  socket.end(`${message}\r\n`);
}

function rawAnswer(raw: RawResponse): Answer {
  return { status: raw.status, headers: { ...raw.headers }, body: raw.body };
}

/** Reads a request to its end. Listening to events costs half of what iterating over the stream does. */
function readRequest(message: IncomingMessage): Promise<Incoming> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    message.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBodyBytes) reject(new Error(`request body larger than ${maxBodyBytes} bytes`));
      else chunks.push(chunk);
    });
    message.once("error", reject);
    message.once("end", () => {
      const headers: Record<string, string> = {};
      for (const [name, value] of Object.entries(message.headers))
        if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(",") : value;
      const url = message.url ?? "/";
      resolve({
        method: message.method ?? "GET",
        url,
        headers,
        body: chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks),
        ...readUrl(url),
      });
    });
  });
}

const perConnection = new Set(["connection", "keep-alive", "transfer-encoding", "date", "server"]);

function send(response: ServerResponse, request: Incoming, answer: Answer, requestId: string, now: Date): void {
  const headers: Record<string, string> = { "x-amzn-requestid": requestId, "x-amz-request-id": requestId };
  for (const [name, value] of Object.entries(answer.headers)) if (!perConnection.has(name)) headers[name] = value;
  const body = typeof answer.body === "string" ? Buffer.from(answer.body) : answer.body;
  // A HEAD answer states the length of the body that it does not carry.
  if (request.method !== "HEAD") headers["content-length"] = String(body.length);
  headers["date"] = now.toUTCString();
  response.writeHead(answer.status, headers);
  response.end(request.method === "HEAD" ? undefined : body);
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}
