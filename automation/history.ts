import { ObjectStore } from "../aws/s3";
import { Ledger, LedgerBroken, ledgerKey } from "../records/ledger";
import { AmbiguousRelease, findRelease, type KeptRelease, listReleases } from "../records/release";
import { UserError } from "./errors";
import type { Environment } from "./workspace";

/** All attempts to release in an environment, oldest first. */
export async function releasesOf(environment: Environment): Promise<KeptRelease[]> {
  const { artifactsBucket } = await environment.outputs();
  return listReleases(new Ledger(new ObjectStore(environment.session), artifactsBucket), environment.name).catch((error: unknown) => {
    if (!(error instanceof LedgerBroken)) throw error;
    throw new UserError(error.message, `Compare with the earlier versions of s3://${artifactsBucket}/${ledgerKey}, put the last whole one back, and tell the auditor.`, { cause: error });
  });
}

/** The release that somebody names. @throws UserError when it is none, or several. */
export function named(releases: readonly KeptRelease[], text: string, environment: string): KeptRelease {
  const next = `See the releases: npx peregrine release list --stack ${environment}`;
  try {
    const found = findRelease(releases, text);
    if (!found) throw new UserError(`There is no release ${text} in ${environment}.`, next);
    return found;
  } catch (error) {
    if (error instanceof AmbiguousRelease) throw new UserError(error.message, "Name more of it.", { cause: error });
    throw error;
  }
}
