import { join } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { UserError } from "../../automation/errors";
import { type EnvironmentName, environments } from "../../contract/environments";
import { type ReportKind, reportKinds } from "../../contract/report";
import { type ReportFormat, reportFormats } from "../../insight/report/files";
import { seenBy } from "../dashboard/seen-by";
import { profileOption, type Profiles } from "../profiles";
import { environmentNames, openEnvironment, printJson } from "../project";
import { orderReport, writeReport } from "../report/report";

interface Options {
  readonly stack: EnvironmentName[];
  readonly period: ReportKind;
  readonly until?: Date;
  readonly out?: string;
  readonly format: readonly ReportFormat[];
  readonly keep?: boolean;
  readonly billed?: boolean;
  readonly profile?: Profiles;
  readonly json?: boolean;
}

/** `peregrine report`: what somebody who decides must know, on two pages. */
export function reportCommand(): Command {
  return new Command("report")
    .description(
      "The executive report of a week or a month: verdict, missed targets with owner and next action, money, risk, recommendations by written rules. Reads only, unless it is kept.",
    )
    .option("-s, --stack <environments>", "environments, comma-separated", environmentNames, [
      ...environments,
    ] as EnvironmentName[])
    .addOption(
      new Option("--period <period>", "how far it looks back")
        .choices(reportKinds)
        .default("week" satisfies ReportKind),
    )
    .option("--until <time>", "end of the period, ISO 8601; now, by the cloud's clock, when left out", timeOf)
    .option("--out <folder>", "where it is written; report-<period>-<day> when left out")
    .option("--format <formats>", "forms, comma-separated: html, pdf, md, json", formatsOf, [...reportFormats])
    .option("--keep", "keep it in the bucket, so that the next report says what became of its recommendations")
    .option("--billed", "read the bill, too: each question to Cost Explorer costs 0.01 USD, of which it takes some")
    .addOption(profileOption())
    .option("--json", "print it as JSON")
    .action(async (options: Options) => {
      const opened = await Promise.all(options.stack.map(openEnvironment));
      const seen = opened.map((one) => seenBy(one, options.profile));
      const { period: kind, until, format, keep = false, billed = false } = options;
      if (keep && !format.includes("json"))
        throw new UserError(
          "A report without its JSON cannot be kept: the next one reads it.",
          "Name json among the forms, or leave --format out.",
        );
      const made = await orderReport(seen, { kind, until, formats: format, keep, billed });
      const folder = options.out ?? join(".", `report-${made.report.id}`);
      const names = await writeReport(made, folder);
      if (options.json) return printJson({ folder, files: names, kept: made.kept, ...made.report });
      const { verdict, missed, recommendations } = made.report;
      process.stdout.write(`${verdict.light}: ${verdict.sentence}\n`);
      for (const { environment, title, found, wanted, owner, due, command } of missed)
        process.stdout.write(
          `missed  ${environment}: ${title} is ${found}, wanted ${wanted}; ${owner} by ${due}: ${command}\n`,
        );
      for (const { action, owner, due } of recommendations) process.stdout.write(`do  ${action} (${owner}, ${due})\n`);
      process.stdout.write(`${folder}: ${names.join(", ")}\n`);
      if (made.kept) process.stdout.write(`kept: ${made.kept}\n`);
    });
}

function timeOf(text: string): Date {
  const time = new Date(text);
  if (Number.isNaN(time.getTime()) || !/^\d{4}-\d\d-\d\d/.test(text))
    throw new InvalidArgumentError("must be a time in ISO 8601, such as 2026-11-30 or 2026-11-30T12:00:00Z.");
  return time;
}

function formatsOf(text: string): ReportFormat[] {
  const names = text.split(",").map((name) => name.trim());
  const unknown = names.filter((name) => !(reportFormats as readonly string[]).includes(name));
  if (unknown.length > 0) throw new InvalidArgumentError(`must be among ${reportFormats.join(", ")}.`);
  return names as ReportFormat[];
}
