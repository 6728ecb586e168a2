import { Command, InvalidArgumentError } from "commander";
import { tryInStaging } from "../../automation/release/trial";
import { type EnvironmentName, trialEnvironment } from "../../contract/environments";
import { atLeastOne } from "../numbers";
import { environmentName, openEnvironments, printJson } from "../project";
import { stageReporter } from "../terminal";
import { resultLine, share } from "./promote";

export function trialCommand(): Command {
  return new Command("trial")
    .description(
      "Try a candidate in staging before it is decided about, and tell the pipeline that waits for it. Run by release builds.",
    )
    .argument("<package-arn>", "ARN of the model package version")
    .requiredOption(
      "--callback-token <token>",
      "token of the pipeline's step, which ends with the outcome",
      callbackToken,
    )
    .option(
      "--registry <environment>",
      "environment whose registry holds the package",
      environmentName,
      "dev" as EnvironmentName,
    )
    .option(
      "--min-map50 <value>",
      "lowest mAP50 that may be released, 0 to 1 (default: peregrine:minMap50 of the environments it goes to, the highest)",
      share,
    )
    .option(
      "--golden-images <count>",
      "most real images, never trained on, sent to the endpoint before and after its update",
      atLeastOne,
      5,
    )
    .option("--json", "print the result as JSON")
    .action(
      async (
        packageArn: string,
        options: {
          callbackToken: string;
          registry: EnvironmentName;
          minMap50?: number;
          goldenImages: number;
          json?: boolean;
        },
      ) => {
        const [registry, staging] = await openEnvironments(options.registry, trialEnvironment);
        const done = await tryInStaging(registry, staging, packageArn, options.callbackToken, options, stageReporter());
        if (options.json) return printJson(done);
        process.stdout.write(`${resultLine(done)}\n`);
      },
    );
}

function callbackToken(text: string): string {
  if (!/^[a-zA-Z0-9]{10}$/.test(text)) throw new InvalidArgumentError("must be ten letters and digits.");
  return text;
}
