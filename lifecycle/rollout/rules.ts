import { z } from "zod";
import { type Signal, signals } from "./served";

const chance = z.number().gt(0).lt(1);
const rate = z.number().gt(0).lt(1);

export const rolloutRulesSchema = z
  .strictObject({
    /** Chance of a release that is no worse to be rolled back, of all signals and looks together. */
    rollBackAlpha: chance.default(0.01),
    /** Chance of a release that is worse to be promoted. */
    promoteAlpha: chance.default(0.01),
    /** Odds ratio of a signal, new to old, from which on a release is worse. */
    margin: z.number().gt(1).max(10).default(2),
    /** Shares of requests with a signal that are no harm, whatever the old configuration has. */
    tolerated: z
      .strictObject({ errors: rate, slow: rate, empty: rate, unsure: rate })
      .default({ errors: 0.001, slow: 0.005, empty: 0.001, unsure: 0.005 }),
    /** Blocks that a release is watched at least, however good it looks. */
    leastBlocks: z.int().min(1).default(10),
    /** Blocks after which it is inconclusive. */
    mostBlocks: z.int().min(1).default(120),
  })
  .refine(({ leastBlocks, mostBlocks }) => leastBlocks <= mostBlocks, {
    path: ["mostBlocks"],
    message: "fewer than leastBlocks",
  });

/** When a guarded rollout is decided. A block is a minute, or a batch. */
export type RolloutRules = Readonly<z.infer<typeof rolloutRulesSchema>>;

export const usualRules: RolloutRules = rolloutRulesSchema.parse({});

/** Part of the chance of a false rollback that each signal may use. */
export const alphaShares: Readonly<Record<Signal, number>> = { errors: 0.4, slow: 0.2, empty: 0.3, unsure: 0.1 };

/**
 * Odds ratio of each signal, new to old, up to which it is no harm. Another model may well find a little less in the
 * same images, or be a little less sure of it, and be the better one; nobody wants a few more errors.
 */
export const acceptedOdds: Readonly<Record<Signal, number>> = { errors: 1, slow: 1, empty: 2, unsure: 2 };

/** Of each signal. */
export function bySignal<Value>(of: (signal: Signal) => Value): Record<Signal, Value> {
  return Object.fromEntries(signals.map((signal) => [signal, of(signal)])) as Record<Signal, Value>;
}
