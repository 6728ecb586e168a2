import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { readAdvice } from "../../automation/costs/advise";
import type { EnvironmentName } from "../../contract/environments";
import { adviceText } from "../../insight/advice";
import type { Performance } from "../../pricing/adviser";
import { environmentName, openEnvironment, printJson, projectDir } from "../project";

interface Options {
  readonly stack: EnvironmentName;
  readonly stated: ReadonlyMap<string, Performance>;
  readonly peak?: number;
  readonly json?: boolean;
}

/** `peregrine cost advise`: on what an endpoint should run. */
export function adviseCommand(): Command {
  return new Command("advise")
    .description(
      "The cheapest instance type that the policies allow and that meets the latency objective. The type in use is measured; how fast others are has to be stated, and is never guessed.",
    )
    .requiredOption("-s, --stack <environment>", "environment", environmentName)
    .option(
      "--stated <type=ms:images>",
      "how fast an instance of a type is: 90th percentile in milliseconds, images a second; repeatable",
      collect,
      new Map<string, Performance>(),
    )
    .option("--peak <number>", "images a second; the busiest minute of the last week when left out", positive)
    .option("--json", "print as JSON")
    .action(async ({ stack, stated, peak, json }: Options) => {
      const advice = await readAdvice(await openEnvironment(stack), allowedIn(stack), stated, peak);
      if (json) printJson(advice);
      else process.stdout.write(adviceText(stack, advice.need, advice));
    });
}

/** Instance types that the policy pack lets endpoints of an environment run on. */
function allowedIn(environment: EnvironmentName): string[] {
  const file = join(projectDir, "policies", "config", `${environment}.json`);
  const config = JSON.parse(readFileSync(file, "utf8")) as { "instance-allow-list": { serving: string[] } };
  return config["instance-allow-list"].serving;
}

function collect(text: string, before: ReadonlyMap<string, Performance>): ReadonlyMap<string, Performance> {
  const [, type, p90Ms, imagesPerSecond] = /^(ml\.[\w.-]+)=([\d.]+):([\d.]+)$/.exec(text) ?? [];
  if (!type) throw new InvalidArgumentError("expected TYPE=MILLISECONDS:IMAGES, such as ml.g6.xlarge=35:20.");
  const speed = { p90Ms: positive(p90Ms!), imagesPerSecond: positive(imagesPerSecond!), source: "stated" };
  return new Map([...before, [type, speed]]);
}

function positive(text: string): number {
  const number = Number(text);
  if (!(number > 0)) throw new InvalidArgumentError("must be a number above 0.");
  return number;
}
