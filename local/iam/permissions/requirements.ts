import type { Call, Requirement } from "../../call";
import type { Members } from "../../members";
import type { Service } from "../../service";

/**
 * Tables of what the operations of services behind the local cloud require. Resources are relative ARNs: where region
 * and account are left out (`arn:aws:ssm:::parameter/x`) the authoriser puts in its own.
 */
export type Permissions = NonNullable<Service["permissions"]>;
export type Permission = (input: Members, call: Call) => Requirement[];
export type Context = Record<string, string | readonly string[]>;

/** A requirement; a context without entries is left out. */
export function need(action: string, resource: string, context: Context = {}): Requirement {
  return Object.keys(context).length > 0 ? { action, resource, context } : { action, resource };
}

/** One entry for each of the operations (separated by spaces), made from its name. */
export function each(operations: string, make: (operation: string) => Permission): Record<string, Permission> {
  return Object.fromEntries(
    operations
      .trim()
      .split(/\s+/)
      .map((operation) => [operation, make(operation)]),
  );
}

/** The entries whose value is present, as text. */
export function given(entries: Readonly<Record<string, unknown>>): Context {
  return Object.fromEntries(
    Object.entries(entries)
      .filter(([, value]) => value !== undefined && value !== null)
      .map(([key, value]) => [key, Array.isArray(value) ? value.map(String) : String(value)]),
  );
}

/** `iam:PassRole` for a role handed to a service. */
export function passRole(role: unknown, service: string): Requirement[] {
  return typeof role === "string" && role ? [need("iam:PassRole", role, { "iam:PassedToService": service })] : [];
}
