import { setTimeout as delay } from "node:timers/promises";

const tries = 20;
const betweenMs = 100;

/**
 * Reads a stack's state, or what its backend says of itself. Where it is a file, another engine may just be writing it:
 * what was half there is whole a moment later.
 * @throws what `read` does, when it goes on for two seconds or has another cause.
 */
export async function retryPartialRead<Result>(read: () => Promise<Result>): Promise<Result> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await read();
    } catch (error) {
      if (
        tried === tries ||
        !/(failed to load checkpoint|read "\.pulumi\/meta\.yaml"): (unexpected )?EOF/.test(
          String((error as Error).message),
        )
      )
        throw error;
      await delay(betweenMs);
    }
  }
}
