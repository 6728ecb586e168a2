/** What stands for "any text" where somebody chooses a name. */
export const probe = "probe";

/**
 * A text that all patterns match, with `probe` where the wildcards of all are free. Patterns are IAM's: `*` any text,
 * `?` one character.
 * @returns undefined where no text matches them all.
 */
export function commonMatch(...patterns: readonly string[]): string | undefined {
  return textOf(patterns, false);
}

/**
 * Texts that all patterns match: a short one, and one in which wildcards stand for more, since a Deny may name the
 * short one alone.
 */
export function commonMatches(...patterns: readonly string[]): readonly string[] {
  const key = patterns.join("\n");
  let found = known.get(key);
  if (!found) {
    if (known.size >= maxKnown) known.clear();
    known.set(
      key,
      (found = [...new Set([textOf(patterns, false), textOf(patterns, true)].filter((text) => text !== undefined))]),
    );
  }
  return found;
}

const known = new Map<string, readonly string[]>();
/** The same patterns meet again for every session; the memory starts anew rather than grow without end. */
const maxKnown = 200_000;

function textOf(patterns: readonly string[], long: boolean): string | undefined {
  const exact = patterns.find((pattern) => !/[*?]/.test(pattern));
  if (exact !== undefined) return patterns.every((pattern) => matches(pattern, exact)) ? exact : undefined;
  const dead = new Set<string>();
  // `placed`: a probe stands here already, so that wildcards side by side bring one.
  const walk = (at: readonly number[], placed: boolean): string | undefined => {
    if (at.every((position, index) => position === patterns[index]!.length)) return "";
    const state = `${at.join(",")}${placed ? "!" : ""}`;
    if (dead.has(state)) return undefined;
    const found = step(at, placed);
    if (found === undefined) dead.add(state);
    return found;
  };
  const step = (at: readonly number[], placed: boolean): string | undefined => {
    const next = at.map((position, index) => patterns[index]![position]);
    const past = (index: number): number[] => at.map((position, other) => (other === index ? position + 1 : position));
    if (next.every((char) => char === "*") && !placed) {
      const rest = walk(at, true);
      return rest === undefined ? undefined : probe + rest;
    }
    if (next.every((char) => char === "*")) {
      const all = walk(
        at.map((position) => position + 1),
        placed,
      );
      if (all !== undefined) return all;
    }
    const skip = (): string | undefined => {
      for (const [index, char] of next.entries()) {
        const skipped = char === "*" ? walk(past(index), placed) : undefined;
        if (skipped !== undefined) return skipped;
      }
      return undefined;
    };
    // One character that every pattern takes: a wildcard takes any and stays where it is.
    const take = (): string | undefined => {
      const chars = next.filter((char) => char !== "*" && char !== "?");
      if (next.every((char) => char === "*") || chars.includes(undefined) || new Set(chars).size > 1) return undefined;
      const rest = walk(
        at.map((position, index) => (next[index] === "*" ? position : position + 1)),
        false,
      );
      return rest === undefined ? undefined : (chars[0] ?? "x") + rest;
    };
    return long ? (take() ?? skip()) : (skip() ?? take());
  };
  return walk(
    patterns.map(() => 0),
    false,
  );
}

/** A text that a pattern matches. */
export function exampleOf(pattern: string): string {
  return pattern.replace(/\*+/g, probe).replaceAll("?", "x");
}

const expressions = new Map<string, RegExp>();

/** Whether a pattern of IAM matches a text, letter case included. */
export function matches(pattern: string, text: string): boolean {
  if (pattern === "*" || pattern === text) return true;
  if (!/[*?]/.test(pattern)) return false;
  let expression = expressions.get(pattern);
  if (!expression) {
    const source = pattern
      .replace(/[.+^${}()|[\]\\]/g, "\\$&")
      .replace(/\*/g, ".*")
      .replace(/\?/g, ".");
    expressions.set(pattern, (expression = new RegExp(`^${source}$`, "s")));
  }
  return expression.test(text);
}
