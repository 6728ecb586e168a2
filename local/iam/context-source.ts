import type { Call, Requirement } from "../call";
import type { Members } from "../members";

/** What the context of a request is made from. */
export interface ContextSource {
  readonly call: Call;
  readonly input: Members;
  readonly requirement: Requirement;
  readonly region: string;
  /** Tags of the caller: the role's or user's own, overlaid by session tags. */
  readonly principalTags: () => Readonly<Record<string, string>>;
  /** Tags of the requirement's resource. */
  readonly resourceTags: () => Readonly<Record<string, string>> | undefined;
  readonly resourceAccount: string;
  /** Tags of the request speak of this requirement (they do not of `iam:PassRole` beside a create). */
  readonly ownAction: boolean;
}
