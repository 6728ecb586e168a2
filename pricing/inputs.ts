/** Stands for text that a preview does not know yet; what the engine writes for unknown values of any type. */
export const unknownText = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
/** The same for booleans, numbers, lists and objects (pulumi/sdk/go/common/resource/plugin/rpc.go). */
const unknownValues = [
  unknownText,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
];

/** An input on which the price depends, and which is not known before the update, or not set at all. */
export class UnknownInput extends Error {
  constructor(
    readonly path: string,
    why = "is not known before the update",
  ) {
    super(`${path} ${why}`);
  }
}

/** Whether a preview does not know a value yet. */
export function isUnknownValue(value: unknown): boolean {
  return typeof value === "string" && unknownValues.includes(value);
}

/**
 * Inputs of a resource, or a part of them, read with their path: whoever touches an unknown value learns which it was.
 */
export class Inputs {
  constructor(
    private readonly values: Readonly<Record<string, unknown>>,
    private readonly path = "",
  ) {}

  has(name: string): boolean {
    return this.read(name) !== undefined;
  }

  /** @throws UnknownInput when it is unknown or absent. */
  text(name: string): string {
    const text = this.optionalText(name);
    if (text === undefined) throw new UnknownInput(this.at(name), "is not set");
    return text;
  }

  /** @throws UnknownInput when it is unknown. */
  optionalText(name: string): string | undefined {
    const value = this.read(name);
    return value === undefined ? undefined : String(value);
  }

  /** @throws UnknownInput when it is unknown or no number. */
  number(name: string, otherwise?: number): number {
    const value = this.read(name) ?? otherwise;
    const number = typeof value === "string" ? Number(value) : value;
    if (typeof number !== "number" || !Number.isFinite(number))
      throw new UnknownInput(this.at(name), value === undefined ? "is not set" : "is not a number");
    return number;
  }

  flag(name: string): boolean {
    return String(this.read(name) ?? false) === "true";
  }

  /** Empty when it is absent. */
  object(name: string): Inputs {
    return new Inputs((this.read(name) ?? {}) as Record<string, unknown>, this.at(name));
  }

  /** Elements that are objects; none when it is absent. */
  objects(name: string): Inputs[] {
    return this.list(name).map(
      (element, index) => new Inputs(element as Record<string, unknown>, `${this.at(name)}[${index}]`),
    );
  }

  /** Elements that are text; none when it is absent. @throws UnknownInput when one is unknown. */
  texts(name: string): string[] {
    return this.list(name).map((element, index) => {
      if (isUnknownValue(element)) throw new UnknownInput(`${this.at(name)}[${index}]`);
      return String(element);
    });
  }

  /** How many elements: that is known even while the elements are not. */
  count(name: string): number {
    return this.list(name).length;
  }

  private list(name: string): readonly unknown[] {
    return (this.read(name) ?? []) as readonly unknown[];
  }

  private read(name: string): unknown {
    const value = this.values[name];
    if (isUnknownValue(value)) throw new UnknownInput(this.at(name));
    // Providers write what is not set as nothing or as empty text.
    return value === null || value === "" ? undefined : value;
  }

  private at(name: string): string {
    return this.path ? `${this.path}.${name}` : name;
  }
}

/** A value that may be unknown, where there is a way without it. */
export function optional<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof UnknownInput) return undefined;
    throw error;
  }
}
