import { Command, InvalidArgumentError } from "commander";
import { promote } from "../../automation/promote";
import type { EnvironmentName } from "../../automation/workspace";
import { environmentName, environmentNames, openEnvironment, printJson } from "../project";
import { stageReporter } from "../terminal";

export function promoteCommand(): Command {
  return new Command("promote")
    .description("Release an approved model package: staging first, then prod; each must serve it before the next starts.")
    .argument("<package-arn>", "ARN of the model package version")
    .option("--to <environments>", "environments in order, comma-separated", environmentNames, ["staging", "prod"] as EnvironmentName[])
    .option("--registry <environment>", "environment whose registry holds the package", environmentName, "dev" as EnvironmentName)
    .option("--min-map50 <value>", "lowest mAP50 that may be released, 0 to 1", share, 0.1)
    .option("--smoke-images <count>", "real images sent to each endpoint afterwards", atLeastOne, 5)
    .option("--json", "print the result as JSON")
    .action(async (packageArn: string, options: { to: EnvironmentName[]; registry: EnvironmentName; minMap50: number; smokeImages: number; json?: boolean }) => {
      const registry = await openEnvironment(options.registry);
      const targets = await Promise.all(options.to.map(openEnvironment));
      const done = await promote(registry, targets, packageArn, options, stageReporter());
      if (options.json) return printJson(done);
      for (const { environment, endpointName, endpointConfigName, smoke } of done)
        process.stdout.write(`${environment}: ${endpointName} serves ${endpointConfigName}; ${smoke.invocations} test images, ${smoke.detections} detections, slowest ${smoke.slowestMs.toFixed(0)} ms\n`);
    });
}

function share(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !(value >= 0 && value <= 1)) throw new InvalidArgumentError("must be a number from 0 to 1.");
  return value;
}

/** A release that no image was sent to is untested. */
function atLeastOne(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("must be a whole number, at least 1.");
  return value;
}
