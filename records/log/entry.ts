import { z } from "zod";
import { documentSchema } from "../../contract/documents";
import { entryKinds } from "../../lifecycle/audit/kind";
import { canonicalJson, NotCanonical } from "../../lifecycle/canonical";
import { maxEntryBytes } from "./tiles";

const logEntry = z.strictObject({
  schema: z.literal(documentSchema.logEntry),
  /** Of what happened, the same however often it is told: an id is in a log once. */
  id: z.string().min(1).max(200),
  /** When it happened: ISO 8601 in UTC, service time. */
  at: z.iso.datetime(),
  /** ARN of who did it. */
  by: z.string().min(1),
  /** What kind of thing the entry tells, such as `release`. */
  kind: z.string().min(1),
  /** What it is about, such as a release id. */
  subject: z.string().min(1),
  /** JSON: reading has made it so, and canonical writing takes nothing else. */
  body: z.record(z.string(), z.unknown()),
});

const calls = ["call.made", "call.denied", "call.failed"] as const;
const text = z.string().min(1);

/** What an entry about a call has in its body, whatever its kind: `functions/record-changes.ts` writes them. */
const callBody = z.strictObject({
  type: z.enum(calls),
  event: text,
  source: text,
  region: text.optional(),
  account: text.optional(),
  error: text.optional(),
  /** Digests: of the session's ARN, of who took it, of the address. */
  session: text.optional(),
  identity: text.optional(),
  from: text.optional(),
  /** Service that called for somebody. */
  via: text.optional(),
  resources: z.array(text).optional(),
});

/**
 * Of the kinds of what happens in an environment's life each body says its type, in the past tense; calls say more, and
 * what was taken over from the ledger has the schema it had there.
 */
const lifeBody = z.union([
  callBody,
  z.looseObject({ schema: text }),
  z.looseObject({ type: text.refine((type) => !type.startsWith("call."), "is not a body of a call") }),
]);

/** What is wrong with the body of an entry, in one line. */
function bodyProblem({ kind, body }: Pick<LogEntry, "kind" | "body">): string | undefined {
  if (!(entryKinds as readonly string[]).includes(kind)) return undefined;
  const parsed = lifeBody.safeParse(body);
  return parsed.success ? undefined : `body of ${kind}: ${problemsIn(parsed.error)}`;
}

/** One entry of a log. */
export type LogEntry = Readonly<z.infer<typeof logEntry>>;

/** An entry that cannot be one of a log; nothing was written. */
export class EntryRefused extends Error {
  constructor(id: string, why: string) {
    super(`the entry ${id} cannot be logged: ${why}`);
    this.name = "EntryRefused";
  }
}

/** An entry as the log has it: canonical JSON (RFC 8785), UTF-8. @throws EntryRefused. */
export function writeEntry(entry: Omit<LogEntry, "schema">): Buffer {
  const parsed = logEntry.safeParse({ schema: documentSchema.logEntry, ...entry });
  if (!parsed.success) throw new EntryRefused(entry.id, problemsIn(parsed.error));
  const problem = bodyProblem(parsed.data);
  if (problem) throw new EntryRefused(entry.id, problem);
  const bytes = Buffer.from(canonicalText(parsed.data), "utf8");
  if (bytes.length > maxEntryBytes)
    throw new EntryRefused(entry.id, `it has ${bytes.length} bytes, and a log takes ${maxEntryBytes} at most`);
  return bytes;
}

/** @throws EntryRefused for a body that is no JSON. */
function canonicalText(entry: LogEntry): string {
  try {
    return canonicalJson(entry);
  } catch (error) {
    throw error instanceof NotCanonical ? new EntryRefused(entry.id, error.message) : error;
  }
}

/** Reads an entry; what is wrong with it, in one line, where it is none. */
export function readEntry(bytes: Buffer): { readonly entry: LogEntry } | { readonly problem: string } {
  const text = bytes.toString("utf8");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { problem: `is not JSON: ${(error as Error).message}` };
  }
  const parsed = logEntry.safeParse(value);
  if (!parsed.success) return { problem: `is not an entry: ${problemsIn(parsed.error)}` };
  // Another spelling of the same values (white space, a member twice) is another entry.
  return isCanonical(value, text) ? { entry: parsed.data } : { problem: "is not canonical JSON" };
}

function isCanonical(value: unknown, text: string): boolean {
  try {
    return canonicalJson(value) === text;
  } catch (error) {
    // JSON can spell half a surrogate pair, which has no UTF-8.
    if (error instanceof NotCanonical) return false;
    throw error;
  }
}

function problemsIn({ issues }: z.ZodError): string {
  return issues.map(({ path, message }) => `${path.join(".") || "value"}: ${message}`).join("; ");
}
