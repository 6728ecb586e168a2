/**
 * Why the local cloud does not come up, and what its user can do about it. The message has both, for whoever prints
 * errors; `reason` and `next` have them apart, each in whole sentences.
 */
export class StartFailure extends Error {
  constructor(
    readonly reason: string,
    readonly next: string,
    options?: ErrorOptions,
  ) {
    super(`${reason} ${next}`, options);
  }
}
