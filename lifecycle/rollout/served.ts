import { z } from "zod";
import type { Count } from "../statistics/two-rates";

/**
 * What can go wrong with an answer that was asked for: it is an error; it came later than the latency objective; it is
 * empty or absurd; its detections are less sure than they use to be. One request can be several of them.
 */
export const signals = ["errors", "slow", "empty", "unsure"] as const;
export type Signal = (typeof signals)[number];

/** As people read it, after a number. */
export const signalNames: Readonly<Record<Signal, string>> = {
  errors: "errors",
  slow: "answers beyond the latency objective",
  empty: "empty or absurd answers",
  unsure: "answers of low confidence",
};

/**
 * Requests of a while, and how many of them had each signal. `answers` are those whose content somebody looked at:
 * `empty` and `unsure` are shares of them, since a silent container proves nothing about what it answers.
 */
export type Served = Readonly<Record<"requests" | "answers" | Signal, number>>;

export const nothingServed: Served = { requests: 0, answers: 0, errors: 0, slow: 0, empty: 0, unsure: 0 };

/** Which requests each signal is a share of. */
const among: Readonly<Record<Signal, "requests" | "answers">> = {
  errors: "requests",
  slow: "requests",
  empty: "answers",
  unsure: "answers",
};

/** A signal, and what it is a share of. */
export function countOf(served: Served, signal: Signal): Count {
  return { requests: served[among[signal]], events: served[signal] };
}

/** Both together. */
export function servedTogether(one: Served, other: Served): Served {
  return combined(one, other, (a, b) => a + b);
}

/** All but some of them: what is left of a whole that is measured apart. Measured apart, a part may be the larger one. */
export function servedBeside(all: Served, some: Served): Served {
  return consistent(combined(all, some, (a, b) => Math.max(0, a - b)));
}

/** No more of a signal than there were requests, as counts that are taken one after the other may claim. */
export function consistent(served: Served): Served {
  const limited = signals.map((signal) => [signal, Math.min(served[signal], served[among[signal]])]);
  return { ...served, ...(Object.fromEntries(limited) as Record<Signal, number>) };
}

function combined(one: Served, other: Served, of: (a: number, b: number) => number): Served {
  const names = Object.keys(nothingServed) as (keyof Served)[];
  return Object.fromEntries(names.map((name) => [name, of(one[name], other[name])])) as Served;
}

const count = z.int().min(0);

/** Counts that can be counts. */
export const servedSchema = z
  .strictObject({
    requests: count,
    // Looks of experiments that were kept before it was counted have none.
    answers: count.default(0),
    errors: count,
    slow: count,
    empty: count,
    unsure: count,
  })
  .check(({ value, issues }) => {
    for (const signal of signals)
      if (value[signal] > value[among[signal]])
        issues.push({
          code: "custom",
          input: value,
          path: [signal],
          message: `${value[signal]} of ${value[among[signal]]} ${among[signal]}`,
        });
  });
