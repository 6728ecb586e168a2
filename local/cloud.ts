import { randomUUID } from "node:crypto";
import type { Account } from "./account";
import { AuditLog } from "./audit/log";
import type { Call, Caller, Passage } from "./call";
import { Clock } from "./clock";
import { AwsError } from "./errors";
import { FailureLog } from "./failure-log";
import { Faults } from "./faults/faults";
import type { Authoriser } from "./iam/authoriser";
import type { Principal } from "./iam/principal";
import { Journal } from "./journal";
import { type Lags, noLags } from "./lags";
import type { Members } from "./members";
import { Meter } from "./metering/meter";
import type { ServiceModels } from "./model/service-models";
import { handlerOf } from "./operation";
import { Unreachable } from "./network/unreachable";
import { RawResponse } from "./raw";
import type { Internals, InventoryItem, Service } from "./service";

export interface CloudOptions {
  readonly region?: string;
  readonly accountId?: string;
  readonly speed?: number;
  /** Folder for journal, audit log and processes; without it everything lives in memory. */
  readonly stateDir?: string;
  readonly models: ServiceModels;
  /** What is said late; nothing where it is left out. */
  readonly lags?: Partial<Lags>;
  /** Where faults of the local cloud itself are logged; standard error where it is left out. */
  readonly failures?: FailureLog;
}

/**
 * The choke point: every request, whether it came over HTTP, from the Pulumi provider or from inside, is validated
 * against the official model, authorised, recorded and handled here.
 */
export class Cloud implements Account {
  readonly region: string;
  readonly accountId: string;
  readonly clock: Clock;
  readonly lags: Lags;
  readonly journal: Journal;
  readonly audit: AuditLog;
  /** What is used of what AWS bills. */
  readonly meter: Meter;
  /** Faults on request; none unless somebody asked for one. */
  readonly faults: Faults;
  readonly models: ServiceModels;
  readonly failures: FailureLog;
  readonly stateDir: string | undefined;
  readonly services = new Map<string, Service>();
  /** Looks at a request that is allowed, before it is handled. */
  beforeCall?: (call: Call) => Promise<void>;
  /** Hears of each request that was answered, for what is billed by the request; set by Cost Explorer. */
  answered: (call: Call, input: Members, output: Members | RawResponse) => void = () => undefined;
  /** Set while services register (see `server.ts`). */
  readonly internals = {} as Internals;
  authoriser!: Authoriser;
  /** Leads a call out of the VPC that its caller is in; set by the networks (`connectNetworks`). @throws Unreachable */
  passageOf?: (call: Call) => Passage | undefined;
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
    this.failures = options.failures ?? new FailureLog();
    this.journal = new Journal(options.stateDir && `${options.stateDir}/journal.jsonl`);
    const time = this.journal.table<number>("cloud");
    this.clock = new Clock(options.speed ?? 1, Math.max(Date.now(), time.get("lastMs") ?? 0));
    this.faults = new Faults(this.journal, this.clock);
    this.meter = new Meter(this.journal, this.clock, (arn) => this.tagsOf(arn));
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
      const entry = owner?.operations[operation];
      if (!owner || !entry) {
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
      const output = (await handlerOf(entry)(input, call)) ?? {};
      this.authoriser.authoriseAnswer?.(owner, input, output, call);
      this.journal.flush();
      this.audit.record(this, call, input, output);
      this.answered(call, input, output);
      return output;
    } catch (error) {
      const known = this.failures.answer(error, `${service}:${operation}`, requestId);
      this.audit.record(this, call, input, undefined, known);
      throw known;
    }
  }

  /**
   * A call as it arrives: one from inside a VPC may have come through an endpoint, or not at all.
   * @throws Unreachable, which leaves no record, as on AWS.
   */
  arrive(call: Call): Call {
    try {
      const via = call.principal.network && this.passage(call);
      return via ? { ...call, via } : call;
    } catch (error) {
      if (error instanceof Unreachable) this.count(this.unreached, `${error.serviceName}: ${error.reason}`);
      throw error;
    }
  }

  private passage(call: Call): Passage | undefined {
    if (!this.passageOf) throw new Error("a caller is in a VPC of a cloud without networks");
    return this.passageOf(call);
  }

  /**
   * A call from inside for which no operation runs, so that IAM can be asked about it.
   * @param host of the service that would call.
   */
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

  /** Tags of a resource, whichever service has it; undefined where none knows it. */
  tagsOf(arn: string): Readonly<Record<string, string>> | undefined {
    for (const service of this.services.values()) {
      const tags = service.tagsOf?.(arn);
      if (tags) return tags;
    }
    return undefined;
  }

  async inventory(): Promise<InventoryItem[]> {
    const lists = await Promise.all([...this.services.values()].map((service) => service.inventory?.() ?? []));
    return lists.flat();
  }

  async start(): Promise<void> {
    this.meter.start();
    for (const service of this.services.values()) await service.start?.();
    // After a kill the cloud's time must not run backwards: a fast clock is far ahead of the machine's.
    if (this.stateDir && this.clock.speed > 1) this.timeKeeper = setInterval(() => this.keepTime(), 1000).unref();
  }

  async stop(): Promise<void> {
    for (const service of [...this.services.values()].reverse()) await service.stop?.();
    clearInterval(this.timeKeeper);
    this.keepTime();
    this.meter.stop();
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
