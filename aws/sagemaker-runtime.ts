import { InvokeEndpointCommand, SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { type AwsSession, clientSettings } from "./session";

/** One answer of an endpoint. */
export interface Inference {
  readonly body: Buffer;
  readonly contentType: string;
  /** The production variant that answered. */
  readonly variant: string;
}

/**
 * A connection that nobody used for so long is closed before the server closes it: a process that was held up would
 * send a request on it before it hears of that, and a client that tries once would count the request as failed.
 */
const idleMs = 10_000;

/** SageMaker Runtime: invocations of a real-time endpoint. */
export class SageMakerRuntime {
  private readonly client: SageMakerRuntimeClient;

  /**
   * @param maxAttempts tries per request; 1 shows every failure, which is what traffic measurements need.
   * @param maxOpen requests open at once; those beyond it wait in this process (the SDK's own limit is 50).
   */
  constructor(session: AwsSession, maxAttempts = 3, maxOpen = 50) {
    const agent = { maxSockets: maxOpen, timeout: idleMs };
    this.client = new SageMakerRuntimeClient({
      ...clientSettings(session),
      maxAttempts,
      // The other mode makes requests wait in this process once some were throttled, which hides failures, too.
      ...(maxAttempts === 1 ? { retryMode: "standard" } : {}),
      requestHandler: { httpAgent: agent, httpsAgent: agent },
    });
  }

  /**
   * Sends one image.
   * @param body the file's bytes (25 MB at most).
   * @param inferenceId joins prediction, capture and feedback later.
   * @param options.timeoutMs how long an answer is waited for; SageMaker itself waits 60 seconds.
   * @throws ModelError when the container fails, ValidationError when the endpoint does not exist.
   */
  async invoke(
    endpoint: string,
    body: Buffer,
    contentType: string,
    options: { inferenceId?: string; variant?: string; timeoutMs?: number } = {},
  ): Promise<Inference> {
    const answer = await this.client.send(
      new InvokeEndpointCommand({
        EndpointName: endpoint,
        Body: body,
        ContentType: contentType,
        Accept: "application/json",
        InferenceId: options.inferenceId,
        TargetVariant: options.variant,
      }),
      options.timeoutMs === undefined ? {} : { abortSignal: AbortSignal.timeout(options.timeoutMs) },
    );
    return {
      body: Buffer.from(answer.Body),
      contentType: answer.ContentType ?? "",
      variant: answer.InvokedProductionVariant ?? "",
    };
  }
}
