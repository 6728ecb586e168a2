import { randomUUID } from "node:crypto";
import { AuditLog } from "./audit/log";
import { Clock } from "./clock";
import { AwsError } from "./errors";
import { Faults } from "./faults/faults";
import type { Authoriser } from "./iam/authorise";
import { Journal } from "./journal";
import { type Lags, noLags } from "./lags";
import { RawResponse } from "./raw";
import type { ServiceModels } from "./model/models";
import type { Principal } from "./iam/principal";
import { passageOf, Unreachable, type Passage } from "./network/passage";

export { RawResponse };

/** Decoded members of a request or an answer, named as in the official service model (`EndpointName`). */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the service model, not the compiler, guards this border
export type Members = Record<string, any>;

/** Who calls, and from where; part of every audit record. */
export interface Caller {
  readonly principal: Principal;
  readonly sourceIp: string;
  readonly userAgent: string;
  readonly requestId?: string;
  /** Over HTTP members unknown to the model are ignored and counted, as AWS does; from everywhere else they are errors. */
  readonly lenient?: boolean;
  /** The request as it came over HTTP, so that a service behind the local cloud can be sent the same bytes. */
  readonly raw?: RawRequest;
}

export interface RawRequest {
  readonly method: string;
  /** Path and query as sent. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** One call while it is handled. */
export interface Call {
  readonly service: string;
  readonly operation: string;
  readonly caller: Caller;
  readonly principal: Principal;
  readonly requestId: string;
  readonly now: Date;
  /** The VPC endpoint it came through, if it came through one. */
  readonly via?: Passage;
  /** What we tell a service behind the local cloud beside the request. */
  readonly upstreamHeaders?: Readonly<Record<string, string>>;
}

export type Handler = (
  input: Members,
  call: Call,
) => Members | RawResponse | void | Promise<Members | RawResponse | void>;

/** One thing the caller must be allowed to do: IAM action, ARN of the resource (or "*"), and the action's own condition keys. */
export interface Requirement {
  readonly action: string;
  readonly resource: string;
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
  /** Who must be allowed, where it is not the caller: a service that uses a key as itself. */
  readonly principal?: Principal;
  /** A role whose right does as well as the caller's. */
  readonly orRole?: string;
  /** Of KMS: tokens of grants that count already. */
  readonly grantTokens?: readonly string[];
}

/** A resource that exists and would cost or clutter if it stayed behind. */
export interface InventoryItem {
  readonly arn: string;
  readonly type: string;
  /** Made by a service for its own purposes (a job's log group): AWS leaves these behind as well. */
  readonly madeBy?: "service";
}

/**
 * A service of the local cloud: operations as plain functions over the journal's tables. `id` is the folder name of the
 * official model in botocore (`sagemaker`, `sagemaker-runtime`, `events`, ...).
 */
export interface Service {
  readonly id: string;
  readonly operations: Readonly<Record<string, Handler>>;
  /** What an operation requires. Without an entry: `<iamPrefix>:<Operation>` on "*". */
  readonly permissions?: Readonly<Record<string, (input: Members, call: Call) => Requirement[]>>;
  /** The service's prefix in IAM actions, where it is not `id` (`sagemaker-runtime` -> `sagemaker`, `cloudwatch`, `logs`, ...). */
  readonly iamPrefix?: string;
  /** Tags of a resource of this service, for `aws:ResourceTag/...`; undefined when the ARN is not one of ours. */
  tagsOf?(arn: string): Readonly<Record<string, string>> | undefined;
  /** The resource-based policy of a resource (bucket policy, queue policy, ...), as JSON. */
  resourcePolicyOf?(arn: string): string | undefined;
  /** What exists now. */
  inventory?(): InventoryItem[] | Promise<InventoryItem[]>;
  /** Brings engines and processes up again after the journal was read. */
  start?(): void | Promise<void>;
  /** Stops processes and timers; state stays in the journal. */
  stop?(): void | Promise<void>;
}

/** An event for EventBridge's default bus, before the service adds id, account, time and region. */
export interface ServiceEvent {
  readonly source: string;
  readonly detailType: string;
  readonly detail: Members;
  readonly resources: readonly string[];
}

/** A metric sample for CloudWatch. */
export interface MetricSample {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly value: number;
  readonly unit?: string;
}

/**
 * What services offer to one another inside the local cloud, each set by the service that owns it while it registers. They
 * are what AWS does on the inside: no principal, no authorisation. Everything a *user's role* does on behalf of a service
 * (a pipeline that creates a job, a job that reads S3) goes through `cloud.call` as that role instead.
 */
export interface Internals {
  /** EventBridge: delivers an event of an AWS service to the default bus. */
  emit(event: ServiceEvent): void;
  /** CloudWatch: records samples at the present cloud time. @param role whose metrics they are, where a service publishes as somebody's role: those that it may not publish are lost. */
  measure(samples: readonly MetricSample[], role?: Principal): void;
  /** CloudWatch Logs: appends lines, creating group and stream as services do. @param role as which they are written, where a service writes as somebody's role: what it may not write is lost. */
  log(group: string, stream: string, lines: readonly string[], role?: Principal): void;
  /** STS: a session of a role that trusts `service` (for example `sagemaker.amazonaws.com`), which may act for `sourceArn` and in the name of `sourceIdentity`; throws AccessDenied otherwise. */
  assume(roleArn: string, service: string, sessionName: string, sourceArn?: string, sourceIdentity?: string): Principal;
  /** STS: access keys for a session, for child processes. */
  credentials(principal: Principal): { accessKeyId: string; secretAccessKey: string; sessionToken: string };
  /** MLflow apps: answers a request that was sent to an app's tracking server. Absent while no service offers it. */
  mlflowProxy?(appArn: string, request: RawRequest, caller: Caller): Promise<RawResponse>;
}

export interface CloudOptions {
  readonly region?: string;
  readonly accountId?: string;
  readonly speed?: number;
  /** Folder for journal, audit log and processes; without it everything lives in memory. */
  readonly stateDir?: string;
  readonly models: ServiceModels;
  /** What is said late; nothing where it is left out. */
  readonly lags?: Partial<Lags>;
}

/**
 * The choke point: every request, whether it came over HTTP, from the Pulumi provider or from inside, is validated against
 * the official model, authorised, recorded and handled here.
 */
export class Cloud {
  readonly region: string;
  readonly accountId: string;
  readonly clock: Clock;
  readonly lags: Lags;
  readonly journal: Journal;
  readonly audit: AuditLog;
  /** Faults on request; none unless somebody asked for one. */
  readonly faults: Faults;
  readonly models: ServiceModels;
  readonly stateDir: string | undefined;
  readonly services = new Map<string, Service>();
  /** Looks at a request that is allowed, before it is handled. */
  beforeCall?: (call: Call) => Promise<void>;
  /** Set while services register (see `server.ts`). */
  readonly internals = {} as Internals;
  authoriser!: Authoriser;
  private timeKeeper: NodeJS.Timeout | undefined;
  /** Operations that were asked for and are not implemented: `service:Operation` -> times. */
  readonly unimplemented = new Map<string, number>();
  /** Members that the official model does not know: `service:Operation:Member` -> times. */
  readonly unknownMembers = new Map<string, number>();

