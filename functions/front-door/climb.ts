import type { Rung } from "../../contract/front-door";
import type { Breakers } from "./breakers";

/** What one rung said to an image. */
export type Tried =
  | { readonly kind: "answer"; readonly answer: ModelAnswer }
  /** The container says that the request is wrong. */
  | { readonly kind: "refusal"; readonly refusal: Refusal; readonly reasons: readonly string[] }
  | { readonly kind: "failure"; readonly reasons: readonly string[] };

export interface ModelAnswer {
  /** JSON, as the model gave it. */
  readonly text: string;
  readonly variant: string;
}

export interface Refusal {
  readonly status: number;
  readonly message: string;
}

/** What came of an image: an answer, a refusal that no rung contradicts, or nothing, and why. */
export type Climbed =
  | { readonly kind: "answer"; readonly answer: ModelAnswer; readonly rung: Rung }
  | { readonly kind: "refusal"; readonly refusal: Refusal }
  | { readonly kind: "nobody"; readonly reasons: readonly string[] };

/**
 * Has an image answered by the best rung that can: one that fails costs the image nothing but time. What is learned on
 * the way is noted beside, and known before this returns, since Lambda stops the process then.
 * @param now cloud time, milliseconds.
 */
export async function climb(
  rungs: readonly Rung[],
  breakers: Pick<Breakers, "use" | "note">,
  ask: (rung: Rung) => Promise<Tried>,
  now: () => number,
): Promise<Climbed> {
  const notes: Promise<void>[] = [];
  const reasons: string[] = [];
  let refused:
    { readonly rung: Rung; readonly refusal: Refusal; readonly why: readonly string[]; readonly use: Use } | undefined;
  const come = async (to: Climbed): Promise<Climbed> => {
    await Promise.all(notes);
    return to;
  };
  for (const rung of rungs) {
    const use = await breakers.use(rung, now());
    if (use === "skip") {
      reasons.push(`${rung} is out of service`);
      continue;
    }
    const tried = await ask(rung);
    if (tried.kind === "answer") {
      notes.push(breakers.note(rung, use, [], now()));
      // What one rung refuses and another answers was not the request's fault.
      if (refused) notes.push(breakers.note(refused.rung, refused.use, refused.why, now()));
      return come({ kind: "answer", answer: tried.answer, rung });
    }
    if (tried.kind === "refusal" && !refused) {
      refused = { rung, refusal: tried.refusal, why: tried.reasons, use };
      continue;
    }
    reasons.push(...tried.reasons.map((reason) => `${rung}: ${reason}`));
    if (tried.kind === "failure") notes.push(breakers.note(rung, use, tried.reasons, now()));
  }
  return come(refused ? { kind: "refusal", refusal: refused.refusal } : { kind: "nobody", reasons });
}

type Use = "serve" | "try";
