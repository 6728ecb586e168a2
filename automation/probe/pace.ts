import { poll } from "../poll";

/** How time passes: seconds between two polls, and real seconds in a minute of an experiment. */
export interface Pace {
  readonly pollSeconds: number;
  readonly minuteSeconds: number;
}

export const realPace: Pace = { pollSeconds: 5, minuteSeconds: 60 };

export interface Poller {
  /** Asks until there is an answer. @returns undefined when the minutes are over. */
  until<Answer>(minutes: number, ask: () => Promise<Answer | undefined>): Promise<Answer | undefined>;
}

/** Polls at a pace. */
export function poller({ pollSeconds, minuteSeconds }: Pace): Poller {
  const pollMs = pollSeconds * 1000;
  return {
    until: (minutes, ask) =>
      poll(ask, (answer) => answer !== undefined, {
        timeoutMs: minutes * minuteSeconds * 1000,
        backoff: { firstMs: pollMs, maxMs: pollMs },
      }),
  };
}
