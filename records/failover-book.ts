import type { ObjectStore } from "../aws/s3";
import {
  allServe,
  failoverLedgerKey,
  type FailoverState,
  failoverState,
  failoverStateKey,
  type Rung,
  type ServerSwitch,
} from "../contract/front-door";
import { forgetSwitch, noteSwitch } from "../lifecycle/failover/breaker";
import { Ledger } from "./ledger";
import { SharedObject } from "./shared-object";

/** Whoever made a switch tells of it at once; others do so once it should have. */
const tellingMs = 60_000;

const kindOfEntry = "switch";

export interface FailoverBookArgs {
  readonly store: Pick<ObjectStore, "getWithTag" | "putIf">;
  readonly bucket: string;
  /** Rungs that the environment has, best first. */
  readonly rungs: readonly Rung[];
  /** ARN of who decides. */
  readonly by: string;
  /** Tells people. */
  readonly tell: (made: ServerSwitch) => Promise<void>;
  readonly log: (line: string) => void;
}

/** What changed when somebody changed the state, and why. */
export interface ChangeMade {
  readonly state: FailoverState;
  /** Whether it is another state than before. */
  readonly changed: boolean;
}

/**
 * Which rungs are out of service, for all copies of the door. A switch is written with the state, then to the ledger of
 * switches, then told, then forgotten: whoever ends in between leaves it to the next one, so it is told once at least.
 */
export class FailoverBook {
  private readonly shared: SharedObject<FailoverState>;
  private readonly ledger: Pick<Ledger, "append">;

  constructor(private readonly args: FailoverBookArgs) {
    const { store, bucket, log } = args;
    this.shared = new SharedObject(store, { bucket, key: failoverStateKey }, failoverState, allServe, log);
    this.ledger = switchLedger(store, bucket);
  }

  /** @param nowMs tells who should have told of a switch by now. */
  async read(nowMs: number): Promise<FailoverState> {
    const state = await this.shared.read();
    await this.tell(state.untold.filter(({ atMs }) => nowMs - atMs >= tellingMs));
    return state;
  }

  /** Changes the state; a change that makes requests go elsewhere is a switch. */
  async change(
    by: (state: FailoverState) => FailoverState,
    reasons: readonly string[],
    nowMs: number,
  ): Promise<ChangeMade> {
    const { rungs } = this.args;
    const { state, changed, made } = await this.shared.change((before) => {
      const after = by(before);
      if (after === before) return { state: before, result: { state: before, changed: false, made: [] } };
      const noted = noteSwitch(before, after, { rungs, reasons, nowMs });
      const made = noted.untold.slice(before.untold.length);
      return { state: noted, result: { state: noted, changed: true, made } };
    });
    await this.tell(made);
    return { state, changed };
  }

  /** A switch that cannot be told now waits in the state for the next one who looks. */
  private async tell(switches: readonly ServerSwitch[]): Promise<void> {
    for (const made of switches)
      try {
        const { id, atMs, from, to, reasons } = made;
        this.args.log(`switched from ${from} to ${to}: ${reasons.join("; ")}`);
        const at = new Date(atMs).toISOString();
        await this.ledger.append({ at, by: this.args.by, kind: kindOfEntry, subject: id, body: { from, to, reasons } });
        await this.args.tell(made);
        await this.shared.change((state) => ({ state: forgetSwitch(state, id), result: undefined }));
      } catch (error) {
        this.args.log(`the switch ${made.id} is not told yet: ${(error as Error).message}`);
      }
  }
}

/** The ledger of an environment's switches. */
export function switchLedger(store: Pick<ObjectStore, "getWithTag" | "putIf">, bucket: string): Ledger {
  return new Ledger(store, bucket, undefined, failoverLedgerKey);
}
