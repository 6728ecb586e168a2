import { CostExplorer } from "../../aws/cost-explorer";
import type { AwsSession } from "../../aws/session";
import { callerIdentity } from "../../aws/sts";
import { environmentTags } from "../../contract/names";
import { UserError } from "../errors";

/** A tag by which costs shall be told apart. *Unseen*: AWS has met no usage with it yet, which takes up to a day. */
export interface AllocationTag {
  readonly key: string;
  readonly state: "active" | "inactive" | "unseen";
}

/** The tags that every report of costs goes by. */
export const reportTags: readonly string[] = Object.keys(environmentTags("any"));

export async function readTags(session: AwsSession): Promise<AllocationTag[]> {
  const { accountId, at } = await callerIdentity(session);
  const known = await new CostExplorer(session, accountId, at).allocationTags();
  return reportTags.map((key) => ({
    key,
    state: known.get(key) === undefined ? "unseen" : known.get(key) ? "active" : "inactive",
  }));
}

/**
 * Activates the tags that are not active.
 * @throws UserError where AWS refuses one of them.
 */
export async function activateTags(session: AwsSession): Promise<AllocationTag[]> {
  const { accountId, at } = await callerIdentity(session);
  const waiting = (await readTags(session)).filter(({ state }) => state !== "active").map(({ key }) => key);
  const refused = waiting.length > 0 ? await new CostExplorer(session, accountId, at).activate(waiting) : [];
  if (refused.length > 0)
    throw new UserError(
      `AWS did not activate ${refused.map(({ key, reason }) => `${key} (${reason})`).join(", ")}.`,
      "AWS has to meet a tag on something that is used first, which takes up to 24 hours; then try again.",
    );
  return readTags(session);
}
