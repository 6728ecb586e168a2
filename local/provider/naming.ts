import { createHash } from "node:crypto";

/** Random characters that Pulumi puts behind a logical name. */
const randomLength = 7;

/** How the engine wants a name made (`pulumi:autonaming` in the project's configuration). */
export interface Autonaming {
  readonly mode: "propose" | "enforce" | "disable";
  readonly proposedName: string;
}

/** Why no name could be made; becomes a failure of Check. */
export class NameProblem extends Error {}

/**
 * `<logical>-<7 hex>`, the same for the same seed.
 * @param seed random bytes of the engine, kept for a resource over preview and update.
 * @param limit most characters AWS takes.
 * @throws NameProblem when logical name and random part do not fit.
 */
export function makeName(logical: string, seed: Uint8Array | string, limit: number, autonaming?: Autonaming): string {
  if (autonaming?.mode === "disable") throw new NameProblem("automatic naming is disabled: give the resource a name");
  if (autonaming?.proposedName) return autonaming.proposedName;
  const prefix = `${logical}-`;
  if (prefix.length + randomLength > limit) {
    throw new NameProblem(
      `name '${prefix}' plus ${randomLength} random chars is longer than maximum length ${limit}, please provide an explicit name or a shorter logical name`,
    );
  }
  return prefix + hex(seed, randomLength);
}

/** Hexadecimal digits that depend on the seed only. */
export function hex(seed: Uint8Array | string, length: number): string {
  return createHash("sha256").update(seed).digest("hex").slice(0, length);
}

/** The last part of a URN: the logical name. */
export const logicalName = (urn: string): string => urn.slice(urn.lastIndexOf("::") + 2);

/** The type token of a URN, without its parents. */
export function urnType(urn: string): string {
  const qualified = urn.split("::")[2] ?? "";
  return qualified.slice(qualified.lastIndexOf("$") + 1);
}
