import type { Call } from "../call";
import type { Cloud } from "../cloud";
import type { Members } from "../members";
import { RawResponse } from "../raw";
import type { Handler } from "../operation";

interface Sender {
  readonly id: string;
  readonly atMs: number;
}

/** The longest that a queue keeps a message (SQS quotas: 14 days). */
const LONGEST_RETENTION_MS = 14 * 86_400_000;
/** Senders are looked through for old ones when there are so many. */
const MANY = 10_000;

/**
 * Who sent a message: `SenderId`, the unique id of the user (`AIDA…`) or of the role's session (`AROA…:name`), which
 * moto answers with one made-up id for all (ReceiveMessage API). Requests of the old query protocol keep that.
 */
export function messageOperations(cloud: Cloud, toMoto: Handler): Record<string, Handler> {
  const senders = cloud.journal.table<Sender>("sqs/senders");

  const remember = (ids: readonly unknown[], { principal, now }: Call): void => {
    if (senders.size > MANY)
      for (const [id, { atMs }] of [...senders.entries()])
        if (atMs < now.getTime() - LONGEST_RETENTION_MS) senders.delete(id);
    for (const id of ids) if (typeof id === "string") senders.put(id, { id: principal.id, atMs: now.getTime() });
  };

  /** Sends whose answer is not here yet: a message may be received before. */
  const underWay = new Set<Promise<unknown>>();

  const sending =
    (idsOf: (answer: Members) => readonly unknown[]): Handler =>
    async (input, call) => {
      const send = (async () => {
        const output = (await toMoto(input, call)) as Members | RawResponse;
        remember(idsOf(json(output) ?? {}), call);
        return output;
      })();
      underWay.add(send);
      return send.finally(() => underWay.delete(send));
    };

  const senderOf = async (messageId: string): Promise<Sender | undefined> => {
    if (!senders.has(messageId)) await Promise.allSettled(underWay);
    return senders.get(messageId);
  };

  return {
    SendMessage: sending(({ MessageId }) => [MessageId]),
    SendMessageBatch: sending(({ Successful = [] }) =>
      (Successful as Members[]).map(({ MessageId }) => MessageId as unknown),
    ),
    ReceiveMessage: async (input, call) => {
      const output = (await toMoto(input, call)) as Members | RawResponse;
      const answer = json(output);
      for (const message of (answer?.Messages ?? []) as Members[]) {
        if (message.Attributes?.SenderId === undefined) continue;
        const sender = await senderOf(String(message.MessageId));
        if (sender) message.Attributes.SenderId = sender.id;
      }
      return output instanceof RawResponse && answer
        ? new RawResponse(output.status, output.headers, Buffer.from(JSON.stringify(answer)))
        : output;
    },
  };
}

/** The members of an answer; nothing for XML. */
function json(output: Members | RawResponse): Members | undefined {
  if (!(output instanceof RawResponse)) return output;
  const text = output.body.toString("utf8");
  return output.status < 300 && text.startsWith("{") ? (JSON.parse(text) as Members) : undefined;
}
