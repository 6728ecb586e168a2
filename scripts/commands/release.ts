import { Command } from "commander";
import { named, releasesOf } from "../../automation/release/history";
import type { EnvironmentName } from "../../contract/environments";
import { type RecordedRelease, liveRelease } from "../../records/release";
import { environmentName, openEnvironment, printJson } from "../project";

/** `peregrine release`: what was released, and what became of it. */
export function releaseCommand(): Command {
  const release = new Command("release").description(
    "The releases of an environment, from its ledger; the ledger's hash chain is checked on every look.",
  );
  const stack = ["-s, --stack <environment>", "environment", environmentName] as const;
  release.addCommand(
    new Command("list")
      .description("All attempts to release, newest first.")
      .requiredOption(...stack)
      .option("--json", "print as JSON")
      .action(async (options: { stack: EnvironmentName; json?: boolean }) => {
        const releases = await releasesOf(await openEnvironment(options.stack));
        if (options.json) return printJson([...releases].reverse());
        const live = liveRelease(releases);
        if (releases.length === 0) process.stdout.write(`Nothing was released to ${options.stack} yet.\n`);
        for (const one of [...releases].reverse()) process.stdout.write(`${lineOf(one, one === live)}\n`);
      }),
  );
  release.addCommand(
    new Command("show")
      .description("One release with all that is recorded of it.")
      .argument("<release>", "a release id, the beginning of one, or a model package's ARN")
      .requiredOption(...stack)
      .action(async (text: string, options: { stack: EnvironmentName }) => {
        printJson(named(await releasesOf(await openEnvironment(options.stack)), text, options.stack));
      }),
  );
  return release;
}

/** What a rollout proved, in a word or two. */
const rolloutWords = {
  promote: "proven no worse",
  "roll back": "proven worse",
  inconclusive: "inconclusive",
} as const satisfies Record<NonNullable<RecordedRelease["rollout"]>["verdict"], string>;

function lineOf(
  { endedAt, releaseId, kind, outcome, modelPackageArn, evaluation, reasons, rollout }: RecordedRelease,
  live: boolean,
): string {
  const model = modelPackageArn.split("/").slice(1).join("/");
  const why = reasons[0] ? `  ${reasons[0].split("\n")[0]}` : "";
  const proof = rollout ? `  rollout ${rolloutWords[rollout.verdict]}` : "";
  return `${endedAt}  ${releaseId}  ${kind.padEnd(8)}  ${(live ? "LIVE NOW" : outcome).padEnd(11)}  ${model}${evaluation ? `  mAP50 ${evaluation.map50.toFixed(3)}` : ""}${proof}${why}`;
}
