import { Command } from "commander";
import { UserError } from "../../automation/errors";
import { type EnvironmentName } from "../../automation/workspace";
import { SageMaker } from "../../aws/sagemaker";
import { environmentName, openEnvironment } from "../project";

export function approveCommand(): Command {
  return new Command("approve")
    .description("Approve or reject a model package. Needs the approver role: nobody else may.")
    .argument("<package-arn>", "ARN of the model package version")
    .requiredOption("--why <text>", "the reason, kept in the registry")
    .option("--reject", "reject instead")
    .option("--registry <environment>", "environment whose registry holds the package", environmentName, "dev" as EnvironmentName)
    .option("--profile <name>", "AWS profile to act as", "approver")
    .action(async (packageArn: string, options: { why: string; reject?: boolean; registry: EnvironmentName; profile: string }) => {
      const { session } = await openEnvironment(options.registry);
      const status = options.reject ? "Rejected" : "Approved";
      try {
        await new SageMaker({ ...session, profile: options.profile }).setApproval(packageArn, status, options.why);
      } catch (error) {
        throw new UserError(`Cannot set ${packageArn} to ${status}: ${(error as Error).message}`, "Act as the approver: --profile approver", { cause: error });
      }
      process.stdout.write(`${packageArn} is ${status}\n`);
    });
}
