import { aliasLagMs } from "../contract/keys";

/** An alias of a key, without `alias/`, and when it was made or last led to another key. */
export interface KeyAlias {
  readonly alias: string;
  readonly changedAt?: Date;
}

/** An alias by which rights may still be refused, and from when on they hold. */
export interface RecentAlias {
  readonly alias: string;
  readonly holdsFrom: Date;
}

/**
 * Aliases that changed too short a time ago for rights to go by them, the one that takes longest first.
 * @param now the service's time. Whatever has no date is AWS's own, and old.
 */
export function recentAliases(aliases: readonly KeyAlias[], now: Date): RecentAlias[] {
  return aliases
    .flatMap(({ alias, changedAt }) =>
      changedAt ? [{ alias, holdsFrom: new Date(changedAt.getTime() + aliasLagMs) }] : [],
    )
    .filter(({ holdsFrom }) => holdsFrom > now)
    .sort((one, other) => other.holdsFrom.getTime() - one.holdsFrom.getTime());
}
