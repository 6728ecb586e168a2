import { machineLearningDependents } from "./machine-learning";
import { messageDependents } from "./messages";
import { storageDependents } from "./storage";
import type { DependentRule, DependentTable } from "./table";
import { trailDependents } from "./trails";

/** Every operation that asks for rights in other services. */
export const dependents: DependentTable = { ...storageDependents, ...messageDependents, ...machineLearningDependents, ...trailDependents };

const byService = new Map<string, Map<string, DependentRule>>();
for (const [name, rule] of Object.entries(dependents)) {
  const [service = "", operation = ""] = name.split(":");
  if (!byService.has(service)) byService.set(service, new Map());
  byService.get(service)!.set(operation, rule);
}

/** The rule of an operation. */
export function dependentOf(service: string, operation: string): DependentRule | undefined {
  return byService.get(service)?.get(operation);
}
