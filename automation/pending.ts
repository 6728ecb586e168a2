import { hostname } from "node:os";
import { isAlive } from "./lock";

/** An operation that the engine began and never saw the end of, because it was killed. */
export interface PendingOperation {
  readonly type: string;
  readonly resource: { readonly urn: string; readonly type: string; readonly inputs?: Readonly<Record<string, unknown>> };
}

const byName = (inputs: Inputs) => inputs["name"];

type Inputs = Readonly<Record<string, unknown>>;

/**
 * The id under which the provider imports a resource, from what it was to be created with: only types whose names are known
 * before they are created. What a killed engine created of other types is found by their own names on the next update.
 */
const importIds: Readonly<Record<string, (inputs: Inputs) => unknown>> = {
  "aws:sagemaker/model:Model": byName,
  "aws:sagemaker/endpointConfiguration:EndpointConfiguration": byName,
  "aws:sagemaker/endpoint:Endpoint": byName,
  "aws:cloudwatch/metricAlarm:MetricAlarm": byName,
  "aws:cloudwatch/logGroup:LogGroup": byName,
  "aws:cloudwatch/dashboard:Dashboard": (inputs) => inputs["dashboardName"],
  "aws:appautoscaling/target:Target": ({ serviceNamespace, resourceId, scalableDimension }) => `${serviceNamespace}/${resourceId}/${scalableDimension}`,
  "aws:appautoscaling/policy:Policy": ({ serviceNamespace, resourceId, scalableDimension, name }) => `${serviceNamespace}/${resourceId}/${scalableDimension}/${name}`,
};

/** Options of `pulumi refresh` that take up what was being created: with its id where that is known, else it is dropped. */
export function pendingOptions(operations: readonly PendingOperation[]): string[] {
  const creating = operations.filter(({ type }) => type === "creating");
  const known = creating.flatMap(({ resource }) => {
    const id = importIds[resource.type]?.(resource.inputs ?? {});
    return typeof id === "string" && id !== "" ? ["--import-pending-creates", resource.urn, "--import-pending-creates", id] : [];
  });
  return known.length / 4 < creating.length ? [...known, "--clear-pending-creates"] : known;
}

/** A process that holds a stack's lock in a self-managed backend, as the engine tells it. */
export interface StackHolder {
  readonly host: string;
  readonly pid: number;
}

/** Holders named in the engine's error; none when it is another error. */
export function stackHolders(text: string): StackHolder[] {
  if (!/currently locked by/.test(text)) return [];
  return [...text.matchAll(/created by [^@\s]+@(\S+) \(pid (\d+)\)/g)].map(([, host, pid]) => ({ host: host!, pid: Number(pid) }));
}

/** Whether a holder is a process of this machine that has ended: its lock is a leftover. */
export function hasEnded({ host, pid }: StackHolder): boolean {
  return host === hostname() && !isAlive(pid);
}
