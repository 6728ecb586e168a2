import type { Caller, RawRequest } from "./call";
import type { Principal } from "./iam/principal";
import type { Members } from "./members";
import type { Handler, Operation, Requires } from "./operation";
import type { RawResponse } from "./raw";

/** A resource that exists and would cost or clutter if it stayed behind. */
export interface InventoryItem {
  readonly arn: string;
  readonly type: string;
  /** Made by a service for its own purposes (a job's log group): AWS leaves these behind as well. */
  readonly madeBy?: "service";
}

/**
 * A service of the local cloud: operations over the journal's tables. `id` is the folder name of the
 * official model in botocore (`sagemaker`, `sagemaker-runtime`, `events`, ...).
 */
export interface Service {
  readonly id: string;
  /**
   * By name. New ones are declared whole (`operation`); handlers alone are the older form, completed by `permissions`
   * and `fidelity.ts`.
   */
  readonly operations: Readonly<Record<string, Operation | Handler>>;
  /** The older form: what an operation requires. Without an entry: `<iamPrefix>:<Operation>` on "*". */
  readonly permissions?: Readonly<Record<string, Requires>>;
  /**
   * The service's prefix in IAM actions, where it is not `id` (`sagemaker-runtime` -> `sagemaker`, `cloudwatch`,
   * `logs`, ...).
   */
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
 * What services offer to one another inside the local cloud, each set by the service that owns it while it registers.
 * They are what AWS does on the inside: no principal, no authorisation. Everything a *user's role* does on behalf of a
 * service (a pipeline that creates a job, a job that reads S3) goes through `cloud.call` as that role instead.
 */
export interface Internals {
  /** EventBridge: delivers an event of an AWS service to the default bus. */
  emit(event: ServiceEvent): void;
  /**
   * CloudWatch: records samples at the present cloud time.
   * @param role whose metrics they are, where a service publishes as somebody's role: those that it may not publish are
   * lost.
   */
  measure(samples: readonly MetricSample[], role?: Principal): void;
  /**
   * CloudWatch Logs: appends lines, creating group and stream as services do.
   * @param role as which they are written, where a service writes as somebody's role: what it may not write is lost.
   */
  log(group: string, stream: string, lines: readonly string[], role?: Principal): void;
  /**
   * STS: a session of a role that trusts `service` (for example `sagemaker.amazonaws.com`), which may act for
   * `sourceArn` and in the name of `sourceIdentity`; throws AccessDenied otherwise.
   */
  assume(roleArn: string, service: string, sessionName: string, sourceArn?: string, sourceIdentity?: string): Principal;
  /** STS: access keys for a session, for child processes. */
  credentials(principal: Principal): { accessKeyId: string; secretAccessKey: string; sessionToken: string };
  /**
   * Lambda: answers a request to a function URL. @param path behind the URL's own address. Absent while no service
   * offers it. @throws AwsError where the caller may not.
   */
  functionUrl?(id: string, path: string, request: RawRequest, caller: Caller): Promise<RawResponse>;
  /** MLflow apps: answers a request that was sent to an app's tracking server. Absent while no service offers it. */
  mlflowProxy?(appArn: string, request: RawRequest, caller: Caller): Promise<RawResponse>;
}

/**
 * What an operation says that it requires; undefined where it says nothing, which is `<iamPrefix>:<Operation>` on "*".
 */
export function requiresOf(service: Service, operation: string): Requires | undefined {
  const entry = Object.hasOwn(service.operations, operation) ? service.operations[operation] : undefined;
  if (entry && typeof entry !== "function") return entry.requires;
  const table = service.permissions;
  return table && Object.hasOwn(table, operation) ? table[operation] : undefined;
}
