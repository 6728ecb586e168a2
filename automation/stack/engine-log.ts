import type { EngineEvent } from "@pulumi/pulumi/automation";
import {
  HealthCheckFailed,
  PolicyBlocked,
  ProgramFailed,
  ProviderFailed,
  StackLocked,
  type UserError,
} from "../errors";

/** How far an operation of the engine is. */
export interface Progress {
  /** Resources finished so far, unchanged ones included. */
  readonly done: number;
  /** The resource touched last, as `type name`. */
  readonly last: string;
}

/** One step of a plan: the engine's word for what it would do (`create`, `update`, `delete`, `replace`, ...). */
export interface PlannedChange {
  readonly operation: string;
  readonly urn: string;
}

/** Steps that change nothing. */
const idle: readonly string[] = ["same", "read", "refresh"];

/** What an operation of the engine did, gathered from its event stream, never from its printed text. */
export class EngineLog {
  /** Blocking violations, as `rule: message (resource)`. */
  readonly violations: string[] = [];
  /** Advisory findings. */
  readonly warnings: string[] = [];
  /** Failed resources and error messages of the program. */
  readonly failures: string[] = [];
  /** Operation (`create`, `update`, `same`, ...) to count. */
  changes: Readonly<Record<string, number>> = {};
  /** What a preview would do to which resource, unchanged ones left out. */
  readonly planned: PlannedChange[] = [];
  private done = 0;

  constructor(private readonly onProgress: (progress: Progress) => void = () => {}) {}

  readonly record = (event: EngineEvent): void => {
    const policy = event.policyEvent;
    if (policy) {
      const where = policy.resourceUrn ? ` (${nameOf(policy.resourceUrn)})` : "";
      const text = `${policy.policyName}: ${clean(policy.message)}${where}`;
      (policy.enforcementLevel === "mandatory" ? this.violations : this.warnings).push(text);
    }
    const diagnostic = event.diagnosticEvent;
    if (diagnostic?.severity === "error" && !diagnostic.ephemeral) {
      const text = clean(diagnostic.message);
      if (text && !isSummary(text)) this.failures.push(diagnostic.urn ? `${nameOf(diagnostic.urn)}: ${text}` : text);
    }
    const step = event.resourcePreEvent?.metadata;
    if (step && !idle.includes(step.op)) this.planned.push({ operation: step.op, urn: step.urn });
    if (event.summaryEvent) this.changes = event.summaryEvent.resourceChanges ?? {};
    const finished = event.resOutputsEvent?.metadata;
    if (finished) {
      this.done += 1;
      this.onProgress({ done: this.done, last: nameOf(finished.urn) });
    }
  };

  /** The meaning of a failed operation. The engine itself only knows "command failed". */
  explain(operation: string, stack: string, error: unknown): UserError {
    if (this.violations.length > 0)
      return new PolicyBlocked(
        `${operation} of ${stack} is blocked by policy:\n${list(this.violations)}`,
        "Change the program or the stack's settings so that each rule is met; the rules are described in docs/policies.md.",
        { cause: error },
      );
    return this.failed(operation, stack, error);
  }

  /** The meaning of a failure that is not the policies' doing. */
  failed(operation: string, stack: string, error: unknown): UserError {
    const text = error instanceof Error ? error.message : String(error);
    if (/currently locked by|ConcurrentUpdateError|\[409\] Conflict/.test(text))
      return new StackLocked(
        `${operation} of ${stack} cannot start: another update holds the stack's lock.`,
        `Wait for it, or, when that process is dead, run: pulumi cancel --stack ${stack} (docs/runbooks/stuck-release.md)`,
        { cause: error },
      );
    const failures = this.failures.length > 0 ? list(this.failures) : text.slice(-2000);
    if (
      /did not pass the ping health check|Failed to extract model data archive|CannotStartContainerError/.test(failures)
    )
      return new HealthCheckFailed(
        `${operation} of ${stack} failed, the container does not come up:\n${failures}`,
        "Look at the container's log (CloudWatch Logs, /aws/sagemaker/Endpoints/...) and at the model archive.",
        { cause: error },
      );
    const touched = this.done > 0;
    return new (touched ? ProviderFailed : ProgramFailed)(
      `${operation} of ${stack} failed:\n${failures}`,
      touched
        ? "Correct the cause and run the same command again: what was made so far is in the state."
        : "Nothing was changed. Correct the cause and run the same command again.",
      { cause: error },
    );
  }
}

/** `urn:pulumi:dev::peregrine::aws:s3/bucket:Bucket::artifacts` -> `aws:s3/bucket:Bucket artifacts`. */
export function nameOf(urn: string): string {
  const [, , type = "", name = ""] = urn.split("::");
  return `${type.split("$").at(-1)} ${name}`;
}

/** Engine messages carry colour directives (`<{%fg 1%}>`) and escape codes. */
export function clean(text: string): string {
  return text
    .replace(/<\{%.*?%\}>/g, "")
    .replace(/\u001b\[[0-9;]*m/g, "")
    .trim();
}

/** The engine repeats "update failed" for the stack after the real cause. */
function isSummary(text: string): boolean {
  return /^(update|preview|destroy) failed$/.test(text);
}

function list(items: readonly string[]): string {
  return items.map((item) => `  - ${item.replaceAll("\n", "\n    ")}`).join("\n");
}
