import { type Join, join, type Value } from "./expressions";

/** Something that becomes JSON; what only a run knows stands for the text of a string. */
export type JsonTemplate = Value | readonly JsonTemplate[] | { readonly [name: string]: JsonTemplate };

/**
 * A template as JSON in one text. What a run fills in is not escaped: it must be of characters that need none, as what
 * the registry keeps (`contract/metadata-value.ts`), ARNs, S3 URIs and numbers are.
 */
export function jsonText(template: JsonTemplate): Join {
  const parts: Value[] = [];
  const write = (part: Value): void => {
    const last = parts.at(-1);
    if (typeof part === "string" && typeof last === "string") parts[parts.length - 1] = last + part;
    else parts.push(part);
  };
  const walk = (value: JsonTemplate): void => {
    if (isList(value)) return inside("[", value, walk, "]");
    if (typeof value !== "object") return write(JSON.stringify(value));
    if (isExpression(value)) {
      write('"');
      expression(value);
      return write('"');
    }
    inside(
      "{",
      Object.entries(value as Record<string, JsonTemplate>),
      ([name, member]) => {
        write(`${JSON.stringify(name)}:`);
        walk(member);
      },
      "}",
    );
  };
  /** A join within the text is what it joins. */
  const expression = (value: Value): void => {
    if (typeof value !== "object" || !("Std:Join" in value)) return write(value);
    value["Std:Join"].Values.forEach((one, index) => {
      if (index > 0) write(value["Std:Join"].On);
      expression(one);
    });
  };
  const inside = <Item>(open: string, items: readonly Item[], each: (item: Item) => void, close: string): void => {
    write(open);
    items.forEach((item, index) => {
      if (index > 0) write(",");
      each(item);
    });
    write(close);
  };
  walk(template);
  return join("", ...parts);
}

const isList = (value: JsonTemplate): value is readonly JsonTemplate[] => Array.isArray(value);

function isExpression(value: object): value is Exclude<Value, string | number | boolean> {
  return "Get" in value || "Std:Join" in value || "Std:JsonGet" in value;
}
