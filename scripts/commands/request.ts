import { Command } from "commander";
import { requestRelease } from "../../automation/release/request";
import type { EnvironmentName } from "../../contract/environments";
import type { ReleaseRequest } from "../../contract/release-request";
import { environmentName, openEnvironment } from "../project";

interface Options {
  readonly stack: EnvironmentName;
  readonly profile: string;
}

/** How ML engineers release and roll back: by asking the release path. */
export function requestCommand(): Command {
  const command = new Command("request").description(
    "Ask for a release or a rollback; a release build does it, through the gate. For ML engineers.",
  );
  const sub = (name: string, description: string) =>
    command
      .command(name)
      .description(description)
      .requiredOption("-s, --stack <environment>", "environment to change", environmentName)
      .option("--profile <name>", "AWS profile of an ML engineer of that environment", "ml-engineer");
  sub("release", "Release an approved model package.")
    .argument("<package-arn>", "ARN of the model package version")
    .action((modelPackageArn: string, options: Options) => ask(options, { action: "release", modelPackageArn }));
  sub("rollback", "Make an earlier release live again: the one before the present one, or the one that is named.")
    .option("--to <release>", "a release id (see: release list)")
    .action(({ to, ...options }: Options & { to?: string }) =>
      ask(options, { action: "rollback", ...(to === undefined ? {} : { to }) }),
    );
  return command;
}

async function ask({ stack, profile }: Options, request: ReleaseRequest): Promise<void> {
  const { session } = await openEnvironment(stack);
  const id = await requestRelease({ ...session, profile }, stack, request);
  process.stdout.write(
    `${stack}: asked for a ${request.action} (request ${id}); what becomes of it: npx peregrine release list --stack ${stack}\n`,
  );
}
