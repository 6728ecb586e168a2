import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { Command, Option } from "commander";
import { check, type CheckReport } from "../../automation/check/check";
import { checkText, summaryOf } from "../../automation/check/text";
import { UserError } from "../../automation/errors";
import type { RuleMetadata } from "../../automation/check/policy-findings";
import { sarifOf } from "../../automation/check/sarif";
import type { EnvironmentName } from "../../contract/environments";
import { environmentName, openEnvironment } from "../project";

const formats = ["text", "json", "sarif"] as const;
type Format = (typeof formats)[number];

export function checkCommand(): Command {
  return new Command("check")
    .description(
      "Judge an environment by the policy pack: its plan, and its state where the plan does not know yet. Changes nothing.",
    )
    .requiredOption("-s, --stack <environment>", "environment", environmentName)
    .addOption(new Option("--format <format>", "how the report is written").choices(formats).default("text"))
    .option("--output <file>", "write the report to a file instead of standard output")
    .action(async (options: { stack: EnvironmentName; format: Format; output?: string }) => {
      const rules = packRules();
      const report = await check(await openEnvironment(options.stack), rules);
      write(render(report, rules, options.format), options.output);
      if (options.output) process.stderr.write(`${report.environment}: ${summaryOf(report)}\n`);
      const mandatory = report.findings.filter(({ level }) => level === "mandatory").length;
      if (mandatory > 0)
        throw new UserError(
          `${mandatory} mandatory violation${mandatory === 1 ? "" : "s"} in ${report.environment}.`,
          "Each says what to do; docs/policies.md describes the rules.",
        );
    });
}

/** Loaded only when asked for: the pack brings Pulumi's modules along. */
function packRules(): RuleMetadata[] {
  const { rules } = require("../../policies/rules") as typeof import("../../policies/rules");
  return rules.map((rule) => ({
    ...rule,
    displayName: rule.displayName!,
    severity: rule.severity!,
    remediationSteps: rule.remediationSteps!,
    url: rule.url!,
    framework: { name: rule.framework!.name!, reference: rule.framework!.reference! },
  }));
}

function render(report: CheckReport, rules: readonly RuleMetadata[], format: Format): string {
  switch (format) {
    case "text":
      return checkText(report);
    case "json":
      return `${JSON.stringify(report, undefined, 2)}\n`;
    case "sarif":
      return `${JSON.stringify(sarifOf(report, rules), undefined, 2)}\n`;
  }
}

function write(text: string, file: string | undefined): void {
  if (!file) {
    process.stdout.write(text);
    return;
  }
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
