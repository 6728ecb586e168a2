/**
 * Patterns of the service models are Java regular expressions. Almost all mean the same in JavaScript; these do not
 * compile, or silently mean something else (POSIX classes, \A \z anchors, inline flags, a stray quantifier).
 */
const posix: Readonly<Record<string, string>> = {
  Alnum: "A-Za-z0-9",
  Alpha: "A-Za-z",
  Digit: "0-9",
  Lower: "a-z",
  Upper: "A-Z",
  Space: "\\s",
  Blank: " \\t",
  Punct: "!-\\/:-@\\[-`{-~",
  Print: "\\x20-\\x7E",
  Graph: "\\x21-\\x7E",
  XDigit: "A-Fa-f0-9",
  Cntrl: "\\x00-\\x1F\\x7F",
  ASCII: "\\x00-\\x7F",
};
const posixName = Object.keys(posix).join("|");

/** Compiles a model's pattern to a whole-string match. @returns undefined when JavaScript cannot express it. */
export function compilePattern(pattern: string): RegExp | undefined {
  let flags = "";
  const source = pattern
    .replace(/^\(\?([ims]+)\)/, (_match, given: string) => {
      flags += given;
      return "";
    })
    .replace(/\\A|\\z|\\Z/g, "")
    // "{1,128}${1,128}" occurs in one published pattern; the dollar was never meant.
    .replace(/\$\{\d+(,\d*)?\}/g, "")
    .replace(
      new RegExp(`\\[((?:[^\\]\\\\]|\\\\.)*?)\\\\p\\{(${posixName})\\}`, "g"),
      (_match, before: string, name: string) => `[${before}${posix[name]}`,
    )
    .replace(new RegExp(`\\\\p\\{(${posixName})\\}`, "g"), (_match, name: string) => `[${posix[name]}]`)
    .replace(/\\p\{(?:Is)?(L|Lu|Ll|N|Nd|Z|Zs|P|S|M|C)\}/g, "\\p{$1}");
  // Unicode mode knows \p{L}; some patterns escape characters that Unicode mode does not allow to be escaped.
  for (const mode of ["u", ""]) {
    if (mode === "" && /\\p\{/.test(source)) return undefined;
    try {
      return new RegExp(`^(?:${source})$`, flags + mode);
    } catch {
      continue;
    }
  }
  return undefined;
}
