import { ObjectStore } from "../../aws/s3";
import { ParameterStore } from "../../aws/ssm";
import { Ledger, LedgerBroken } from "../../records/ledger";
import { ledgerKey } from "../../contract/places";
import { HeadDamaged, LedgerHead } from "../../records/ledger-head";
import { AmbiguousRelease, findRelease, type RecordedRelease, listReleases } from "../../records/release";
import { UserError } from "../errors";
import type { Environment } from "../stack/environment";
import type { StackOutputs } from "../../contract/outputs";

/** An environment's ledger, with its head noted in the Parameter Store. */
export function ledgerOf(
  { name, session }: Pick<Environment, "name" | "session">,
  { artifactsBucket, ledgerHeadParameter }: StackOutputs,
): Ledger {
  return new Ledger(
    new ObjectStore(session),
    artifactsBucket,
    new LedgerHead(new ParameterStore(session), name, ledgerHeadParameter),
  );
}

/** All attempts to release in an environment, oldest first. */
export async function releasesOf(environment: Environment): Promise<RecordedRelease[]> {
  const outputs = await environment.outputs();
  return listReleases(ledgerOf(environment, outputs), environment.name).catch((error: unknown) => {
    if (error instanceof LedgerBroken)
      throw new UserError(
        error.message,
        `Compare with the earlier versions of s3://${outputs.artifactsBucket}/${ledgerKey}, put the last whole one back, and tell the auditor (docs/runbooks/stuck-release.md).`,
        { cause: error },
      );
    if (error instanceof HeadDamaged)
      throw new UserError(error.message, `Tell the auditor; then have it noted anew: docs/runbooks/stuck-release.md.`, {
        cause: error,
      });
    throw error;
  });
}

/** The release that somebody names. @throws UserError when it is none, or several. */
export function named(releases: readonly RecordedRelease[], text: string, environment: string): RecordedRelease {
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
