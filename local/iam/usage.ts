import type { Call } from "../call";
import type { Decision } from "./evaluate";

/** Requests that only ask whether something is allowed (`userAgentAppId` of their client) use nothing. */
const asking = /\bapp\/peregrine-asks\b/;

/**
 * Which statement of its policies each role's requests were allowed by: the evidence for least privilege. Since the
 * start; in memory alone.
 */
export class RightsUsage {
  /** Role's ARN -> action -> statements' ids. */
  private readonly used = new Map<string, Map<string, Set<string>>>();

  /** Notes an allowed requirement. What a resource's policy granted by itself used no right of the role's. */
  note(action: string, decision: Decision, { principal, caller }: Call): void {
    if (decision.layer !== "identity" || !principal.roleArn || asking.test(caller.userAgent)) return;
    let actions = this.used.get(principal.roleArn);
    if (!actions) this.used.set(principal.roleArn, (actions = new Map<string, Set<string>>()));
    let statements = actions.get(action);
    if (!statements) actions.set(action, (statements = new Set<string>()));
    statements.add(decision.statement ?? "");
  }

  toJSON(): Record<string, Record<string, string[]>> {
    const sorted = <T>(entries: Iterable<[string, T]>): [string, T][] =>
      [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(
      sorted(this.used).map(([role, actions]) => [
        role,
        Object.fromEntries(sorted(actions).map(([action, statements]) => [action, [...statements].sort()])),
      ]),
    );
  }
}
