import type { Call } from "../../call";
import type { Cloud } from "../../cloud";

export interface Tagged {
  readonly arn: string;
  readonly tags: Readonly<Record<string, string>>;
}

interface Ghost extends Tagged {
  readonly goneMs: number;
}

/** Deletions that nothing with tags goes by: messages, objects, and what hangs on other things. */
const beside = /^(DeleteMessage|DeleteObject|DeleteMessageBatch|DeleteObjects|DeleteAlarms)$/;

/**
 * What the tagging API goes on listing after it was deleted ("tagged or previously tagged", GetResources): for `lagMs`
 * of cloud time after that was noticed. AWS gives no number; minutes are believed.
 */
export class TaggingLag {
  private known = new Map<string, Tagged>();
  private knownMs = -Infinity;
  private ghosts = new Map<string, Ghost>();
  private looking: Promise<unknown> | undefined;

  constructor(
    private readonly cloud: Cloud,
    private readonly lagMs: number,
    private readonly present: () => Promise<Tagged[]>,
  ) {
    if (lagMs > 0) cloud.beforeCall = (call) => this.before(call);
  }

  /** What is listed now. */
  async listed(): Promise<Tagged[]> {
    const present = await this.present();
    if (this.lagMs === 0) return present;
    this.notice(present);
    return [...present, ...this.ghosts.values()].sort((a, b) => a.arn.localeCompare(b.arn));
  }

  /** Before something goes, what is there has to be known: at most once per lag, since a look costs. */
  private async before({ operation }: Call): Promise<void> {
    if (!operation.startsWith("Delete") || beside.test(operation)) return;
    if (this.cloud.clock.nowMs() - this.knownMs > this.lagMs)
      this.looking ??= this.present()
        .then((present) => this.notice(present))
        .finally(() => (this.looking = undefined));
    await this.looking;
  }

  private notice(present: readonly Tagged[]): void {
    const nowMs = this.cloud.clock.nowMs();
    const now = new Map(present.map((one) => [one.arn, one]));
    for (const [arn, one] of this.known) if (!now.has(arn)) this.ghosts.set(arn, { ...one, goneMs: nowMs });
    for (const [arn, { goneMs }] of this.ghosts)
      if (now.has(arn) || nowMs - goneMs > this.lagMs) this.ghosts.delete(arn);
    this.known = now;
    this.knownMs = nowMs;
  }
}
