import { z } from "zod";
import { servedSchema } from "./served";

/** What a guarded rollout has come to, as records keep it. */
export const rolloutOutcome = z.strictObject({
  /**
   * `promote`: proven to be no worse than what was live before; `roll back`: proven to be worse; `inconclusive`: neither,
   * by the end of the update.
   */
  verdict: z.enum(["promote", "roll back", "inconclusive"]),
  /** For people. */
  reasons: z.array(z.string()),
  /** By both configurations while the new one had traffic. */
  served: z.strictObject({ new: servedSchema, old: servedSchema }),
});

export type RolloutOutcome = Readonly<z.infer<typeof rolloutOutcome>>;
