import { concludeRollout, decideRollout } from "../../../lifecycle/rollout/decision";
import {
  evidenceAfter,
  evidenceBefore,
  type RolloutBlock,
  type RolloutEvidence,
} from "../../../lifecycle/rollout/evidence";
import type { RolloutOutcome } from "../../../lifecycle/rollout/outcome";
import { usualRules } from "../../../lifecycle/rollout/rules";
import { nothingServed, type Served } from "../../../lifecycle/rollout/served";
import { minuteMs, minuteOf } from "../../../records/served";

/** CloudWatch has a minute's metrics and lines a while after it is over. */
const lagMs = minuteMs;
/** What comes later than this is not waited for. */
const settledMs = 5 * minuteMs;
/** How long the release before is looked at: shorter, and a bad minute of one instance looks like a bad release. */
const historyMs = 12 * 60 * minuteMs;

/** What the guard depends on. */
export interface GuardPorts {
  /** The endpoint configuration that an update is bringing live; undefined before and after. */
  updating(): Promise<string | undefined>;
  /** Service time. */
  now(): Promise<Date>;
  /** What the release before served, minute by minute. */
  history(from: Date, to: Date): Promise<readonly Served[]>;
  /** What both configurations served, by the beginning of each minute, epoch milliseconds. */
  blocks(config: string, from: Date, to: Date): Promise<ReadonlyMap<number, RolloutBlock>>;
  /** Why nobody knows what answers were like, so that requests alone are compared; undefined where it is known. */
  unread(): string | undefined;
  /** Has SageMaker take the update back. */
  takeBack(config: string): Promise<void>;
  /** Resolves after some real time, or as soon as the signal is aborted. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
}

/** While an update is waited for, and while it is taken back. Real time. */
const shortMs = 1000;

/**
 * Decides about an update while SageMaker moves traffic to the new configuration, by what both serve, minute by minute.
 * What is proven to be worse is taken back at once. It stops nothing else: SageMaker goes on when its waits are over, and
 * what is not proven by then is inconclusive. So is what could not be seen.
 */
export class RolloutGuard {
  private readonly blocks = new Map<number, RolloutBlock>();
  private before: RolloutEvidence = evidenceBefore();
  private evidence = this.before;
  private worse: readonly string[] | undefined;
  private begin: number | undefined;
  private remembered = false;
  private seenUntil = 0;
  private trouble: string | undefined;
  private clock: { readonly service: number; readonly real: number } | undefined;
  private readonly ended = new AbortController();
  private readonly running: Promise<void>;

  constructor(private readonly ports: GuardPorts) {
    this.running = this.run();
  }

  /** Ends the watch, once the update has ended. */
  async stop(): Promise<RolloutOutcome> {
    this.ended.abort();
    await this.running;
    const { served } = this.evidence;
    if (this.worse) return { verdict: "roll back", reasons: [...this.worse], served };
    const { verdict, reasons } = concludeRollout(this.evidence);
    const unseen = this.unseen();
    const unread = this.ports.unread();
    const doubts = [
      ...(unseen === undefined ? [] : [unseen]),
      ...(unread === undefined ? [] : [`what containers say of their answers could not be read: ${unread}`]),
    ];
    return doubts.length === 0
      ? { verdict, reasons: [...reasons], served }
      : { verdict: "inconclusive", reasons: [...doubts, ...(this.evidence.blocks > 0 ? reasons : [])], served };
  }

  private unseen(): string | undefined {
    if (this.trouble !== undefined) return `what both configurations served could not be seen: ${this.trouble}`;
    if (this.begin === undefined) return "no update was under way while somebody watched";
    return this.evidence.blocks === 0 ? "no request to the new configuration was seen" : undefined;
  }

  private async run(): Promise<void> {
    const config = await this.begun();
    if (config === undefined) return;
    for (let last = false; ; last = this.ended.signal.aborted) {
      const now = await this.turn(config);
      if (last) return;
      await this.pause(now === undefined || this.worse ? shortMs : this.untilNextMinute(now));
    }
  }

  /** The configuration of the update, once it is under way. A question that fails is asked again. */
  private async begun(): Promise<string | undefined> {
    while (!this.ended.signal.aborted) {
      const config = await this.attempt(() => this.ports.updating());
      if (config !== undefined) return config;
      await this.pause(shortMs);
    }
    return undefined;
  }

  /** One look, where a minute has passed since the one before. @returns service time; undefined where nobody knows it. */
  private async turn(config: string): Promise<number | undefined> {
    let now: number | undefined;
    await this.attempt(async () => {
      now = (await this.ports.now()).getTime();
      this.begin ??= minuteOf(now);
      if (!this.remembered) await this.remember(this.begin);
      const until = minuteOf(now - lagMs);
      if (until > Math.max(this.seenUntil, this.begin)) await this.look(config, this.begin, until);
      if (this.worse) await this.ports.takeBack(config);
    });
    return now;
  }

  /** What the release before did until the update began. */
  private async remember(begin: number): Promise<void> {
    this.before = evidenceBefore(await this.ports.history(new Date(begin - historyMs), new Date(begin)));
    this.remembered = true;
  }

  /** Late metrics change minutes that were seen before, so all evidence is taken anew. */
  private async look(config: string, begin: number, until: number): Promise<void> {
    const from = Math.max(begin, this.seenUntil - settledMs);
    const found = await this.ports.blocks(config, new Date(from), new Date(until));
    for (let minute = from; minute < until; minute += minuteMs)
      this.blocks.set(minute, found.get(minute) ?? { new: nothingServed, old: nothingServed });
    this.seenUntil = until;
    const minutes = [...this.blocks].sort(([a], [b]) => a - b).map(([, block]) => block);
    const first = minutes.findIndex((block) => block.new.requests > 0);
    this.evidence = (first < 0 ? [] : minutes.slice(first)).reduce(
      (evidence, block) => evidenceAfter(evidence, block, usualRules),
      this.before,
    );
    const { verdict, reasons } = decideRollout(this.evidence);
    // Whatever comes later: SageMaker cannot be asked to go on with an update that it takes back.
    if (verdict === "roll back") this.worse ??= reasons;
  }

  private pause(ms: number): Promise<void> {
    return this.ports.pause(ms, this.ended.signal);
  }

  /**
   * Real time until the service's clock begins another minute. It may run at another pace than this machine's, which two
   * looks at it tell: it counts seconds, so the first two are a second apart.
   */
  private untilNextMinute(now: number): number {
    const real = performance.now();
    this.clock ??= { service: now, real };
    const passed = real - this.clock.real;
    if (passed < shortMs) return shortMs;
    const pace = Math.max(1, (now - this.clock.service) / passed);
    return Math.max(shortMs / 4, (minuteOf(now) + minuteMs - now) / pace);
  }

  /** What fails is told at the end, unless it succeeds later. */
  private async attempt<Value>(work: () => Promise<Value>): Promise<Value | undefined> {
    try {
      const value = await work();
      this.trouble = undefined;
      return value;
    } catch (error) {
      this.trouble = (error as Error).message;
      return undefined;
    }
  }
}
