import { XMLParser } from "fast-xml-parser";
import type { Members } from "../members";
import { AwsError } from "../errors";
import type { Member } from "../model/shapes";
import { readScalar, writeScalar } from "./values";

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: "@",
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  ignoreDeclaration: true,
  removeNSPrefix: false,
});

type Node = string | { [name: string]: Node | Node[] };

/** Parses a document. @returns its root element's content. @throws AwsError MalformedXML. */
export function parseXml(text: string): Node {
  try {
    const parsed = parser.parse(text, true) as Record<string, Node>;
    const root = Object.keys(parsed).find((name) => !name.startsWith("?") && name !== "#text");
    if (root) return parsed[root]!;
  } catch {
    // Answered below, like a document without a root.
  }
  throw new AwsError(
    "MalformedXML",
    "The XML you provided was not well-formed or did not validate against our published schema",
  );
}

/** Members of an XML element by shape. */
export function readXml(node: Node, member: Member): unknown {
  const { shape } = member;
  switch (shape.type) {
    case "structure": {
      const read: Members = {};
      if (typeof node === "string") return read;
      for (const known of shape.members) {
        const found = node[(known.xmlAttribute ? "@" : "") + elementName(known)];
        if (found !== undefined) read[known.name] = readXml(found as Node, known);
      }
      return read;
    }
    case "list": {
      const items = member.flattened
        ? node
        : typeof node === "string"
          ? []
          : (node[shape.element!.locationName ?? "member"] ?? []);
      return asList(items).map((item) => readXml(item, shape.element!));
    }
    case "map": {
      const entries = member.flattened ? node : typeof node === "string" ? [] : (node["entry"] ?? []);
      const read: Members = {};
      for (const entry of asList(entries)) {
        if (typeof entry === "string") continue;
        read[textOf(entry[shape.key!.locationName ?? "key"] as Node)] = readXml(
          entry[shape.value!.locationName ?? "value"] as Node,
          shape.value!,
        );
      }
      return read;
    }
    case "blob":
    case "boolean":
    case "character":
    case "double":
    case "float":
    case "integer":
    case "long":
    case "string":
    case "timestamp":
      return readScalar(textOf(node), member);
  }
}

/** An output member as XML elements; the empty string when there is nothing to write. */
export function writeXml(value: unknown, member: Member, name: string): string {
  const { shape } = member;
  if (value === undefined || value === null) return "";
  switch (shape.type) {
    case "structure": {
      const held = value as Members;
      const attributes = shape.members.filter((known) => known.xmlAttribute && held[known.name] !== undefined);
      const opening = [
        name,
        namespaceOf(member),
        ...attributes.map((known) => `${elementName(known)}="${escape(String(held[known.name]))}"`),
      ]
        .filter(Boolean)
        .join(" ");
      return `<${opening}>${writeMembers(held, member)}</${name}>`;
    }
    case "list": {
      const element = shape.element!;
      if (member.flattened)
        return (value as unknown[]).map((item) => writeXml(item, element, member.locationName ?? name)).join("");
      return `<${name}>${(value as unknown[]).map((item) => writeXml(item, element, element.locationName ?? "member")).join("")}</${name}>`;
    }
    case "map": {
      const entries = Object.entries(value).map(([key, held]) => {
        const inner =
          writeXml(key, shape.key!, shape.key!.locationName ?? "key") +
          writeXml(held, shape.value!, shape.value!.locationName ?? "value");
        return member.flattened ? `<${name}>${inner}</${name}>` : `<entry>${inner}</entry>`;
      });
      return member.flattened ? entries.join("") : `<${name}>${entries.join("")}</${name}>`;
    }
    case "blob":
    case "boolean":
    case "character":
    case "double":
    case "float":
    case "integer":
    case "long":
    case "string":
    case "timestamp":
      return `<${name}>${escape(writeScalar(value, member, "iso8601"))}</${name}>`;
  }
}

/** The members of a structure that travel in the body. */
export function writeMembers(held: Members, member: Member): string {
  return member.shape.members
    .filter((known) => known.location === undefined && !known.xmlAttribute)
    .map((known) => writeXml(held[known.name], known, elementName(known)))
    .join("");
}

export function escape(text: string): string {
  return text.replace(/[&<>"'\r\n]/g, (char) => (char === "\n" ? "\n" : `&#${char.charCodeAt(0)};`));
}

/** A flattened list without its own name takes the name of its elements. */
function elementName(member: Member): string {
  if (member.flattened && member.shape.type === "list")
    return member.locationName ?? member.shape.element?.locationName ?? member.name;
  return member.locationName ?? member.name;
}

function namespaceOf(member: Member): string {
  const namespace = member.xmlNamespace;
  if (!namespace) return "";
  return `xmlns${namespace.prefix ? `:${namespace.prefix}` : ""}="${escape(namespace.uri)}"`;
}

function asList(items: Node | Node[]): Node[] {
  return Array.isArray(items) ? items : [items];
}

function textOf(node: Node | undefined): string {
  if (node === undefined) return "";
  return typeof node === "string" ? node : String(node["#text"] ?? "");
}
