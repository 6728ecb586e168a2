import { namePrefix } from "../../contract/names";
import { aliasLagMs, isKeyOf } from "../../contract/keys";
import { keysNamed } from "../../aws/kms";
import { type AwsSession, isDenied } from "../../aws/session";
import { callerIdentity } from "../../aws/sts";
import { type FreshName, freshNames } from "../../lifecycle/key-names";
import { type Found, ok, warning } from "../doctor/finding";
import { patiently } from "../patience";

/** How long a command waits at most: the lag, and something for its own requests. Real time. */
const patienceMs = aliasLagMs + 30_000;
/** Of a service whose clock is a laptop's own, no look comes late. */
const pauses = { firstMs: 500, longestMs: 5_000 };

/** What says which environment's keys these are. */
interface Named {
  readonly name: string;
  readonly session: AwsSession;
}

/** Names of an environment's keys by which its roles' rights may still be refused. */
async function fresh({ name, session }: Named): Promise<FreshName[]> {
  const [names, { at }] = await Promise.all([keysNamed(session, namePrefix(name)), callerIdentity(session)]);
  return freshNames(
    names.filter(({ alias }) => isKeyOf(name, alias)),
    at,
  );
}

/** The doctor's look: an environment that is a few minutes old refuses what it will allow. */
export async function keyNamesLook(environment: Named): Promise<Found> {
  const [last, ...others] = await fresh(environment);
  if (!last) return ok("rights go by them");
  const names = [last, ...others].map(({ alias }) => `alias/${alias}`).join(", ");
  return warning(
    `${names} changed less than five minutes ago: roles may still be refused what they may do with the key`,
    `Wait until ${last.holdsFrom.toISOString()}; commands that use the key do.`,
  );
}

/**
 * Waits, in an environment that came up a moment ago, until its roles' rights on its keys hold: rights go by the keys' aliases, which IAM sees
 * up to five minutes late, and a job, a release or a signature before that is refused. Goes on at once where nobody may look at aliases.
 * @param onWait told once, when there is something to wait for.
 */
export async function untilKeyNamesHold(environment: Named, onWait: (sentence: string) => void): Promise<void> {
  let told = false;
  const tell = ([last]: FreshName[]): void => {
    if (!told)
      onWait(
        `the key alias/${last!.alias} got its name a moment ago; rights that go by it hold from ${last!.holdsFrom.toISOString()} on, which is waited for`,
      );
    told = true;
  };
  try {
    await patiently(
      () => fresh(environment),
      (names) => names.length === 0,
      patienceMs,
      tell,
      pauses,
    );
  } catch (error) {
    if (!isDenied(error)) throw error;
  }
}
