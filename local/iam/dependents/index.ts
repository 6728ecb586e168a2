import { machineLearningDependents } from "./machine-learning";
import { messageDependents } from "./messages";
import { storageDependents } from "./storage";
import type { DependentRule, DependentTable } from "./table";
import { trailDependents } from "./trails";

/** Every operation that asks for rights in other services. */
export const dependents: DependentTable = {
  ...storageDependents,
  ...messageDependents,
  ...machineLearningDependents,
  ...trailDependents,
};

/** The rule of an operation. */
export function dependentOf(service: string, operation: string): DependentRule | undefined {
  return dependents[`${service}:${operation}`];
}
