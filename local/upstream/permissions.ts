import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Service } from "../cloud";

/** The permission table of a service that moto serves. @returns undefined where the default (`<service>:<Operation>` on "*") is right. */
export function permissionsOf(service: string): Service["permissions"] {
  const file = join(__dirname, "..", "iam", "permissions", `${service}.ts`);
  if (!existsSync(file)) return undefined;
  return (require(file) as Readonly<Record<string, Service["permissions"]>>)[`${service}Permissions`];
}
