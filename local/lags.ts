/** What AWS says later than it happened, in milliseconds of cloud time. Zero is at once. */
export interface Lags {
  /**
   * Until requests are decided by a change of a role, user, group or policy, new ones included (IAM user guide,
   * "Changes that I make are not always immediately visible"). AWS gives no number; seconds are believed.
   */
  readonly iamMs: number;
  /**
   * Until `kms:ResourceAliases` follows an alias: "up to five minutes" (KMS developer guide, "Controlling access to
   * aliases").
   */
  readonly aliasMs: number;
  /**
   * Until a grant on a key counts without its token, and until one that is gone counts no more: "usually less than five
   * minutes" (KMS API, CreateGrant, RevokeGrant).
   */
  readonly grantMs: number;
  /** How long the tagging API lists what is gone. AWS gives no number; minutes are believed. */
  readonly taggingMs: number;
  /** EventBridge brings events at least once and in no order: some are late, some come twice. */
  readonly events: boolean;
  /**
   * Until what was used is on the bill: "at least once every 24 hours" (Cost Management user guide). Nobody waits for it
   * unless it is asked for by itself (`billAfterHours`): a rehearsal ends before its first day is billed.
   */
  readonly costMs: number;
}

/** Everything is known at once. */
export const noLags: Lags = { iamMs: 0, aliasMs: 0, grantMs: 0, taggingMs: 0, events: false, costMs: 0 };

/** As on AWS. */
export const awsLags: Lags = {
  iamMs: 10_000,
  aliasMs: 300_000,
  grantMs: 300_000,
  taggingMs: 90_000,
  events: true,
  costMs: 0,
};

/** From this speed on, cloud seconds per real second, those lags are on that nobody has to wait for. */
const unaskedSpeed = 30;

/**
 * The lags of a local cloud.
 * @param asked all or none; left out, by the clock: whoever uses a right that was given a moment ago has to try again,
 * and is asked first.
 */
export function lagsOf(asked: boolean | undefined, speed: number): Lags {
  if (asked !== undefined) return asked ? awsLags : noLags;
  return speed >= unaskedSpeed ? { ...awsLags, iamMs: 0, aliasMs: 0, grantMs: 0 } : noLags;
}
