import type { Members } from "../members";
import { AwsError } from "../errors";

/** What this module uses of an AWS SDK v3 client. */
interface SdkClient {
  send(command: object): Promise<Members>;
  destroy(): void;
  readonly middlewareStack: {
    add(
      middleware: (next: (args: SdkBuild) => Promise<unknown>) => (args: SdkBuild) => Promise<unknown>,
      options: object,
    ): void;
  };
}
interface SdkCommand {
  readonly middlewareStack: SdkClient["middlewareStack"];
}
interface SdkBuild {
  request: { headers: Record<string, string> };
}
type SdkModule = Record<string, new (input: object) => object>;

const modules: Readonly<Record<string, { readonly client: string; readonly load: () => unknown }>> = {
  s3: { client: "S3Client", load: () => require("@aws-sdk/client-s3") },
  sns: { client: "SNSClient", load: () => require("@aws-sdk/client-sns") },
  sqs: { client: "SQSClient", load: () => require("@aws-sdk/client-sqs") },
  ssm: { client: "SSMClient", load: () => require("@aws-sdk/client-ssm") },
  kms: { client: "KMSClient", load: () => require("@aws-sdk/client-kms") },
  logs: { client: "CloudWatchLogsClient", load: () => require("@aws-sdk/client-cloudwatch-logs") },
  ecr: { client: "ECRClient", load: () => require("@aws-sdk/client-ecr") },
  ec2: { client: "EC2Client", load: () => require("@aws-sdk/client-ec2") },
};

export interface ClientOptions {
  /** Where moto is now; brings it back first when it has ended. */
  readonly endpoint: () => Promise<string>;
  readonly region: string;
  /** The Host header that moto builds URLs from (queue URLs), so that they lead to the gateway. */
  readonly publicHost: string;
  readonly mutates: (service: string, operation: string) => boolean;
}

/** AWS SDK clients to moto, for calls that did not come over HTTP: from the Pulumi provider and from inside. */
export class UpstreamClients {
  private readonly clients = new Map<string, SdkClient>();

  constructor(private readonly options: ClientOptions) {}

  /** @returns the output's members; a streamed body as a Buffer. @throws AwsError with moto's code and message. */
  async send(
    service: string,
    operation: string,
    input: Members,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Members> {
    const known = modules[service];
    if (!known)
      throw new AwsError(
        "UnknownOperationException",
        `The local cloud reaches ${service} over HTTP only, not from inside.`,
        400,
      );
    const sdk = known.load() as SdkModule;
    const Command = sdk[`${operation}Command`];
    if (!Command) throw new AwsError("UnknownOperationException", `The AWS SDK knows no ${service}:${operation}.`, 400);
    const endpoint = await this.options.endpoint();
    try {
      const { $metadata: _metadata, ...output } = await this.client(
        service,
        sdk,
        known.client,
        operation,
        endpoint,
      ).send(withHeaders(new Command(input) as SdkCommand, headers));
      const body: unknown = output["Body"];
      if (typeof body === "object" && body !== null && "transformToByteArray" in body)
        output["Body"] = Buffer.from(
          await (body as { transformToByteArray(): Promise<Uint8Array> }).transformToByteArray(),
        );
      return output;
    } catch (error) {
      throw translate(error);
    }
  }

  destroy(): void {
    for (const client of this.clients.values()) client.destroy();
  }

  private client(service: string, sdk: SdkModule, name: string, operation: string, endpoint: string): SdkClient {
    const mutates = this.options.mutates(service, operation);
    // One client per service and kind: the header that has a change recorded is set by the client's middleware.
    const key = `${service} ${mutates} ${endpoint}`;
    let client = this.clients.get(key);
    if (!client) {
      const { region, publicHost } = this.options;
      const Client = sdk[name]!;
      const fresh = new Client({
        endpoint,
        region,
        forcePathStyle: true,
        maxAttempts: 1,
        credentials: { accessKeyId: "AKIALOCALUPSTREAM000", secretAccessKey: "inside" },
        ...(service === "sqs" ? { useQueueUrlAsEndpoint: false } : {}),
        ...(service === "s3"
          ? { requestChecksumCalculation: "WHEN_REQUIRED", responseChecksumValidation: "WHEN_REQUIRED" }
          : {}),
      }) as SdkClient;
      fresh.middlewareStack.add(
        (next) => (args) => {
          if (mutates) args.request.headers["x-peregrine-mutates"] = "1";
          args.request.headers["host"] = publicHost;
          return next(args);
        },
        { step: "build", name: "localCloudHeaders", priority: "low" },
      );
      this.clients.set(key, (client = fresh));
    }
    return client;
  }
}

function withHeaders(command: SdkCommand, headers: Readonly<Record<string, string>> | undefined): SdkCommand {
  if (headers)
    command.middlewareStack.add(
      (next) => (args) => {
        Object.assign(args.request.headers, headers);
        return next(args);
      },
      { step: "build", name: "upstreamHeaders", priority: "low" },
    );
  return command;
}

function translate(error: unknown): AwsError {
  const sdk = error as { name?: string; Code?: string; message?: string; $metadata?: { httpStatusCode?: number } };
  const status = sdk.$metadata?.httpStatusCode;
  if (status === undefined) return new AwsError("InternalFailure", `moto does not answer: ${sdk.message}`, 500);
  if (status === 501)
    return new AwsError("UnknownOperationException", `The local cloud does not implement this: ${sdk.message}`, 400);
  // A HEAD answer has no body to take a code from.
  const code =
    sdk.name && sdk.name !== "Error" && sdk.name !== "UnknownError"
      ? sdk.name
      : status === 404
        ? "NotFound"
        : `Http${status}`;
  return new AwsError(code, sdk.message ?? code, status);
}
