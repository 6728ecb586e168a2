// Usage: node scripts/check-comment.mjs <sarif of peregrine check> <text of pulumi preview> Prints a comment for a pull
// request, in Markdown. Plain Node: any CI can run it, and a check that broke off has a comment too.
import { existsSync, readFileSync } from "node:fs";

const [sarifFile = "", planFile = ""] = process.argv.slice(2);
/** GitHub takes comments of 65,536 characters; the rest is for the table. */
const longestPlan = 40_000;
const maxRows = 50;

const stack = /([^/]+)\.sarif$/.exec(sarifFile)?.[1] ?? "stack";
const plan = existsSync(planFile) ? readFileSync(planFile, "utf8").trim() : "";
process.stdout.write(
  `${(existsSync(sarifFile) ? report(JSON.parse(readFileSync(sarifFile, "utf8")).runs[0]) : [`### ${stack}: no verdict`, "", "`peregrine check` broke off; see the job's log."]).join("\n")}\n${planned()}`,
);

/**
 * @typedef {{ level: string, message: { text: string }, ruleId: string, ruleIndex: number }} Result
 * @typedef {{ helpUri?: string, properties?: Record<string, string> }} Rule
 *
 * @param {{ results: Result[], tool: { driver: { version: string, rules: Rule[] } }, properties: Record<string, string>
 * }} run of the SARIF file.
 * @returns {string[]} lines of Markdown.
 */
function report({ results, tool: { driver }, properties: { cured, undecided, verdict } }) {
  const mandatory = results.filter(({ level }) => level === "error").length;
  const title = `### ${stack}: ${verdict.toUpperCase()}, ${mandatory} mandatory and ${results.length - mandatory} advisory violations`;
  // Each rule has a row before any has a second one: a rule that many resources break hides no other.
  const firsts = results.filter(({ ruleId }, index) => results.findIndex((one) => one.ruleId === ruleId) === index);
  const ordered = [...firsts, ...results.filter((one) => !firsts.includes(one))];
  const rows = ordered.slice(0, maxRows).map(({ level, message, ruleId, ruleIndex }) => {
    const { helpUri, properties } = driver.rules[ruleIndex] ?? {};
    return `| ${level === "error" ? "mandatory" : "advisory"} | ${helpUri ? `[${ruleId}](${helpUri})` : ruleId} | ${properties?.["security-severity"] ?? ""} | ${message.text.replace(/[|\n]/g, " ")} |`;
  });
  return [
    title,
    "",
    ...(rows.length > 0
      ? ["| | rule | severity | what, and what to do |", "|---|---|---|---|", ...rows]
      : ["No rule is violated."]),
    ...(results.length > maxRows ? [`and ${results.length - maxRows} more; see the code-scanning results.`] : []),
    "",
    `Policy pack ${driver.version}. The plan mends ${cured} violations of the state; ${undecided} judgements have to wait for values that only the update makes known.`,
  ];
}

function planned() {
  if (!plan) return "";
  const shown = plan.length > longestPlan ? `${plan.slice(0, longestPlan)}\n... cut; see the job's log` : plan;
  return `\n<details><summary>Plan</summary>\n\n\`\`\`\n${shown.replaceAll("```", "` ` `")}\n\`\`\`\n\n</details>\n`;
}
