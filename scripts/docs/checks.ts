import { type ListedCheck, listedChecks } from "../../local/checks";

/** What is refused, operation by operation, from the table that refuses: a section of docs/local-cloud.md. */
export function checkSection(): string[] {
  return [
    "## Checks by operation",
    "",
    "AWS refuses more than its service models and IAM say. The local cloud refuses the same, in these words (`local/checks/`).",
    "",
    "- *Documented*: AWS's documentation has the rule, and its error message was seen.",
    "- *Words believed*: the rule is AWS's, but its error message is not documented, so the words are ours.",
    "- *Believed*: it is not documented that AWS checks this at all.",
    "- `FailureReason`: the operation succeeds, and the resource that it created fails afterwards.",
    "",
    "The list leaves out names that are taken or unknown, and what the local cloud cannot do, which it names when asked.",
    "Rights in other services are [below](#rights-across-services), networks [after them](#networks).",
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
