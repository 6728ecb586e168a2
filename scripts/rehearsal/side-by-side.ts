import type { OnProgress } from "./rehearsal";
import type { Facts } from "./summary";

/**
 * Two things that do not touch each other, such as in two environments, which have locks of their own. Both to their
 * ends, whatever becomes of the other: each puts back what it changed.
 */
export async function sideBySide<Names extends string>(
  onProgress: OnProgress,
  actions: Readonly<Record<Names, (onProgress: OnProgress) => Promise<Facts>>>,
): Promise<Facts[]> {
  const said = new Map<string, string>();
  const outcomes = await Promise.allSettled(
    Object.entries<(onProgress: OnProgress) => Promise<Facts>>(actions).map(([name, action]) =>
      action((text) => {
        said.set(name, text);
        onProgress([...said].map(([where, what]) => `${where}: ${what}`).join("; "));
      }),
    ),
  );
  return outcomes.map((outcome) => {
    if (outcome.status === "rejected") throw outcome.reason;
    return outcome.value;
  });
}

/** The facts of things that are done side by side, together. */
export async function beside<Names extends string>(
  ...[onProgress, actions]: Parameters<typeof sideBySide<Names>>
): Promise<Facts> {
  return Object.assign({}, ...(await sideBySide(onProgress, actions))) as Facts;
}

/** Facts under a name of their own, beside others that are called the same. */
export function named(name: string, facts: Facts): Facts {
  return Object.fromEntries(Object.entries(facts).map(([fact, value]) => [`${name} ${fact}`, value]));
}
