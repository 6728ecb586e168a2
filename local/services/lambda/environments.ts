import { randomBytes, randomUUID } from "node:crypto";
import type { Cloud } from "../../cloud";
import { placed, type Principal } from "../../iam/principal";
import { functionCalls, functionSeconds } from "../../metering/items";
import { placementOf } from "../../network/placement";
import type { CodeStore } from "./code";
import type { FunctionRecord, FunctionStore } from "./functions";
import type { Answer } from "./worker";
import { Worker } from "./worker";

export interface LambdaOptions {
  /** Where functions reach the local cloud, `http://127.0.0.1:<port>`; without it their SDK calls go nowhere. */
  readonly gatewayUrl?: string;
}

/** One finished invocation. */
export interface Invocation extends Answer {
  readonly requestId: string;
  readonly logs: readonly string[];
}

interface Environment {
  readonly worker: Worker;
  readonly stream: string;
  /** The function's role, as which its lines are logged. */
  readonly role: Principal;
  readonly revisionId: string;
  busy: boolean;
  idleTimer?: NodeJS.Timeout;
}

/** Environments of one function at a time; further invocations wait in line. */
const MAX_PER_FUNCTION = 4;
/** An idle environment is given up after this much real time. */
const IDLE_MS = 300_000;
/** Its credentials are of one session; a new environment gets new ones. */
const OLDEST_MS = 600_000;

/** Keeps warm processes per function version and runs invocations in them, with Lambda's log lines and metrics. */
export class Environments {
  private readonly pools = new Map<string, Environment[]>();
  private readonly lines = new Map<string, (() => void)[]>();

  constructor(
    private readonly cloud: Cloud,
    private readonly store: FunctionStore,
    private readonly code: CodeStore,
    private readonly options: LambdaOptions,
  ) {}

  /** Runs one event through a function. Never rejects: a failure of the function is an answer. */
  async invoke(record: FunctionRecord, payload: unknown, requestId: string = randomUUID()): Promise<Invocation> {
    const key = `${record.name}:${record.version}`;
    const limit = this.store.concurrency.get(record.name) ?? MAX_PER_FUNCTION;
    const environment = await this.take(key, record, Math.min(limit, MAX_PER_FUNCTION));
    const logs: string[] = [`START RequestId: ${requestId} Version: ${record.version}`];
    try {
      const arn = record.version === "$LATEST" ? record.arn : `${record.arn}:${record.version}`;
      const answer = await environment.worker.invoke(requestId, payload, arn, record.timeoutSeconds * 1000, (text) =>
        logs.push(text),
      );
      logs.push(...closing(record, requestId, answer));
      this.report(record, environment, logs, answer);
      return { ...answer, requestId, logs };
    } finally {
      this.release(key, environment);
    }
  }

  /** Ends the processes of a function whose code or configuration changed, or of all. */
  close(name?: string): void {
    for (const [key, pool] of this.pools) {
      if (name !== undefined && !key.startsWith(`${name}:`)) continue;
      for (const environment of pool) this.discard(key, environment);
    }
  }

  private async take(key: string, record: FunctionRecord, limit: number): Promise<Environment> {
    for (;;) {
      const pool = this.pools.get(key) ?? [];
      this.pools.set(key, pool);
      for (const stale of pool.filter(
        (one) =>
          !one.busy &&
          (one.worker.dead || one.revisionId !== record.revisionId || Date.now() - one.worker.bornMs > OLDEST_MS),
      ))
        this.discard(key, stale);
      const idle = (this.pools.get(key) ?? []).find((one) => !one.busy);
      const environment = idle ?? ((this.pools.get(key) ?? []).length < limit ? this.open(key, record) : undefined);
      if (environment) {
        clearTimeout(environment.idleTimer);
        environment.busy = true;
        return environment;
      }
      await new Promise<void>((resolve) => {
        const line = this.lines.get(key) ?? [];
        this.lines.set(key, line);
        line.push(resolve);
      });
    }
  }

  private open(key: string, record: FunctionRecord): Environment {
    const day = this.cloud.clock.now().toISOString().slice(0, 10).replaceAll("-", "/");
    const stream = `${day}/[${record.version}]${randomBytes(16).toString("hex")}`;
    const role = placed(
      this.cloud.internals.assume(record.roleArn, "lambda.amazonaws.com", record.name),
      placementOf(record.vpc),
    );
    const worker = new Worker({
      folder: this.code.taskRoot(record.codeSha256),
      env: this.environment(record, stream, role),
      memoryMb: record.memoryMb,
    });
    const environment: Environment = { worker, stream, role, revisionId: record.revisionId, busy: false };
    this.pools.get(key)!.push(environment);
    return environment;
  }

