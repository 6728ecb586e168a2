import type { LockHolder } from "../lock-holder";
import type { PendingOperation } from "./stack-state";

const byName = (inputs: Inputs) => inputs["name"];

type Inputs = Readonly<Record<string, unknown>>;

/**
 * The id under which the provider imports a resource, from what it was to be created with: only types whose names are
 * known before they are created. What a killed engine created of other types is found by their own names on the next
 * update.
 */
const importIds: Readonly<Record<string, (inputs: Inputs) => unknown>> = {
  "aws:sagemaker/model:Model": byName,
  "aws:sagemaker/endpointConfiguration:EndpointConfiguration": byName,
  "aws:sagemaker/endpoint:Endpoint": byName,
  "aws:cloudwatch/metricAlarm:MetricAlarm": byName,
  "aws:cloudwatch/logGroup:LogGroup": byName,
  "aws:cloudwatch/dashboard:Dashboard": (inputs) => inputs["dashboardName"],
  "aws:appautoscaling/target:Target": ({ serviceNamespace, resourceId, scalableDimension }) =>
    `${serviceNamespace}/${resourceId}/${scalableDimension}`,
  "aws:appautoscaling/policy:Policy": ({ serviceNamespace, resourceId, scalableDimension, name }) =>
    `${serviceNamespace}/${resourceId}/${scalableDimension}/${name}`,
};

/**
 * Options of `pulumi refresh` that take up what was being created: with its id where that is known, else it is dropped.
 */
export function pendingOptions(operations: readonly PendingOperation[]): string[] {
  const creating = operations.filter(({ type }) => type === "creating");
  const known = imported(operations);
  return [
    ...known.flatMap(({ urn, id }) => ["--import-pending-creates", urn, "--import-pending-creates", id]),
    ...(known.length < creating.length ? ["--clear-pending-creates"] : []),
  ];
}

function imported(operations: readonly PendingOperation[]): { readonly urn: string; readonly id: string }[] {
  return operations.flatMap(({ type, resource }) => {
    const id = type === "creating" ? importIds[resource.type]?.(resource.inputs ?? {}) : undefined;
    return typeof id === "string" && id !== "" ? [{ urn: resource.urn, id }] : [];
  });
}

/**
 * Options of `pulumi refresh` that look at what a release changes and at nothing else of a stack: the role of release
 * builds may not read the rest (networks, trails, budgets). The stack itself is named as well, since without any target
 * everything is looked at.
 */
export function releasedOnly(
  resources: readonly { readonly urn: string; readonly type: string }[],
  operations: readonly PendingOperation[],
): string[] {
  const released = resources
    .filter(({ type }) => type in importIds || type === "pulumi:pulumi:Stack")
    .map(({ urn }) => urn);
  return [...new Set([...released, ...imported(operations).map(({ urn }) => urn)])].flatMap((urn) => ["--target", urn]);
}

/** Types of what a release makes, changes and takes away. @internal a test compares them with the deployers' rights. */
export const releasedTypes: readonly string[] = Object.keys(importIds);

/**
 * Processes that hold a stack's lock in a self-managed backend, by the engine's error; none when it is another error.
 */
export function stackHolders(text: string): LockHolder[] {
  if (!/currently locked by/.test(text)) return [];
  return [...text.matchAll(/created by [^@\s]+@(\S+) \(pid (\d+)\)/g)].map(([, host, pid]) => ({
    host: host!,
    pid: Number(pid),
  }));
}
