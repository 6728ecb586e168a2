import assert from "node:assert/strict";
import { denials } from "../../aws/session";
import { type Platform, platform } from "./platform";

/** Ends an attack where it has to end. */
class Stopped extends Error {}

export interface Attack {
  /**
   * What the same requests reached before the separation was made to hold against chains, or, with `held:`, that they
   * were refused then as well. An attack of the first kind is a test that has failed.
   */
  readonly before: `reached: ${string}` | `held: ${string}`;
  /** What must be the same afterwards, read as the administrator. */
  readonly unchanged?: (platform: Platform) => Promise<unknown>;
  /** The requests, in their order. */
  readonly chain: (steps: Steps, platform: Platform) => Promise<void>;
}

/** Tells the requests of a chain apart: those that a role's work needs, and those at which the chain must end. */
export class Steps {
  readonly reached: string[] = [];
  refusedAt: string | undefined;

  /** A request that the role's duty needs: it is answered. */
  async allowed<Answer>(what: string, send: () => Promise<Answer>): Promise<Answer> {
    try {
      const answer = await send();
      this.reached.push(what);
      return answer;
    } catch (error) {
      assert.fail(`${what}: is a part of the role's work and was not answered: ${wordsOf(error)}${this.so}`);
    }
  }

  /**
   * The request at which the chain must end: IAM refuses it, and names the action. Where it is answered the chain goes
   * on, so that the failure says how far it led; a refusal of a later step does not make up for it.
   */
  async refused<Answer>(action: string, what: string, send: () => Promise<Answer>): Promise<Answer> {
    let answer: Answer;
    try {
      answer = await send();
    } catch (error) {
      const { name, message } = error as Error;
      if (!denials.has(name))
        assert.fail(`${what}: failed for another reason than a refusal: ${wordsOf(error)}${this.so}`);
      assert.ok(
        new RegExp(`not authorized to perform: ${action}(\\s|$)`, "i").test(message),
        `${what}: refused, but not ${action}: ${message}${this.so}`,
      );
      this.refusedAt = what;
      throw new Stopped(what);
    }
    this.reached.push(what);
    this.open.push(`${what} (${action})`);
    return answer;
  }

  /** One of several ways to the same end, each of which must be refused. */
  async refusedToo(action: string, what: string, send: () => Promise<unknown>): Promise<void> {
    try {
      await this.refused(action, what, send);
    } catch (error) {
      if (!(error instanceof Stopped)) throw error;
    }
  }

  /** Requests that IAM lets pass and another guard refuses: the guard's answer is checked. */
  async guarded(what: string, check: () => Promise<void>): Promise<never> {
    await check().catch((error: unknown) => assert.fail(`${what}: ${(error as Error).message}${this.so}`));
    this.refusedAt = what;
    throw new Stopped(what);
  }

  /** Steps that should have been refused and were not. */
  readonly open: string[] = [];

  private get so(): string {
    return `\n  reached before: ${this.reached.join("; ") || "nothing"}${this.open.length > 0 ? `\n  should have been refused: ${this.open.join("; ")}` : ""}`;
  }

  end(): void {
    assert.ok(
      this.open.length === 0 && this.refusedAt !== undefined,
      `${this.refusedAt ? `refused only at "${this.refusedAt}"` : "nothing was refused"}${this.so}`,
    );
  }
}

/** A test of one chain of requests, sent as sessions of roles. */
export function attack(name: string, { chain, unchanged }: Attack): void {
  it(name, async () => {
    const there = platform();
    const before = await unchanged?.(there);
    const steps = new Steps();
    try {
      await chain(steps, there);
    } catch (error) {
      if (!(error instanceof Stopped)) throw error;
    } finally {
      there.closeSessions();
    }
    steps.end();
    assert.deepEqual(await unchanged?.(there), before, "what is protected was changed");
  });
}

function wordsOf(error: unknown): string {
  const { name, message } = error as Error;
  return `${name}: ${message}`;
}
