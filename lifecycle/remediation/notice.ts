import type { AlertDetail } from "../../contract/monitoring";
import type { Incident, Violation } from "../../contract/remediation";

interface About {
  readonly environment: string;
  /** S3 URI of the entries. */
  readonly evidence: string;
}

const runbook = { healed: "docs/runbooks/violation-healed.md", escalated: "docs/runbooks/violation-escalated.md" };

/** What people are told of a violation that was put right. */
export function healedNotice({ violation, resource, actor, seenMs }: Incident, about: About): AlertDetail {
  return {
    severity: "warning",
    message: `${what(violation, resource, actor)}. It was put right, and the look afterwards found it right.`,
    ...shared(violation, seenMs, about),
    runbook: runbook.healed,
  };
}

/** What people are told of a violation that is theirs now. */
export function escalationNotice(
  { violation, resource, actor, seenMs }: Incident,
  reasons: readonly string[],
  about: About,
): AlertDetail {
  return {
    severity: "critical",
    message: `${what(violation, resource, actor)}. It is not put right by itself: ${reasons.join("; ")}.`,
    ...shared(violation, seenMs, about),
    runbook: runbook.escalated,
  };
}

function what(violation: Violation, resource: string, actor: string | undefined): string {
  return `${violation} of ${resource}${actor === undefined ? ", by whom no event said" : `, by ${actor}`}`;
}

function shared(violation: Violation, seenMs: number, { environment, evidence }: About) {
  return {
    area: "platform",
    cause: `violation-${violation}`,
    since: new Date(seenMs).toISOString(),
    evidence,
    command: `npx peregrine remediation --stack ${environment}`,
  } as const;
}
