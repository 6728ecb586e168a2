import { setTimeout as delay } from "node:timers/promises";
import { Sha256 } from "@aws-crypto/sha256-js";
import { GetFunctionUrlConfigCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { SignatureV4 } from "@smithy/signature-v4";
import { type AwsSession, clientSettings } from "./session";

/** What a function answered. */
export interface UrlAnswer {
  readonly status: number;
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
    const body = JSON.stringify(value);
    for (let attempt = 1; ; attempt++) {
      const answer = await this.send(body);
      if ((answer.status !== 429 && answer.status < 500) || attempt === tries) return answer;
      await delay(250 * 2 ** attempt);
    }
  }

  private async send(body: string): Promise<UrlAnswer> {
    const url = (this.url ??= await this.find());
    // Keys as the client of Lambda finds them: by profile, session or role.
    const credentials = await this.client.config.credentials();
    const region = await this.client.config.region();
    const signer = new SignatureV4({ credentials, region, service: "lambda", sha256: Sha256 });
    const { headers } = await signer.sign({
      method: "POST",
      protocol: url.protocol,
      hostname: url.hostname,
      port: Number(url.port) || undefined,
      path: url.pathname,
      headers: { host: url.host, "content-type": "application/json" },
      body,
    });
    const answer = await fetch(url, { method: "POST", headers, body });
    return { status: answer.status, body: await answer.text() };
  }

  private async find(): Promise<URL> {
    const { FunctionUrl: address } = await this.client.send(
      new GetFunctionUrlConfigCommand({ FunctionName: this.functionName }),
    );
    return new URL(address!);
  }
}
