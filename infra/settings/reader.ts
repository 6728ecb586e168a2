/** What is wrong with one setting. */
export interface Problem {
  readonly propertyPath: string;
  readonly reason: string;
}

/**
 * Reads raw configuration and gathers problems instead of stopping at the first: a read that fails notes why and answers a
 * harmless value, which nobody sees because settings with problems are thrown away.
 */
export class Reader {
  readonly problems: Problem[] = [];
  private readonly known = new Set<string>();

  constructor(private readonly config: Readonly<Record<string, string>>) {}

  problem(propertyPath: string, reason: string): void {
    this.problems.push({ propertyPath, reason });
  }

  stackName<Name extends string>(stack: string, names: readonly Name[]): Name {
    if (!(names as readonly string[]).includes(stack))
      this.problem("stack", `is called ${stack}; it must be one of ${names.join(", ")}`);
    return stack as Name;
  }

  /** A setting that must be there and match. @param what says in words what matches. */
  text(key: string, pattern: RegExp, what: string): string {
    const value = this.raw(key);
    if (value === undefined) this.problem(key, `is missing; expected ${what}`);
    else if (!pattern.test(value)) this.problem(key, `is ${JSON.stringify(value)}; expected ${what}`);
    return value ?? "";
  }

  /** A setting that may be absent or empty. */
  optional(key: string, pattern = /./, what = "text"): string | undefined {
    const value = this.raw(key);
    if (!value) return undefined;
    if (!pattern.test(value)) this.problem(key, `is ${JSON.stringify(value)}; expected ${what}`);
    return value;
  }

  oneOf<Value>(
    key: string,
    allowed: readonly string[],
    convert: (text: string) => Value,
    what = `one of ${allowed.join(", ")}`,
  ): Value {
    const value = this.raw(key);
    if (value === undefined) this.problem(key, `is missing; expected ${what}`);
    else if (!allowed.includes(value)) this.problem(key, `is ${JSON.stringify(value)}; expected ${what}`);
    return convert(value ?? allowed[0]!);
  }

  boolean(key: string): boolean {
    return this.oneOf(key, ["true", "false"], (text) => text === "true");
  }

  integer(key: string, min: number, max: number): number {
    return this.within(key, min, max, `a whole number from ${min} to ${max}`, (text) => /^-?\d+$/.test(text));
  }

  number(key: string, min: number, max: number): number {
    return this.within(key, min, max, `a number from ${min} to ${max}`, (text) =>
      /^-?(\d+\.?\d*|\.\d+)(e-?\d+)?$/i.test(text),
    );
  }

  /** Some of the allowed words, comma-separated, each once. */
  choices(key: string, allowed: readonly string[]): string[] {
    const words = (this.raw(key) ?? "")
      .split(",")
      .map((word) => word.trim())
      .filter(Boolean);
    const wrong = words.filter((word, index) => !allowed.includes(word) || words.indexOf(word) < index);
    if (wrong.length > 0 || words.length === 0)
      this.problem(
        key,
        `is ${JSON.stringify(this.raw(key) ?? "")}; expected some of ${allowed.join(", ")}, each once, comma-separated`,
      );
    return words;
  }

  /** A list, which the engine hands over as JSON. */
  list(key: string, pattern: RegExp, what: string): string[] {
    const text = this.raw(key);
    if (!text) return [];
    const values = parseList(text);
    if (!values) this.problem(key, `is ${JSON.stringify(text)}; expected a list of ${what}`);
    values?.forEach((value, index) => {
      if (!pattern.test(value)) this.problem(`${key}[${index}]`, `is ${JSON.stringify(value)}; expected ${what}`);
    });
    return values ?? [];
  }

  /** A misspelt key would otherwise be ignored in silence. */
  rejectUnknown(namespace: string): void {
    for (const key of Object.keys(this.config))
      if (key.startsWith(namespace) && !this.known.has(key))
        this.problem(key, "is not a setting; the settings are listed in Pulumi.yaml");
  }

  private raw(key: string): string | undefined {
    this.known.add(key);
    return this.config[key];
  }

  private within(key: string, min: number, max: number, what: string, wellFormed: (text: string) => boolean): number {
    const text = this.raw(key);
    const value = Number(text);
    if (text === undefined) this.problem(key, `is missing; expected ${what}`);
    else if (!wellFormed(text) || value < min || value > max)
      this.problem(key, `is ${JSON.stringify(text)}; expected ${what}`);
    return value;
  }
}

function parseList(text: string): string[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value.map(String) : undefined;
  } catch {
    return undefined;
  }
}
