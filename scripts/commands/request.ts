import { Command } from "commander";
import { requestRelease } from "../../automation/release/request";
import type { EnvironmentName } from "../../contract/environments";
import type { ReleaseRequest } from "../../contract/release-request";
import { environmentName, openEnvironment } from "../project";
import { readAsked } from "./experiment";

interface Options {
  readonly stack: EnvironmentName;
  readonly profile: string;
}

/** How ML engineers release and roll back: by asking the release path. */
export function requestCommand(): Command {
  const command = new Command("request").description(
    "Ask for a release, a rollback or an experiment; a release build does it, through the gate. For ML engineers.",
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
  sub("experiment", "Compare an approved model package with the champion.")
    .argument("<package-arn>", "ARN of the challenger's model package version")
    .argument("<file>", "JSON with the design, the traffic and the prices; see docs/experiments.md")
    .action((modelPackageArn: string, name: string, options: Options) =>
      ask(options, { action: "start-experiment", modelPackageArn, file: JSON.stringify(readAsked(name)) }),
    );
  sub("end-experiment", "Take the challenger away that did not win.")
    .argument("<experiment>", "its id (see: experiment status)")
    .action((experiment: string, options: Options) => ask(options, { action: "end-experiment", experiment }));
  return command;
}

async function ask({ stack, profile }: Options, request: ReleaseRequest): Promise<void> {
  const { session } = await openEnvironment(stack);
  const id = await requestRelease({ ...session, profile }, stack, request);
  process.stdout.write(
    `${stack}: asked for ${request.action} (request ${id}); what becomes of it: npx peregrine release list --stack ${stack}\n`,
  );
}
