/** A piece of an expression. */
export type Token = { readonly text: string; readonly at: number } & (
  | { readonly kind: "name"; readonly quoted: boolean }
  | { readonly kind: "string" | "number" | "operator" | "(" | ")" | "," }
);

const space = /\s+/y;
const operator = /<=|>=|!=|!~|==|<>|=|<|>|~/y;
const number = /[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;
/** Also names like `metrics.test_map50_light_night`, `lr/pg0`, `mlflow.user`. */
const name = /[\p{L}_][\p{L}\p{N}_./@:-]*/uy;
const synonyms: Readonly<Record<string, string>> = { "==": "=", "<>": "!=" };

/**
 * Cuts an expression. Texts stand in single quotes, names with other characters in double ones or backticks; a quote
 * inside is written twice.
 * @param fail told what is wrong, and where.
 */
export function tokensOf(text: string, fail: (at: number, problem: string) => never): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  };
  while (at < text.length) {
    const start = at;
    const blank = take(space);
    if (blank !== undefined) {
      at += blank.length;
      continue;
    }
    const character = text[at]!;
    if (character === "(" || character === ")" || character === ",") {
      tokens.push({ kind: character, text: character, at });
      at++;
      continue;
    }
    if (character === "'" || character === '"' || character === "`") {
      const { value, end } = quoted(text, at, fail);
      tokens.push(
        character === "'"
          ? { kind: "string", text: value, at: start }
          : { kind: "name", quoted: true, text: value, at: start },
      );
      at = end;
      continue;
    }
    const sign = take(operator);
    if (sign !== undefined) {
      tokens.push({ kind: "operator", text: synonyms[sign] ?? sign, at });
      at += sign.length;
      continue;
    }
    const digits = take(number);
    if (digits !== undefined) {
      at += digits.length;
      const tail = take(name);
      if (tail !== undefined)
        fail(
          start,
          `${digits}${tail} is neither a number nor a name; put names that begin with a digit in double quotes`,
        );
      tokens.push({ kind: "number", text: digits, at: start });
      continue;
    }
    const word = take(name);
    if (word === undefined) fail(at, `unexpected ${JSON.stringify(character)}`);
    tokens.push({ kind: "name", quoted: false, text: word, at });
    at += word.length;
  }
  return tokens;
}

function quoted(
  text: string,
  start: number,
  fail: (at: number, problem: string) => never,
): { readonly value: string; readonly end: number } {
  const quote = text[start]!;
  let value = "";
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] !== quote) value += text[at]!;
    else if (text[at + 1] === quote) value += text[at++]!;
    else return { value, end: at + 1 };
  }
  return fail(start, `a quote that opens here is not closed`);
}
