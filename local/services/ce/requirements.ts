import type { Call, Requirement } from "../../call";

/** Cost Explorer's operations know no resource but billing views, which nobody has here. */
export const anywhere = (_input: unknown, { operation }: Call): Requirement[] => [
  { action: `ce:${operation}`, resource: "*" },
];
