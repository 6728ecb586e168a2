import { z } from "zod";

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

/** Requests of a while, and how many of them had each signal. */
export type Served = Readonly<Record<"requests" | Signal, number>>;

export const nothingServed: Served = { requests: 0, errors: 0, slow: 0, empty: 0, unsure: 0 };

const count = z.int().min(0);

/** Counts that can be counts. */
export const servedSchema = z
  .strictObject({ requests: count, errors: count, slow: count, empty: count, unsure: count })
  .check(({ value, issues }) => {
    for (const signal of signals)
      if (value[signal] > value.requests)
        issues.push({
          code: "custom",
          input: value,
          path: [signal],
          message: `${value[signal]} of ${value.requests} requests`,
        });
  });
