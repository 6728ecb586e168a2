import type { Finding } from "./answer";
import type { Bench } from "./bench";
import type { Cost } from "./budget";

/** One open question about AWS, with the smallest thing that answers it. */
export interface Experiment {
  /** Letters, digits and hyphens, 20 at most: it is a part of names. */
  readonly name: string;
  readonly question: string;
  /** What this project rests on today, as a sentence that AWS can refute. */
  readonly believed: string;
  /** The longest that it takes, minutes. */
  readonly minutes: number;
  /** What it costs when it takes all of them. */
  readonly costs: readonly Cost[];
  /** @throws CouldNotAsk, or whatever AWS answers that says nothing about the belief. */
  ask(bench: Bench): Promise<Finding>;
}