  private release(key: string, environment: Environment): void {
    environment.busy = false;
    if (environment.worker.dead) this.discard(key, environment);
    else environment.idleTimer = setTimeout(() => this.discard(key, environment), IDLE_MS).unref();
    this.lines.get(key)?.shift()?.();
  }

  private discard(key: string, environment: Environment): void {
    clearTimeout(environment.idleTimer);
    environment.worker.kill();
    this.pools.set(
      key,
      (this.pools.get(key) ?? []).filter((one) => one !== environment),
    );
  }

  /**
   * The variables of a function's process: its own, and those that Lambda reserves. Nothing of the local cloud's own
   * environment but PATH.
   */
  private environment(record: FunctionRecord, stream: string, role: Principal): Record<string, string> {
    const keys = this.cloud.internals.credentials(role);
    return {
      ...record.environment,
      PATH: process.env["PATH"] ?? "",
      TZ: ":UTC",
      LANG: "en_US.UTF-8",
      _HANDLER: record.handler,
      LAMBDA_TASK_ROOT: this.code.taskRoot(record.codeSha256),
      AWS_EXECUTION_ENV: `AWS_Lambda_${record.runtime}`,
      AWS_LAMBDA_FUNCTION_NAME: record.name,
      AWS_LAMBDA_FUNCTION_VERSION: record.version,
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(record.memoryMb),
      AWS_LAMBDA_LOG_GROUP_NAME: record.logGroup,
      AWS_LAMBDA_LOG_STREAM_NAME: stream,
      AWS_LAMBDA_LOG_FORMAT: record.logFormat,
      AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
      AWS_REGION: this.cloud.region,
      AWS_DEFAULT_REGION: this.cloud.region,
      AWS_ACCESS_KEY_ID: keys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
      AWS_SESSION_TOKEN: keys.sessionToken,
      AWS_EC2_METADATA_DISABLED: "true",
      // A function has no AWS profile files, whatever lies in the home folder of the person at this machine.
      AWS_CONFIG_FILE: "/dev/null",
      AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
      ...(this.options.gatewayUrl
        ? { AWS_ENDPOINT_URL: this.options.gatewayUrl, SAGEMAKER_MLFLOW_CUSTOM_ENDPOINT: this.options.gatewayUrl }
        : {}),
    };
  }

  /**
   * A function whose role may not write logs runs on without (Lambda developer guide, "Execution role"); its metrics
   * are Lambda's own.
   */
  private report(record: FunctionRecord, { stream, role }: Environment, logs: readonly string[], answer: Answer): void {
    this.cloud.internals.log(record.logGroup, stream, logs, role);
    const { meter } = this.cloud;
    const arn = this.cloud.arn("lambda", `function:${record.name}`);
    meter.count(arn, functionCalls, 1);
    const seconds = Math.ceil(answer.durationMs) / 1000;
    meter.count(arn, functionSeconds(record.architectures[0] ?? "x86_64"), (seconds * record.memoryMb) / 1024);
    const sample = (name: string, value: number, unit: string) => ({
      namespace: "AWS/Lambda",
      name,
      dimensions: { FunctionName: record.name },
      value,
      unit,
    });
    this.cloud.internals.measure([
      sample("Invocations", 1, "Count"),
      sample("Errors", answer.ok ? 0 : 1, "Count"),
      sample("Duration", answer.durationMs, "Milliseconds"),
    ]);
  }
}

function closing(record: FunctionRecord, requestId: string, answer: Answer): string[] {
  const duration = answer.durationMs.toFixed(2);
  const billed = Math.ceil(answer.durationMs);
  const init = answer.initMs === undefined ? "" : `\tInit Duration: ${answer.initMs.toFixed(2)} ms`;
  const failure = /"errorType":"(?:Sandbox|Runtime)\./.test(answer.result)
    ? [String((JSON.parse(answer.result) as { errorMessage: string }).errorMessage)]
    : [];
  return [
    ...failure,
    `END RequestId: ${requestId}`,
    `REPORT RequestId: ${requestId}\tDuration: ${duration} ms\tBilled Duration: ${billed} ms\tMemory Size: ${record.memoryMb} MB\tMax Memory Used: ${answer.maxMemoryMb} MB${init}`,
  ];
}
