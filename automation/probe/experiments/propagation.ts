import { keyFate, createKey, nameKey } from "../../../aws/kms";
import { isDenied } from "../../../aws/session";
import { type Bench, policy } from "../bench";
import { held, refuted } from "../answer";
import type { Experiment } from "../experiment";

/**
 * The longest that is believed, seconds: five minutes for an alias (KMS developer guide, "Controlling access to
 * aliases"), and a look later.
 */
const maxSeconds = { alias: 330, policy: 90 };

/** How late a new alias and a changed policy are known. */
export const propagation: Experiment = {
  name: "propagation",
  question:
    "How many seconds pass until kms:ResourceAliases knows a new alias, until a right given by a policy holds, and until one taken away is gone?",
  believed: "A new alias is known within five minutes, a changed policy within one.",
  minutes: 35,
  costs: [{ key: "kms.key", units: 0.05 }],
  async ask(bench) {
    const key = await createKey(bench.session, bench.accountOwns, bench.tags);
    const alias = `alias/${bench.name("key")}`;
    const describe = { Effect: "Allow", Action: "kms:DescribeKey", Resource: key };
    const byAlias = { ...describe, Condition: { "ForAnyValue:StringEquals": { "kms:ResourceAliases": alias } } };
    const role = bench.name("asks");
    const session = await bench.sessionThatMay("asks", [describe]);
    const may = () =>
      keyFate(session, key).then(
        () => true,
        (error: unknown) => (isDenied(error) ? false : Promise.reject(error as Error)),
      );
    if ((await secondsUntil(bench, 5, may, true)) === undefined)
      throw new Error("a new role may not do what its first policy says, after 5 minutes");
    const change = async (statements: readonly object[], allowed: boolean) => {
      await bench.roles.allow(role, policy(statements));
      return secondsUntil(bench, 5, may, allowed);
    };
    bench.step(
      "the role may look at a key without a name; leaves it the right on keys of one alias, which there is not",
    );
    const taken = await change([byAlias], false);
    bench.step("names the key");
    await nameKey(bench.session, key, bench.name("key"));
    const named = await secondsUntil(bench, 10, may, true);
    bench.step("takes the right away, and gives it back without the alias");
    const gone = await change([{ ...describe, Effect: "Deny" }], false);
    const given = await change([describe], true);
    const words = `alias: ${inWords(named)}; a right given: ${inWords(given)}; a right taken away: ${inWords(taken)}, and ${inWords(gone)}`;
    const within =
      [named].every((seconds) => seconds !== undefined && seconds <= maxSeconds.alias) &&
      [taken, gone, given].every((seconds) => seconds !== undefined && seconds <= maxSeconds.policy);
    return within ? held(words) : refuted(words);
  },
};

/** Seconds until the answer is this one; undefined when it is another after the minutes. */
function secondsUntil(
  bench: Bench,
  minutes: number,
  ask: () => Promise<boolean>,
  answer: boolean,
): Promise<number | undefined> {
  const watch = bench.watch();
  return bench.until(minutes, async () => ((await ask()) === answer ? watch() : undefined));
}

function inWords(seconds: number | undefined): string {
  return seconds === undefined ? "not within the minutes that it was waited for" : `${seconds.toFixed(0)} s`;
}
