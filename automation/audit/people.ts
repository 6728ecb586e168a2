import { ObjectStore } from "../../aws/s3";
import type { AwsSession } from "../../aws/session";
import type { StackOutputs } from "../../contract/outputs";
import type { LogEntry } from "../../records/log/entry";
import { forget, isMeant, namedPeople, type Named } from "../../records/people";
import { UserError } from "../errors";

/** Everybody whom digests of the environment's log stand for, by digest. */
export async function namesOf(session: AwsSession, { artifactsBucket }: StackOutputs): Promise<Map<string, Named>> {
  const people = await namedPeople(new ObjectStore(session), artifactsBucket);
  return new Map(people.map((person) => [person.digest, person]));
}

/** An entry with names in the place of digests, as far as they are known. */
export function withNames(entry: LogEntry, names: ReadonlyMap<string, Named>): LogEntry {
  const text = JSON.stringify(entry).replace(/\b(user|session|address|email):[0-9a-f]{32}\b/g, (digest) => {
    const name = names.get(digest)?.value;
    // As it stands within a text of JSON.
    return name === undefined ? digest : JSON.stringify(name).slice(1, -1);
  });
  return JSON.parse(text) as LogEntry;
}

/**
 * Forgets somebody: what digests stand for, with all versions of it. Entries stay, and the log holds.
 * @param person ARN, name of a user or a session, address, e-mail, or digest.
 * @returns how many digests nobody can resolve any more.
 * @throws UserError where nobody of that name is known.
 */
export async function erasePerson(
  session: AwsSession,
  { artifactsBucket, environment }: StackOutputs,
  person: string,
): Promise<number> {
  const store = new ObjectStore(session);
  const meant = (await namedPeople(store, artifactsBucket)).filter((one) => isMeant(one, person));
  if (meant.length === 0)
    throw new UserError(
      `The log of ${environment} knows nobody called ${person}.`,
      "Give an ARN, the name of a user or a session, an address, an e-mail address, or a digest as entries have it. Who was erased before is not known any more.",
    );
  await forget(
    store,
    artifactsBucket,
    meant.map(({ digest }) => digest),
  );
  return meant.length;
}
