/** What stands for "any text" where somebody chooses a name. */
export const probe = "probe";

/**
 * A text that both patterns match, as short as can be, with `probe` where a wildcard of both is free. Patterns are IAM's: `*` any text, `?` one character.
 * @returns undefined where no text matches both.
 */
export function witness(one: string, other: string): string | undefined {
  if (!/[*?]/.test(one)) return matches(other, one) ? one : undefined;
  if (!/[*?]/.test(other)) return matches(one, other) ? other : undefined;
  const dead = new Set<number>();
  const width = other.length + 1;
  const walk = (a: number, b: number, free: boolean): string | undefined => {
    if (a === one.length && b === other.length) return "";
    const state = (a * width + b) * 2 + (free ? 1 : 0);
    if (dead.has(state)) return undefined;
    const found = step(a, b, free);
    if (found === undefined) dead.add(state);
    return found;
  };
  const step = (a: number, b: number, free: boolean): string | undefined => {
    const left = one[a];
    const right = other[b];
    if (left === "*" && right === "*") {
      // Both free: a probe once, then on without either or both.
      const rest = walk(a + 1, b + 1, false) ?? walk(a + 1, b, true) ?? walk(a, b + 1, true);
      return rest === undefined ? undefined : free ? rest : probe + rest;
    }
    if (left === "*") {
      const skipped = walk(a + 1, b, free);
      if (skipped !== undefined) return skipped;
      return right === undefined ? undefined : after(right, walk(a, b + 1, false));
    }
    if (right === "*") {
      const skipped = walk(a, b + 1, free);
      if (skipped !== undefined) return skipped;
      return left === undefined ? undefined : after(left, walk(a + 1, b, false));
    }
    if (left === undefined || right === undefined) return undefined;
    if (left === "?" || right === "?" || left === right) return after(left === "?" ? right : left, walk(a + 1, b + 1, free));
    return undefined;
  };
  return walk(0, 0, false);
}

function after(char: string, rest: string | undefined): string | undefined {
  return rest === undefined ? undefined : (char === "?" ? "x" : char) + rest;
}

/** A text that a pattern matches. */
export function instance(pattern: string): string {
  return pattern.replace(/\*+/g, probe).replaceAll("?", "x");
}

const expressions = new Map<string, RegExp>();

/** Whether a pattern of IAM matches a text, letter case included. */
export function matches(pattern: string, text: string): boolean {
  if (pattern === "*" || pattern === text) return true;
  if (!/[*?]/.test(pattern)) return false;
  let expression = expressions.get(pattern);
  if (!expression) {
    const source = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&").replace(/\*/g, ".*").replace(/\?/g, ".");
    expressions.set(pattern, (expression = new RegExp(`^${source}$`, "s")));
  }
  return expression.test(text);
}
