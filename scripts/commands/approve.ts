import { Command } from "commander";
import { decideAbout, decidedText } from "../../automation/release/approve";
import { awaitKeyAliases } from "../../automation/release/key-aliases";
import type { EnvironmentName } from "../../contract/environments";
import { environmentName, openEnvironment, printJson } from "../project";
import { writeLine } from "../terminal";

export function approveCommand(): Command {
  return new Command("approve")
    .description(
      "Approve or reject a model package, by a signed decision about exactly what is there now. Needs the approver role: nobody else may.",
    )
    .argument("<package-arn>", "ARN of the model package version")
    .requiredOption("--why <text>", "the reason, kept in the decision and in the registry")
    .option("--reject", "reject instead")
    .option(
      "--registry <environment>",
      "environment whose registry holds the package",
      environmentName,
      "dev" as EnvironmentName,
    )
    .option("--profile <name>", "AWS profile to act as", "approver")
    .option("--json", "print the decision as JSON")
    .action(
      async (
        packageArn: string,
        options: { why: string; reject?: boolean; registry: EnvironmentName; profile: string; json?: boolean },
      ) => {
        const registry = await openEnvironment(options.registry);
        const verdict = { verdict: options.reject ? "Rejected" : "Approved", why: options.why } as const;
        await awaitKeyAliases(registry, writeLine);
        const { decision, key, resumed } = await decideAbout(
          { ...registry.session, profile: options.profile },
          await registry.outputs(),
          packageArn,
          verdict,
          (facts) => process.stderr.write(decidedText(facts)),
        );
        if (options.json) return printJson({ key, decision });
        process.stdout.write(
          `${packageArn} is ${decision.verdict}, decided by ${decision.person} on ${decision.at}${resumed ? " (signed before, by a command that was interrupted)" : ""}\nsigned: ${key}\n`,
        );
      },
    );
}
