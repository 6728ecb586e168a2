import { deniedCode, recorder, type TrailRecord } from "../../contract/trail";
import { witnessing } from "../../contract/witness";
import { roleOfArn } from "../../contract/names";
import { type EntryKind, kindOfCall } from "./kind";

/** What may name a person, or lead to one. */
export type Personal = "user" | "session" | "address" | "email";

/** Puts a digest in the place of what is personal. */
export type Mask = (what: Personal, value: string) => string;

/** A call that changed something, or that tried: what the log has of it. */
export interface CallEntry {
  readonly id: string;
  readonly at: string;
  readonly by: string;
  readonly kind: EntryKind;
  readonly subject: string;
  readonly body: Readonly<Record<string, string | readonly string[]>>;
}

/** Names that a subject has in a log at most, and resources that an entry names. */
const longest = { subject: 400, resources: 10 };
const email = /[^\s@:/"]+@[^\s@:/"]+\.[a-z]{2,}/gi;
/** Parameters that name people or their sessions. */
const ofPeople = /^(userName|roleSessionName|sourceIdentity|emailAddress|email|notificationEndpoint|sessionName)$/i;

/** Whether a record is of a call that changes something: a management event that is not known to read only. */
export function changesSomething({ eventCategory, managementEvent, readOnly }: TrailRecord): boolean {
  const management = eventCategory === undefined ? managementEvent !== false : eventCategory === "Management";
  return management && readOnly !== true;
}

/**
 * Whether a call is about a checkpoint: the recorder notes each, and its witness in another environment remembers it,
 * which are calls as well, so that an entry about one must not lead to another. Of whichever environment: those of one
 * account see each other's.
 */
export function notesCheckpoint({ userIdentity }: TrailRecord): boolean {
  const role = roleOfArn(userIdentity.sessionContext?.sessionIssuer?.arn ?? "")?.role;
  return role === recorder || role === witnessing;
}

/** A call was refused for want of a right. */
export function wasDenied({ errorCode = "" }: TrailRecord): boolean {
  return deniedCode.test(errorCode);
}

/** Id of a call's entry: CloudTrail's own of the event, which is the same however often it is delivered. */
export function callEntryId(eventId: string): string {
  return `cloudtrail#${eventId}`;
}

/** The entry of a call. */
export function callEntry(record: TrailRecord, mask: Mask): CallEntry {
  const { eventName, eventSource, awsRegion, errorCode, sourceIPAddress, userIdentity } = record;
  const { arn, type, invokedBy, sessionContext } = userIdentity;
  const session = type === "AssumedRole" ? arn : undefined;
  const from = sourceIPAddress && /^[0-9a-f.:]+$/i.test(sourceIPAddress) ? sourceIPAddress : undefined;
  const body: Record<string, string | readonly string[] | undefined> = {
    type: wasDenied(record) ? "call.denied" : errorCode === undefined ? "call.made" : "call.failed",
    event: eventName,
    source: eventSource,
    region: awsRegion,
    account: record.recipientAccountId ?? userIdentity.accountId ?? "",
    error: errorCode,
    session: session && mask("session", session),
    identity: sessionContext?.sourceIdentity && mask("user", sessionContext.sourceIdentity),
    from: from && mask("address", from),
    via: invokedBy ?? (from ? undefined : sourceIPAddress),
    resources: resourcesOf(record).map((one) => withoutPeople(one, mask)),
  };
  return {
    id: callEntryId(record.eventID),
    at: record.eventTime,
    by: callerOf(record, mask),
    kind: kindOfCall(eventSource, eventName),
    subject: withoutPeople(subjectOf(record, mask), mask).slice(0, longest.subject),
    body: Object.fromEntries(
      Object.entries(body).filter((one): one is [string, string | readonly string[]] => Boolean(one[1]?.length)),
    ),
  };
}

/** Who called: the role of a session, a service, the root, or a user behind a digest. */
function callerOf({ userIdentity, eventSource }: TrailRecord, mask: Mask): string {
  const { arn, accountId, invokedBy, sessionContext, type, userName } = userIdentity;
  const issuer = sessionContext?.sessionIssuer?.arn;
  if (issuer) return withoutPeople(issuer, mask);
  if (type === "Root") return arn ?? `${accountId ?? "unknown"}:root`;
  if (arn) return withoutPeople(arn, mask);
  if (userName) return mask("user", userName);
  return invokedBy ?? (accountId ? `account ${accountId}` : eventSource);
}

/** ARNs that a record names, wherever: not every service fills `resources`. */
function resourcesOf({ resources = [], requestParameters }: TrailRecord): string[] {
  const named = resources.flatMap(({ ARN }) => (ARN ? [ARN] : []));
  const given = Object.entries(requestParameters ?? {}).flatMap(([name, value]) =>
    typeof value === "string" && value.startsWith("arn:") && /arn$/i.test(name) ? [value] : [],
  );
  return [...new Set([...named, ...given])].slice(0, longest.resources);
}

/** What a call was about: an ARN, else what its parameters name first, else the service. */
function subjectOf(record: TrailRecord, mask: Mask): string {
  const [arn] = resourcesOf(record);
  if (arn) return arn;
  const parameters = Object.entries(record.requestParameters ?? {});
  for (const pattern of [/name$/i, /(id|arn|url|identifier)$/i])
    for (const [name, value] of parameters)
      if (pattern.test(name) && typeof value === "string" && value.length > 0)
        return ofPeople.test(name) ? mask("user", value) : value;
  return record.eventSource;
}

/** A text without names of users and sessions, and without e-mail addresses. */
function withoutPeople(text: string, mask: Mask): string {
  return text
    .replace(/^(arn:[^:]+:iam::\d*:user\/).+$/, (user: string, start: string) => `${start}${mask("user", user)}`)
    .replace(
      /^(arn:[^:]+:sts::\d*:(?:assumed-role\/[^/]+|federated-user)\/).+$/,
      (session: string, start: string) => `${start}${mask("session", session)}`,
    )
    .replace(email, (address) => mask("email", address));
}