  /** Calls that found no way out of their VPC: service and reason -> times. */
  readonly unreached = new Map<string, number>();

  constructor(options: CloudOptions) {
    this.region = options.region ?? "eu-central-1";
    this.accountId = options.accountId ?? "111122223333";
    this.stateDir = options.stateDir;
    this.lags = { ...noLags, ...options.lags };
    this.models = options.models;
    this.journal = new Journal(options.stateDir && `${options.stateDir}/journal.jsonl`);
    const time = this.journal.table<number>("cloud");
    this.clock = new Clock(options.speed ?? 1, Math.max(Date.now(), time.get("lastMs") ?? 0));
    this.faults = new Faults(this.journal, this.clock);
    this.audit = new AuditLog(options.stateDir && `${options.stateDir}/audit.jsonl`);
  }

  register(service: Service): void {
    if (this.services.has(service.id)) throw new Error(`service ${service.id} is registered twice`);
    this.services.set(service.id, service);
  }

  /**
   * Handles one request from validation to audit record.
   * @param service botocore's folder name of the service. @param input decoded members.
   * @throws AwsError as AWS would answer.
   */
  async call(service: string, operation: string, input: Members, caller: Caller): Promise<Members | RawResponse> {
    const requestId = caller.requestId ?? randomUUID();
    const call = this.arrive({
      service,
      operation,
      caller,
      principal: caller.principal,
      requestId,
      now: this.clock.now(),
    });
    try {
      const owner = this.services.get(service);
      const handler = owner?.operations[operation];
      if (!owner || !handler) {
        this.countUnimplemented(service, operation);
        throw new AwsError(
          "UnknownOperationException",
          `The local cloud does not implement ${service}:${operation}.`,
          400,
        );
      }
      const refusal = this.faults.refusal(service, operation);
      if (refusal) throw refusal;
      const unknown = this.models.validate(service, operation, input, caller.lenient ?? false);
      for (const member of unknown) this.count(this.unknownMembers, `${service}:${operation}:${member}`);
      this.authoriser.authorise(owner, input, call);
      await this.beforeCall?.(call);
      const output = (await handler(input, call)) ?? {};
      this.authoriser.authoriseAnswer?.(owner, input, output, call);
      this.journal.flush();
      this.audit.record(this, call, input, output);
      return output;
    } catch (error) {
      const known =
        error instanceof AwsError
          ? error
          : new AwsError("InternalFailure", String((error as Error).stack ?? error), 500);
      this.audit.record(this, call, input, undefined, known);
      throw known;
    }
  }

