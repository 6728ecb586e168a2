/** Objects by class. Class names come from outside: a class may be called `constructor`. */
export type Counts = Readonly<Record<string, number>>;

/** Counts of names. */
export function countNames(names: readonly string[]): Counts {
  return sumCounts(names.map((name) => new Map([[name, 1]])));
}

/** Counts of several, added up. */
export function sumCounts(all: readonly (Counts | ReadonlyMap<string, number>)[]): Counts {
  const sums = new Map<string, number>();
  for (const counts of all)
    for (const [name, count] of counts instanceof Map ? counts : Object.entries(counts))
      sums.set(name, (sums.get(name) ?? 0) + count);
  return Object.fromEntries(sums);
}

/** What is more than before, by class. */
export function moreThan(before: Counts | undefined, now: Counts): Counts {
  const known = new Map(Object.entries(before ?? {}));
  return Object.fromEntries(
    Object.entries(now).flatMap(([name, count]) => {
      const more = count - (known.get(name) ?? 0);
      return more > 0 ? [[name, more]] : [];
    }),
  );
}

/** All objects, whatever their class. */
export function totalOf(counts: Counts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
