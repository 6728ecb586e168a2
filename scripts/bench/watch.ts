import type { Exchange as AnyExchange } from "../traffic";

/**
 * Beyond this an answer counts as wrong, milliseconds: no answer of a sound endpoint takes so long on a busy laptop.
 */
export const tooSlowMs = 2_900;

/** What is watched of a request. */
type Exchange = Omit<AnyExchange, "image" | "inferenceId">;

interface Seen {
  readonly sentMs: number;
  readonly answeredMs: number;
  readonly wrong?: string;
}

/** What clients saw; times of `performance.now()`. */
export interface Sight {
  readonly sent: number;
  readonly wrong: number;
  /** How many of which kind, as words; empty when all was well. */
  readonly kinds: string;
  readonly firstWrongMs?: number;
  /** The first right answer after the last wrong one; absent when none came. */
  readonly restoredMs?: number;
}

/** Watches what the clients of an endpoint get. */
export class Watch {
  private readonly seen: Seen[] = [];

  readonly observe = (exchange: Exchange): void => {
    this.seen.push({ sentMs: exchange.sentMs, answeredMs: exchange.answeredMs, wrong: wrongWith(exchange) });
  };

  /** Whether all requests sent since then were answered right, and there were some. */
  wellSince(ms: number): boolean {
    const recent = this.seen.filter(({ sentMs }) => sentMs >= ms);
    return recent.length > 0 && recent.every(({ wrong }) => wrong === undefined);
  }

  get sight(): Sight {
    const bySending = [...this.seen].sort((one, other) => one.sentMs - other.sentMs);
    const wrong = bySending.filter((one) => one.wrong !== undefined);
    const counts = new Map<string, number>();
    for (const { wrong: kind } of wrong) counts.set(kind!, (counts.get(kind!) ?? 0) + 1);
    const last = wrong.at(-1);
    return {
      sent: bySending.length,
      wrong: wrong.length,
      kinds: [...counts].map(([kind, count]) => `${count} ${kind}`).join(", "),
      firstWrongMs: wrong.length > 0 ? Math.min(...wrong.map(({ answeredMs }) => answeredMs)) : undefined,
      restoredMs:
        last && bySending.find(({ sentMs, wrong: kind }) => sentMs > last.sentMs && kind === undefined)?.answeredMs,
    };
  }
}

/** What is wrong with an answer to a tile in which there is something to find; undefined when nothing is. */
function wrongWith({ sentMs, answeredMs, body, error }: Exchange): string | undefined {
  if (error !== undefined || !body) return "failed";
  if (answeredMs - sentMs > tooSlowMs) return "slow";
  const { detections } = JSON.parse(body.toString("utf8")) as { detections: { confidence: number }[] };
  if (detections.length === 0) return "empty";
  return detections.some(({ confidence }) => !(confidence >= 0 && confidence <= 1)) ? "absurd" : undefined;
}
