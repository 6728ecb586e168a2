import type { Count } from "./two-rates";

/** Blocks that are looked at together, for lumps that last longer than one. */
const scales = [1, 5] as const;

interface ScaleTally {
  readonly blocks: number;
  readonly requests: number;
  readonly events: number;
  /** Sum of events² / requests. */
  readonly squares: number;
  /** Blocks of a group that is not complete. */
  readonly pending: Count & { readonly blocks: number };
}

/** How a rate differs from block to block, of one configuration. */
export type DispersionTally = readonly ScaleTally[];

const none: ScaleTally = {
  blocks: 0,
  requests: 0,
  events: 0,
  squares: 0,
  pending: { blocks: 0, requests: 0, events: 0 },
};
export const noDispersion: DispersionTally = scales.map(() => none);

/** A further block; one without requests says nothing. */
export function withCount(tally: DispersionTally, { requests, events }: Count): DispersionTally {
  if (requests === 0) return tally;
  return tally.map((one, index) => {
    const pending = {
      blocks: one.pending.blocks + 1,
      requests: one.pending.requests + requests,
      events: one.pending.events + events,
    };
    if (pending.blocks < scales[index]!) return { ...one, pending };
    return {
      blocks: one.blocks + 1,
      requests: one.requests + pending.requests,
      events: one.events + pending.events,
      squares: one.squares + pending.events ** 2 / pending.requests,
      pending: none.pending,
    };
  });
}

/** Before anything was seen: events come twice at a time, as sure as ten blocks would make it. */
const prior = { dispersion: 2, blocks: 10 } as const;

/**
 * How many events come at once: Pearson's statistic over its degrees of freedom (McCullagh and Nelder, Generalized
 * Linear Models, 2nd edition, section 4.5.2), which is the mean lump, weighted by size, where events come in lumps. The
 * highest of the scales, at least 1.
 */
export function dispersionOf(tally: DispersionTally): number {
  return Math.max(1, ...tally.map(pearson));
}

function pearson({ blocks, requests, events, squares }: ScaleTally): number {
  const rate = requests > 0 ? events / requests : 0;
  const varies = rate > 0 && rate < 1 && blocks > 1;
  const statistic = varies ? (squares - rate * events) / (rate * (1 - rate)) : 0;
  const degrees = varies ? blocks - 1 : 0;
  return (statistic + prior.dispersion * prior.blocks) / (degrees + prior.blocks);
}
