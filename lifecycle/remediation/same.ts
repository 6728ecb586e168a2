/**
 * Whether two policy documents, or two alarms, say the same: the order of lists and of members counts no more than
 * whether one action is a text or a list of one (IAM user guide, "Grammar of the IAM JSON policy language").
 */
export function saysTheSame(one: unknown, other: unknown): boolean {
  return plain(one) === plain(other);
}

/** Whether two policy documents say the same. A text that is no JSON is no document. */
export function sameDocument(one: string | undefined, other: string | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  const [first, second] = [read(one), read(other)];
  return first !== undefined && second !== undefined && saysTheSame(first, second);
}

function read(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function plain(value: unknown): string {
  if (Array.isArray(value)) {
    const items = value.map(plain).sort();
    return items.length === 1 ? items[0]! : `[${items.join()}]`;
  }
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "";
  return `{${Object.entries(value)
    .filter(([, held]) => held !== undefined)
    .map(([name, held]) => `${JSON.stringify(name)}:${plain(held)}`)
    .sort()
    .join()}}`;
}
