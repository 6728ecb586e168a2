import { appendFileSync, mkdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Rule } from "./rule";
import { projectAbove } from "./stack-settings";

/**
 * One line of the record. Pulumi's own event stream knows no remediations, and a plain `pulumi up` keeps none of it.
 */
export interface PolicyRecord {
  readonly schema: "peregrine.policy-record/1";
  /** By the clock of the machine that the pack runs on. */
  readonly at: string;
  readonly kind: "violation" | "remediation";
  /** `analysis` looks at the state (`pulumi policy analyze`). */
  readonly operation: "preview" | "update" | "analysis";
  readonly packVersion: string;
  readonly rule: string;
  readonly severity: string;
  /** The resource; the stack where a rule names none. */
  readonly urn: string;
  /** What was found, or what was corrected. */
  readonly message: string;
}

/**
 * Where records go: `PEREGRINE_POLICY_RECORD`, else `.peregrine/policy-record.jsonl` beside the project's
 * `Pulumi.yaml`.
 */
export function recordFile(env: NodeJS.ProcessEnv, packFolder: string): string {
  const given = env["PEREGRINE_POLICY_RECORD"];
  if (given) return resolve(env["PWD"] ?? packFolder, given);
  const project = [packFolder, env["PWD"] ?? packFolder].map(projectAbove).find((folder) => folder !== undefined);
  return join(project ?? env["PWD"] ?? packFolder, ".peregrine", "policy-record.jsonl");
}

/** Appends records to a file. A record that cannot be written stops nothing: it is said once, on standard error. */
export function appendTo(file: string): (record: PolicyRecord) => void {
  let failed = false;
  return (record) => {
    try {
      mkdirSync(dirname(file), { recursive: true });
      appendFileSync(file, `${JSON.stringify(record)}\n`);
    } catch (error) {
      if (!failed) process.stderr.write(`policy record: ${(error as Error).message}\n`);
      failed = true;
    }
  };
}

/** The rule, with a record of all that it reports and corrects. */
export function recorded(
  rule: Rule,
  about: () => Pick<PolicyRecord, "operation" | "packVersion">,
  append: (record: PolicyRecord) => void,
): Rule {
  const note = (kind: PolicyRecord["kind"], urn: string, message: string) =>
    append({
      schema: "peregrine.policy-record/1",
      at: new Date().toISOString(),
      kind,
      ...about(),
      rule: rule.name,
      severity: String(rule.severity),
      urn,
      message,
    });
  const { validateResource, validateStack, correction } = rule;
  return {
    ...rule,
    validateResource: [validateResource ?? []].flat().map(
      (validate): typeof validate =>
        (args, report) =>
          validate(args, (message, urn) => {
            note("violation", urn ?? args.urn, String(message));
            report(message, urn);
          }),
    ),
    ...(validateStack
      ? {
          validateStack: (args, report) =>
            validateStack(args, (message, urn) => {
              note(
                "violation",
                urn ?? args.resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.urn ?? "",
                String(message),
              );
              report(message, urn);
            }),
        }
      : {}),
    ...(correction
      ? {
          remediateResource: (args) => {
            const corrected = correction(args);
            if (corrected) note("remediation", args.urn, corrected);
            return corrected ? args.props : undefined;
          },
        }
      : {}),
  };
}
