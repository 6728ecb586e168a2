import { allServe, type FailoverState, type Rung } from "../../contract/front-door";
import { claimTry, openBreaker, settleTry, useOf } from "../../lifecycle/failover/breaker";
import { judgeRung, type Outcome, withOutcome } from "../../lifecycle/failover/evidence";
import type { FailoverBook } from "../../records/failover-book";

/** What is known of the state is good for so long without a look, */
const freshMs = 2_000;
/** and used for so long while somebody looks. */
const staleMs = 60_000;

/**
 * Circuit breakers of one copy of the door. Copies share no memory: each counts what it sees itself, and what it
 * concludes is in one object for all. A copy that knows too little tries a rung that is out of service, which costs that
 * request a moment and nothing else; one that cannot reach the object goes on by what it knew.
 */
export class Breakers {
  private known: { state: FailoverState; atMs: number } | undefined;
  private looking: Promise<void> | undefined;
  private readonly outcomes = new Map<Rung, readonly Outcome[]>();

  constructor(
    private readonly book: Pick<FailoverBook, "read" | "change">,
    private readonly log: (line: string) => void,
  ) {}

  /** Whether a request is sent to a rung; a try is claimed for it. */
  async use(rung: Rung, nowMs: number): Promise<"serve" | "try" | "skip"> {
    const use = useOf(await this.state(nowMs), rung, nowMs);
    if (use !== "try") return use;
    return (await this.change((state) => claimTry(state, rung, nowMs), [], nowMs)) ? "try" : "skip";
  }

  /**
   * Notes what a request to a rung came to.
   * @param failure why it failed; empty when it went well.
   */
  async note(rung: Rung, use: "serve" | "try", failure: readonly string[], nowMs: number): Promise<void> {
    const ok = failure.length === 0;
    if (use === "try") {
      const reasons = ok ? [`${rung} answers again`] : failure;
      await this.change((state) => settleTry(state, rung, ok ? "well" : "badly", nowMs), reasons, nowMs);
      return;
    }
    const outcomes = withOutcome(this.outcomes.get(rung) ?? [], { atMs: nowMs, ok });
    this.outcomes.set(rung, outcomes);
    const { verdict, reasons } = judgeRung(outcomes);
    if (ok || verdict === "keep") return;
    // Whatever it did before is no evidence about how it is when it comes back.
    this.outcomes.delete(rung);
    await this.change((state) => openBreaker(state, rung, nowMs), [...reasons, ...failure], nowMs);
  }

  /** Waits for a look that was begun beside a request. */
  async settle(): Promise<void> {
    await this.looking;
  }

  private async state(nowMs: number): Promise<FailoverState> {
    const ageMs = this.known ? nowMs - this.known.atMs : Infinity;
    if (ageMs >= freshMs) {
      this.looking ??= this.look(nowMs);
      if (ageMs >= staleMs) await this.looking;
    }
    return this.known?.state ?? allServe;
  }

  private async look(nowMs: number): Promise<void> {
    try {
      this.known = { state: await this.book.read(nowMs), atMs: nowMs };
    } catch (error) {
      this.log(`the state of the breakers cannot be read: ${(error as Error).message}`);
      this.known = { state: this.known?.state ?? allServe, atMs: nowMs };
    } finally {
      this.looking = undefined;
    }
  }

  /** @returns whether the state is another one now, by this change. */
  private async change(
    by: (state: FailoverState) => FailoverState,
    reasons: readonly string[],
    nowMs: number,
  ): Promise<boolean> {
    try {
      const { state, changed } = await this.book.change(by, reasons, nowMs);
      this.known = { state, atMs: nowMs };
      return changed;
    } catch (error) {
      // Alone, without the others: better than to send every request to what fails.
      this.log(`the state of the breakers cannot be changed: ${(error as Error).message}`);
      const before = this.known?.state ?? allServe;
      const state = by(before);
      this.known = { state, atMs: nowMs };
      return state !== before;
    }
  }
}
