import { setTimeout as delay } from "node:timers/promises";
import { Sha256 } from "@aws-crypto/sha256-js";
import { GetFunctionUrlConfigCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { SignatureV4 } from "@smithy/signature-v4";
import { type AwsSession, clientSettings } from "./session";

/** What is sent to a function. */
export interface UrlMessage {
  readonly method: "GET" | "POST";
  /** Below the function's own address; begins with a slash. */
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** What a function answered. */
export interface UrlAnswer {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A function behind a URL that asks for a signature (Lambda function URL of the authentication AWS_IAM). */
export class FunctionUrl {
  private url: URL | undefined;

  /** @param client whose keys sign, and which finds the address. */
  constructor(
    private readonly client: LambdaClient,
    private readonly functionName: string,
  ) {}

  static of(session: AwsSession, functionName: string): FunctionUrl {
    return new FunctionUrl(new LambdaClient(clientSettings(session)), functionName);
  }

  /**
   * Posts JSON; throttled and failed requests are tried again. Any status but those is an answer.
   * @throws ResourceNotFoundException where the function has no URL.
   */
  async post(value: unknown, tries = 4): Promise<UrlAnswer> {
    const headers = { "content-type": "application/json" };
    for (let attempt = 1; ; attempt++) {
      const answer = await this.send({ method: "POST", headers, body: JSON.stringify(value) });
      if ((answer.status !== 429 && answer.status < 500) || attempt === tries) return answer;
      await delay(250 * 2 ** attempt);
    }
  }

  /** Sends one message once; any status is an answer. @throws ResourceNotFoundException as `post`. */
  async send({ method, path = "/", headers: said = {}, body }: UrlMessage): Promise<UrlAnswer> {
    const base = (this.url ??= await this.find());
    const url = new URL(base.pathname.replace(/\/$/, "") + path, base);
    // Keys as the client of Lambda finds them: by profile, session or role.
    const credentials = await this.client.config.credentials();
    const region = await this.client.config.region();
    const signer = new SignatureV4({ credentials, region, service: "lambda", sha256: Sha256 });
    const { headers } = await signer.sign({
      method,
      protocol: url.protocol,
      hostname: url.hostname,
      port: Number(url.port) || undefined,
      path: url.pathname,
      headers: { host: url.host, ...said },
      body,
    });
    const answer = await fetch(url, {
      method,
      headers,
      ...(body === undefined ? {} : { body: new Uint8Array(Buffer.from(body)) }),
    });
    return { status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.text() };
  }

  private async find(): Promise<URL> {
    const { FunctionUrl: address } = await this.client.send(
      new GetFunctionUrlConfigCommand({ FunctionName: this.functionName }),
    );
    return new URL(address!);
  }
}
