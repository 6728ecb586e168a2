import type { Caller, RawRequest, Requirement } from "../../../call";
import { AwsError } from "../../../errors";
import type { RawResponse } from "../../../raw";
import type { Service } from "../../../service";
import type { Environments } from "../environments";
import { plainAnswer, urlAnswer, urlEvent } from "./url-event";
import type { UrlRecord, UrlStore } from "./url-store";

/** Requests and responses (Lambda quotas, "Invocation payload", synchronous). */
const maxBytes = 6_291_556;
/** Requests a second for each reserved concurrency (Lambda quotas, "Function URLs"; believed to hold for each second). */
const requestsPerConcurrency = 10;

/** Answers requests to function URLs: rights, limits, the function, and metrics. */
export class UrlRequests {
  /** Requests of the present second, by function. */
  private readonly seconds = new Map<string, { readonly second: number; count: number }>();

  constructor(
    private readonly urls: UrlStore,
    private readonly environments: Environments,
  ) {}

  /**
   * @param path behind the URL's address, as sent. @throws AwsError where the caller may not.
   */
  async answer(id: string, path: string, request: RawRequest, caller: Caller): Promise<RawResponse> {
    const record = this.urls.byId(id);
    // Whoever asks for a URL that is not there learns nothing (believed: the answer is the one to strangers).
    if (!record) return plainAnswer(403, "Forbidden", "AccessDeniedException");
    const started = performance.now();
    const response = await this.respond(record, path, request, caller);
    this.measure(record, response.status, performance.now() - started);
    return response;
  }

  private async respond(record: UrlRecord, path: string, request: RawRequest, caller: Caller): Promise<RawResponse> {
    const { cloud, functions } = this.urls;
    const resource = functions.arn(record.functionName, record.alias);
    const call = cloud.arrive({
      service: "lambda",
      operation: "Invoke",
      caller,
      principal: caller.principal,
      requestId: caller.requestId ?? "",
      now: cloud.clock.now(),
    });
    const input = { FunctionName: resource };
    try {
      cloud.authoriser.authorise(askingFor(cloud.services.get("lambda")!, record, resource), input, call);
      cloud.audit.record(cloud, call, input, {});
    } catch (error) {
      if (error instanceof AwsError) cloud.audit.record(cloud, call, input, undefined, error);
      throw error;
    }
    if (request.body.length > maxBytes)
      return plainAnswer(413, "Request Entity Too Large", "RequestEntityTooLargeException");
    if (this.isThrottled(record)) return plainAnswer(429, "Too Many Requests", "TooManyRequestsException");
    const [behind, query = ""] = path.split(/\?(.*)/s) as [string, string?];
    const event = urlEvent({
      request,
      path: behind,
      query,
      sourceIp: caller.sourceIp,
      principal: caller.principal,
      requestId: call.requestId,
      now: call.now,
      urlId: record.id,
      host: this.urls.hostOf(record),
    });
    const invocation = await this.environments.invoke(
      functions.get(record.functionName, record.alias),
      event,
      call.requestId,
    );
    if (!invocation.ok || Buffer.byteLength(invocation.result) > maxBytes)
      return plainAnswer(502, "Internal Server Error");
    return urlAnswer(invocation.result);
  }

  /** Reserved concurrency limits requests too; none of it switches the URL off. */
  private isThrottled({ functionName }: UrlRecord): boolean {
    const reserved = this.urls.functions.concurrency.get(functionName);
    if (reserved === undefined) return false;
    const second = Math.floor(this.urls.cloud.clock.nowMs() / 1000);
    const present = this.seconds.get(functionName);
    const count = present?.second === second ? present.count + 1 : 1;
    this.seconds.set(functionName, { second, count });
    return count > requestsPerConcurrency * reserved;
  }

  private measure({ functionName }: UrlRecord, status: number, milliseconds: number): void {
    const sample = (name: string, value: number, unit: string) => ({
      namespace: "AWS/Lambda",
      name,
      dimensions: { FunctionName: functionName },
      value,
      unit,
    });
    this.urls.cloud.internals.measure([
      sample("UrlRequestCount", 1, "Count"),
      sample("UrlRequestLatency", milliseconds, "Milliseconds"),
      sample("Url4xxCount", status >= 400 && status < 500 ? 1 : 0, "Count"),
      sample("Url5xxCount", status >= 500 ? 1 : 0, "Count"),
    ]);
  }
}

/**
 * Lambda, as it asks for the two rights that a request to a function URL needs since October 2025 (Lambda developer
 * guide, "Control access to Lambda function URLs").
 */
function askingFor(lambda: Service, { authType }: UrlRecord, resource: string): Service {
  const rights = (): Requirement[] => [
    { action: "lambda:InvokeFunctionUrl", resource, context: { "lambda:FunctionUrlAuthType": authType } },
    {
      action: "lambda:InvokeFunction",
      resource,
      context: { "lambda:InvokedViaFunctionUrl": "true", "lambda:FunctionUrlAuthType": authType },
    },
  ];
  return { ...lambda, operations: {}, permissions: { Invoke: rights } };
}
