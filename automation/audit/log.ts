import { publicKeyOf, signMessage } from "../../aws/kms";
import { ObjectStore } from "../../aws/s3";
import { Queues } from "../../aws/sqs";
import { ParameterStore } from "../../aws/ssm";
import type { StackOutputs } from "../../contract/outputs";
import { ledgerKey, logPrefix, withoutSlash } from "../../contract/places";
import type { LedgerEntry } from "../../records/chain";
import { TransparencyLog } from "../../records/log/log";
import { LogKey } from "../../records/log/note";
import { BucketCopy } from "../../records/log/locked";
import { NeighbourWitness } from "../../records/log/outside";
import { LogWitness } from "../../records/log/witness";
import { ledgerOf } from "../release/history";
import type { Environment } from "../stack/environment";

type Target = Pick<Environment, "name" | "session">;

/** An environment's log, named by where it lies. */
export async function logOf({ name, session }: Target, outputs: StackOutputs): Promise<TransparencyLog> {
  const { artifactsBucket: bucket, auditBucket, logKeyArn, logHeadParameter } = outputs;
  const parameters = new ParameterStore(session);
  const store = new ObjectStore(session);
  return new TransparencyLog({
    store,
    bucket,
    prefix: logPrefix,
    key: new LogKey(`${bucket}/${withoutSlash(logPrefix)}`, await publicKeyOf(session, logKeyArn)),
    sign: (text) => signMessage(session, logKeyArn, text),
    witness: new LogWitness(parameters, name, logHeadParameter),
    outside: new NeighbourWitness(parameters, new Queues(session), name),
    locked: auditBucket === undefined ? undefined : new BucketCopy(store, auditBucket, logPrefix),
  });
}

/**
 * Takes the ledger's entries over into the log, as far as they are not there: those of years, or the one that was just
 * written. What cannot be taken over now is so with the next one.
 * @param report is told why it could not be.
 */
export async function takeOverLedger(
  target: Target,
  outputs: StackOutputs,
  report: (sentence: string) => void,
): Promise<void> {
  try {
    const log = await logOf(target, outputs);
    const entries = await ledgerOf(target, outputs).entries();
    let known = entries.length;
    while (known > 0 && (await log.indexOf(idOf(entries[known - 1]!))) === undefined) known -= 1;
    await log.append(
      entries.slice(known).map((entry) => {
        const { at, by, kind, subject, body } = entry;
        return { id: idOf(entry), at, by, kind, subject, body };
      }),
    );
  } catch (error) {
    report(`the log could not take over the ledger's last entries, the next one will: ${(error as Error).message}`);
  }
}

/** Ledger lines are known by their hashes, which cover all before them. */
function idOf({ hash }: Pick<LedgerEntry, "hash">): string {
  return `${ledgerKey}#${hash}`;
}
