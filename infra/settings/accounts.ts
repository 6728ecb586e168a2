import { list, optional, type Values } from "./setting";

const accountId = /^\d{12}$/;

export const accountsSettings = {
  readerAccountIds: list(accountId, "12-digit account ids", {
    meaning:
      "In the registry's environment, ids of the AWS accounts whose environments take releases from it; they may read packages, their archives and the image.",
    example: "123456789012",
  }),
  imageAccountId: optional(accountId, "a 12-digit account id", {
    meaning:
      "Id of the AWS account whose repository `peregrine-ml` holds the image; empty for the environment's own account.",
    example: "123456789012",
  }),
};

/** How the environments lie over AWS accounts: all in one, or each in its own. */
export interface AccountsSettings {
  /** Accounts that read approved packages, their archives and images here. For the registry's environment. */
  readonly readers: readonly string[];
  /** Account whose repository holds the image; undefined for the environment's own. */
  readonly image: string | undefined;
}

export function accountsOf(values: Values<typeof accountsSettings>): AccountsSettings {
  return { readers: values.readerAccountIds, image: values.imageAccountId };
}
