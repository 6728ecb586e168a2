/** What an experiment saw, and what that says of the belief. */
export interface Finding {
  readonly verdict: "held" | "refuted";
  readonly observed: string;
}

/** Why a question has no answer: something is missing that it takes. */
export class CouldNotAsk extends Error {}

export const held = (observed: string): Finding => ({ verdict: "held", observed });
export const refuted = (observed: string): Finding => ({ verdict: "refuted", observed });

/** An error in AWS's words. */
export function errorText(error: unknown): string {
  const { name, message } = error as Error;
  return `${name}: ${message}`;
}
