import { namePrefix } from "../../contract/names";
import { aliasLagMs, isKeyOf } from "../../contract/keys";
import { keysNamed } from "../../aws/kms";
import { type AwsSession, isDenied } from "../../aws/session";
import { callerIdentity } from "../../aws/sts";
import { type CheckResult, ok, warning } from "../../lifecycle/health/finding";
import { type RecentAlias, recentAliases } from "../../lifecycle/key-aliases";
import { poll } from "../poll";

/** How long a command waits at most: the lag, and something for its own requests. Real time. */
const timeoutMs = aliasLagMs + 30_000;
/** Where the lag is short, no poll comes late. */
const backoff = { firstMs: 500, maxMs: 5_000 };

/** The environment whose keys are asked about. */
interface KeyOwner {
  readonly name: string;
  readonly session: AwsSession;
}

/** Names of an environment's keys by which its roles' rights may still be refused. */
async function recent({ name, session }: KeyOwner): Promise<RecentAlias[]> {
  const [names, { at }] = await Promise.all([keysNamed(session, namePrefix(name)), callerIdentity(session)]);
  return recentAliases(
    names.filter(({ alias }) => isKeyOf(name, alias)),
    at,
  );
}

/** Whether rights go by the aliases: an environment that is a few minutes old refuses what it will allow. */
export async function keyAliasCheck(environment: KeyOwner): Promise<CheckResult> {
  const [last, ...others] = await recent(environment);
  if (!last) return ok("rights go by them");
  const names = [last, ...others].map(({ alias }) => `alias/${alias}`).join(", ");
  return warning(
    `${names} changed less than five minutes ago: roles may still be refused what they may do with the key`,
    `Wait until ${last.holdsFrom.toISOString()}; commands that use the key do.`,
  );
}

/**
 * Waits, in an environment that came up a moment ago, until its roles' rights on its keys hold: rights go by the keys'
 * aliases, which IAM sees up to five minutes late, and a job, a release or a signature before that is refused. Goes on
 * at once where nobody may look at aliases.
 * @param onWait told once, when there is something to wait for.
 */
export async function awaitKeyAliases(environment: KeyOwner, onWait: (sentence: string) => void): Promise<void> {
  let announced = false;
  const announce = ([last]: RecentAlias[]): void => {
    if (!announced)
      onWait(
        `the key alias/${last!.alias} got its name a moment ago; rights that go by it hold from ${last!.holdsFrom.toISOString()} on, which is waited for`,
      );
    announced = true;
  };
  try {
    await poll(
      () => recent(environment),
      (aliases) => aliases.length === 0,
      { timeoutMs, backoff, onWait: announce },
    );
  } catch (error) {
    if (!isDenied(error)) throw error;
  }
}
