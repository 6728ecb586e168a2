import { z } from "zod";
import { UserError } from "../errors";

const entry = z.object({
  /** `update`, `preview`, `refresh`, `destroy` and others. */
  kind: z.string(),
  /** `succeeded`, `failed`, `in-progress`; the CLI's own history of an update under way has none. */
  result: z.string().optional(),
  message: z.string(),
  /** What the engine noted of its surroundings: Git, the options it was given. */
  environment: z.record(z.string(), z.string()),
});

/** What happened to a stack last, as far as it is read here. */
export type LatestUpdate = Readonly<z.infer<typeof entry>>;

/**
 * The latest entry in what `pulumi stack history --json` prints; none for a stack that was never updated.
 * @throws UserError when it is no history.
 */
export function latestIn(text: string): LatestUpdate | undefined {
  try {
    return z.array(entry).parse(JSON.parse(text))[0];
  } catch (error) {
    throw new UserError(
      `Pulumi's history of the stack cannot be read: ${(error as Error).message}`,
      "Look at it: pulumi stack history --json --page-size 1",
      { cause: error },
    );
  }
}
