/** Calls that are under way at a time where none is named. */
const usual = 16;

/**
 * Does something with each item, so many at a time: quicker than one after the other, and no service is flooded.
 * @returns what comes of each, in the order of the items.
 * @throws what the first throws that fails.
 */
export async function atATime<Item, Result>(
  items: Iterable<Item>,
  work: (item: Item) => Promise<Result>,
  most = usual,
): Promise<Result[]> {
  const results: Result[] = [];
  const waiting = [...items].entries();
  await Promise.all(
    Array.from({ length: most }, async () => {
      for (const [index, item] of waiting) results[index] = await work(item);
    }),
  );
  return results;
}
