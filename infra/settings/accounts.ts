import type { Reader } from "./reader";

const accountId = /^\d{12}$/;

/** How the environments lie over AWS accounts: all in one, or each in its own. */
export interface AccountsSettings {
  /** Accounts that read approved packages, their archives and images here. For the registry's environment. */
  readonly readers: readonly string[];
  /** Account whose repository holds the image; undefined for the environment's own. */
  readonly image: string | undefined;
}

export function readAccounts(read: Reader): AccountsSettings {
  return {
    readers: read.list("peregrine:readerAccountIds", accountId, "12-digit account ids"),
    image: read.optional("peregrine:imageAccountId", accountId, "a 12-digit account id"),
  };
}
