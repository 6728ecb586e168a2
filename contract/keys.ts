import { namePrefix } from "./names";

/**
 * Until a right that goes by a key's alias (`kms:ResourceAliases`) follows a change of the alias, milliseconds: "up to
 * five minutes" (KMS developer guide, "Controlling access to aliases").
 */
export const aliasLagMs = 5 * 60_000;

/** Aliases of an environment's keys, with their `alias/`. */
export function keyAliases(
  environment: string,
): Readonly<Record<"data" | "state" | "approvals" | "log" | "audit", string>> {
  const alias = `alias/${namePrefix(environment)}`;
  return {
    /** Of the key that encrypts the environment's data. */
    data: alias,
    /**
     * Of the key that encrypts the secrets in the stack's state (`pulumi stack init --secrets-provider
     * awskms://alias/...`); each stack has one of its own.
     */
    state: `${alias}-state`,
    /** Of the key that decisions about model packages are signed with. */
    approvals: `${alias}-approvals`,
    /** Of the key that checkpoints of the environment's log are signed with. */
    log: `${alias}-log`,
    audit: `${alias}-audit`,
  };
}

/** Whether an alias is one of the environment's. @param alias without its `alias/`. */
export function isKeyOf(environment: string, alias: string): boolean {
  const prefix = namePrefix(environment);
  return alias === prefix || alias.startsWith(`${prefix}-`);
}
