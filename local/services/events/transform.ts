import { walk } from "../sagemaker/pipelines/values";

/** An event on the wire (EventBridge's envelope, version 0). */
export interface EventEnvelope {
  readonly version: "0";
  readonly id: string;
  readonly "detail-type": string;
  readonly source: string;
  readonly account: string;
  /** ISO 8601 with seconds. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
  /** Only on events that come out of an archive once more. */
  readonly "replay-name"?: string;
}

export interface InputRules {
  readonly Input?: string;
  readonly InputPath?: string;
  readonly InputTransformer?: {
    readonly InputPathsMap?: Readonly<Record<string, string>>;
    readonly InputTemplate: string;
  };
}

export interface RuleNames {
  readonly ruleArn: string;
  readonly ruleName: string;
  readonly ingestionTime: string;
}

/** The text a target receives for an event: the event itself, a part of it, a constant, or a filled template. */
export function targetInput(rules: InputRules, event: EventEnvelope, names: RuleNames): string {
  if (rules.Input !== undefined) return rules.Input;
  if (rules.InputPath !== undefined) return JSON.stringify(jsonPath(event, rules.InputPath) ?? null);
  if (rules.InputTransformer) return fill(rules.InputTransformer, event, names);
  return JSON.stringify(event);
}

/** The value at a JSON path such as `$.detail.items[0].name`. */
function jsonPath(from: unknown, path: string): unknown {
  return path === "$" ? from : walk(from, path.replace(/^\$\.?/, ""));
}

/**
 * Fills `<name>` placeholders. Inside a quoted string a value is put in as text; outside of quotes it is put in as
 * JSON, so that strings get their quotes.
 */
function fill(
  transformer: NonNullable<InputRules["InputTransformer"]>,
  event: EventEnvelope,
  names: RuleNames,
): string {
  const known = new Map<string, unknown>(
    Object.entries(transformer.InputPathsMap ?? {}).map(([name, path]) => [name, jsonPath(event, path)]),
  );
  known
    .set("aws.events.rule-arn", names.ruleArn)
    .set("aws.events.rule-name", names.ruleName)
    .set("aws.events.event.ingestion-time", names.ingestionTime);
  known.set("aws.events.event.json", event);
  known.set("aws.events.event", { ...event, detail: undefined });
  const template = transformer.InputTemplate;
  let out = "";
  let quoted = false;
  for (let at = 0; at < template.length; at++) {
    const char = template[at]!;
    if (char === "\\" && quoted) {
      out += char + (template[++at] ?? "");
      continue;
    }
    if (char === '"') quoted = !quoted;
    const name = char === "<" ? /^<([^<>\s]+)>/.exec(template.slice(at))?.[1] : undefined;
    if (name === undefined || !known.has(name)) {
      out += char;
      continue;
    }
    out += placed(known.get(name), quoted);
    at += name.length + 1;
  }
  return out;
}

function placed(value: unknown, quoted: boolean): string {
  if (!quoted) return value === undefined ? "" : JSON.stringify(value);
  const text = value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value);
  return JSON.stringify(text).slice(1, -1);
}
