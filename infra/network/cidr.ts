/** A block of IPv4 addresses: `10.64.0.0/16`. */
export interface Cidr {
  /** First address, as a number. */
  readonly first: number;
  readonly prefix: number;
}

/** @returns undefined when the text is no block, or names an address inside one (10.64.0.1/16). */
export function parseCidr(text: string): Cidr | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  if (!match) return undefined;
  const [a, b, c, d, prefix] = match.slice(1).map(Number) as [number, number, number, number, number];
  if ([a, b, c, d].some((byte) => byte > 255) || prefix > 32) return undefined;
  const cidr = { first: ((a * 256 + b) * 256 + c) * 256 + d, prefix };
  return cidr.first % sizeOf(cidr) === 0 ? cidr : undefined;
}

export function formatCidr({ first, prefix }: Cidr): string {
  const bytes = [2 ** 24, 2 ** 16, 2 ** 8, 1].map((unit) => Math.floor(first / unit) % 256);
  return `${bytes.join(".")}/${prefix}`;
}

/** Number of addresses. */
export function sizeOf({ prefix }: Cidr): number {
  return 2 ** (32 - prefix);
}

/**
 * The `index`-th of the equal parts that a block falls into.
 * @param bits how often it is halved: 2 makes quarters. @throws RangeError when there is no such part.
 */
export function partOf(block: Cidr, bits: number, index: number): Cidr {
  const prefix = block.prefix + bits;
  if (prefix > 32 || index < 0 || index >= 2 ** bits)
    throw new RangeError(`${formatCidr(block)} has no part ${index} of ${2 ** bits}`);
  return { first: block.first + index * sizeOf({ first: 0, prefix }), prefix };
}

export function contains(outer: Cidr, inner: Cidr): boolean {
  return (
    inner.prefix >= outer.prefix &&
    inner.first >= outer.first &&
    inner.first + sizeOf(inner) <= outer.first + sizeOf(outer)
  );
}

export function overlaps(one: Cidr, other: Cidr): boolean {
  return contains(one, other) || contains(other, one);
}
