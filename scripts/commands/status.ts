import { Command } from "commander";
import { status } from "../../automation/release/status";
import { type EnvironmentName, environments } from "../../contract/environments";
import { releaseId } from "../../records/release";
import { environmentNames, openEnvironment, printJson } from "../project";

export function statusCommand(): Command {
  return new Command("status")
    .description("What each environment shall serve, and what it does serve.")
    .option("-s, --stack <environments>", "environments, comma-separated", environmentNames, [
      ...environments,
    ] as EnvironmentName[])
    .option("--json", "print as JSON")
    .action(async (options: { stack: EnvironmentName[]; json?: boolean }) => {
      const all = await Promise.all(options.stack.map(async (name) => status(await openEnvironment(name))));
      if (options.json) return printJson(all);
      for (const one of all) {
        const endpoint = one.endpoint
          ? `${one.endpoint.name} ${one.endpoint.status} on ${one.endpoint.configName}`
          : "no endpoint";
        const desired = one.desired
          ? `desired ${releaseId(one.desired)} (${one.desired.modelPackageArn.split("/").slice(1).join("/")})`
          : "no release desired";
        const wanted =
          one.endpoint && one.endpoint.configName !== one.endpoint.wantedConfigName
            ? `, wanted ${one.endpoint.wantedConfigName ?? "none"}`
            : "";
        process.stdout.write(
          `${one.environment}: ${one.up ? `${desired}; ${endpoint}${one.converged ? "" : `${wanted}  NOT CONVERGED`}` : "not up"}\n`,
        );
        for (const { arn, approval, created } of one.packages)
          process.stdout.write(`  ${arn}  ${approval}  ${created}\n`);
      }
    });
}