  /** A call as it arrives: one from inside a VPC may have come through an endpoint, or not at all. @throws Unreachable, which leaves no record, as on AWS. */
  arrive(call: Call): Call {
    try {
      const via = passageOf(this, call);
      return via ? { ...call, via } : call;
    } catch (error) {
      if (error instanceof Unreachable) this.count(this.unreached, `${error.serviceName}: ${error.reason}`);
      throw error;
    }
  }

  /** A call from inside for which no operation runs, so that IAM can be asked about it. @param host of the service that would call. */
  asked(principal: Principal, service: string, operation: string, host: string): Call {
    return {
      service,
      operation,
      caller: { principal, sourceIp: host, userAgent: host },
      principal,
      requestId: randomUUID(),
      now: this.clock.now(),
    };
  }

  /** `call` for code inside the local cloud that acts as a role (pipelines, jobs, rules). Throws on raw answers. */
  async as(
    principal: Principal,
    service: string,
    operation: string,
    input: Members,
    userAgent: string,
  ): Promise<Members> {
    const output = await this.call(service, operation, input, { principal, sourceIp: userAgent, userAgent });
    if (output instanceof RawResponse)
      throw new Error(`${service}:${operation} answered raw bytes to a call from inside`);
    return output;
  }

  arn(service: string, resource: string): string {
    return `arn:aws:${service}:${this.region}:${this.accountId}:${resource}`;
  }

  async inventory(): Promise<InventoryItem[]> {
    const lists = await Promise.all([...this.services.values()].map((service) => service.inventory?.() ?? []));
    return lists.flat();
  }

  async start(): Promise<void> {
    for (const service of this.services.values()) await service.start?.();
    // After a kill the cloud's time must not run backwards: a fast clock is far ahead of the machine's.
    if (this.stateDir && this.clock.speed > 1) this.timeKeeper = setInterval(() => this.keepTime(), 1000).unref();
  }

  async stop(): Promise<void> {
    for (const service of [...this.services.values()].reverse()) await service.stop?.();
    clearInterval(this.timeKeeper);
    this.keepTime();
    this.journal.close();
    this.audit.close();
  }

  private keepTime(): void {
    this.journal.table<number>("cloud").put("lastMs", this.clock.nowMs());
  }

  /** Counts a request for something that is not there; a rehearsal ends with none. */
  countUnimplemented(service: string, operation: string): void {
    this.count(this.unimplemented, `${service}:${operation}`);
  }

  private count(counts: Map<string, number>, key: string): void {
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
}
