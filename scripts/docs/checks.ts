import { type ListedCheck, listedChecks } from "../../local/checks";

/** What is refused, operation by operation, from the table that refuses: a section of docs/local-cloud.md. */
export function checkSection(): string[] {
  return [
    "## Checks by operation",
    "",
    "What AWS refuses beside what its service models and IAM say, and the local cloud refuses, too, in these words (`local/checks/`). *Documented*: AWS's texts have the rule, and its words were seen.",
    "*Words believed*: the rule is AWS's, how it is told is not written anywhere, so the words are ours. *Believed*: nobody wrote down that it is checked at all. `FailureReason`: the operation succeeds, and what it",
    "made fails afterwards. Not in the list: names that are taken or unknown, and what the local cloud cannot do, which it says by its name. Rights in other services are",
    "[further down](#rights-across-services), networks [after them](#networks).",
    "",
    "| operation | must be | else | |",
    "|---|---|---|---|",
    ...rowsByOperation(listedChecks()),
    "",
  ];
}

/** Rows in the order of their first operation; what one operation has stands together. */
function rowsByOperation(checks: readonly ListedCheck[]): string[] {
  const keyed = checks.map((check) => ({ key: check.operations.join(", "), check }));
  const keys = [...new Set(keyed.map(({ key }) => key))].sort();
  return keys.flatMap((key) => keyed.filter((one) => one.key === key).map(({ check }) => row(check)));
}

function row({ operations, rule, refusal, ground }: ListedCheck): string {
  const told = refusal
    ? `${refusal.code}: *${refusal.words.trim().replaceAll("|", "\\|").replaceAll("*", "\\*")}*`.replace(
        /<([^>]+)>/g,
        "&lt;$1&gt;",
      )
    : "the words of the service model, or of IAM";
  return `| ${operations.map((name) => `\`${name}\``).join(", ")} | ${rule} | ${told} | ${ground} |`;
}
