import { Command, InvalidArgumentError } from "commander";
import { awaitKeyAliases } from "../../automation/release/key-aliases";
import { pendingApproval, notifySuperseded } from "../../automation/release/pending-approval";
import { verifyServed } from "../../automation/release/verify-served";
import { approvedRelease, gate, promote, thresholdOf } from "../../automation/release/promote";
import type { RolloutResult } from "../../automation/release/rollout/rollout";
import type { EnvironmentName } from "../../contract/environments";
import type { GateDecision } from "../../lifecycle/gate";
import { cardPolicy } from "../../lifecycle/model-card";
import { atLeastOne } from "../numbers";
import { environmentName, environmentNames, openEnvironment, openEnvironments, printJson } from "../project";
import { stageReporter, writeLine } from "../terminal";

export function promoteCommand(): Command {
  return new Command("promote")
    .description(
      "Release an approved model package: staging first, then prod; each must serve it before the next starts.",
    )
    .argument("<package-arn>", "ARN of the model package version")
    .option("--to <environments>", "environments in order, comma-separated", environmentNames, [
      "staging",
      "prod",
    ] as EnvironmentName[])
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
      "most real images, never trained on, sent to each endpoint before and after its update",
      atLeastOne,
      5,
    )
    .option(
      "--with-infrastructure",
      "deploy changes of the program that nobody has deployed yet, too; otherwise they stop the promotion before it begins",
    )
    .option("--dry-run", "say what the gate thinks of the package, and change nothing")
    .option(
      "--once",
      "leave out environments where the package was live before, once they prove it again: for commands that an event starts",
    )
    .option("--json", "print the result as JSON")
    .action(
      async (
        packageArn: string,
        options: {
          to: EnvironmentName[];
          registry: EnvironmentName;
          minMap50?: number;
          goldenImages: number;
          withInfrastructure?: boolean;
          dryRun?: boolean;
          once?: boolean;
          json?: boolean;
        },
      ) => {
        if (options.dryRun) return showDecision(await dryRun(packageArn, options), options.json);
        const [registry, ...named] = await openEnvironments(options.registry, ...options.to);
        const { environments: targets, superseded } = options.once
          ? await pendingApproval(named, packageArn, await approvedRelease(registry, packageArn))
          : { environments: named, superseded: [] };
        if (superseded.length > 0) {
          for (const reason of superseded)
            process.stderr.write(`${packageArn} is superseded, and goes nowhere: ${reason}\n`);
          await notifySuperseded(named.at(-1)!, packageArn, superseded);
          return options.json ? printJson([]) : undefined;
        }
        for (const target of named.filter((one) => !targets.includes(one))) {
          // What goes on from here to the next environment has to be as good now as it was then.
          const verified =
            targets.length > 0 ? await verifyServed(target, packageArn, options.goldenImages) : undefined;
          process.stderr.write(
            `${target.name}: ${packageArn} was released before; ${verified ? `it still serves and passes its tests (${verified.detections} detections, slowest ${verified.slowestMs.toFixed(0)} ms)` : "it is left as it is"}\n`,
          );
        }
        if (targets.length === 0) return options.json ? printJson([]) : undefined;
        await Promise.all([registry, ...targets].map((one) => awaitKeyAliases(one, writeLine)));
        const done = await promote(registry, targets, packageArn, options, stageReporter());
        if (options.json) return printJson(done);
        for (const one of done) process.stdout.write(`${resultLine(one)}\n`);
      },
    );
}

/** What the gate thinks of a package. The targets count by their settings alone, so no stack of theirs is opened. */
async function dryRun(
  packageArn: string,
  { registry: name, to, minMap50 }: { registry: EnvironmentName; to: readonly EnvironmentName[]; minMap50?: number },
): Promise<GateDecision> {
  const registry = await openEnvironment(name);
  const settings = registry.allSettings();
  const asked = Object.fromEntries(to.map((target) => [target, settings[target]]));
  return gate(registry, packageArn, { minMap50: minMap50 ?? thresholdOf(asked), card: cardPolicy(asked) });
}

/** One line about a release that is live. */
export function resultLine({
  environment,
  endpointName,
  endpointConfigName,
  releaseId,
  golden,
  rollout,
  unchanged,
}: RolloutResult): string {
  const proof = rollout ? `; rollout: ${rollout.verdict}, ${rollout.reasons.join(", ")}` : "";
  return `${environment}: ${endpointName} ${unchanged ? "served already" : "serves"} release ${releaseId} by ${endpointConfigName}; ${golden.images} golden images, ${golden.detections} detections${golden.f1 === undefined ? "" : `, F1 ${golden.f1.toFixed(2)} against the labels`}, slowest ${golden.slowestMs.toFixed(0)} ms${proof}`;
}

function showDecision(decision: GateDecision, json?: boolean): void {
  if (json) printJson(decision);
  else
    process.stdout.write(
      `${decision.verdict}\n${decision.checks.map(({ ok, text }) => `  ${ok ? "ok  " : "FAIL"} ${text}`).join("\n")}\n`,
    );
  if (decision.verdict === "refuse") process.exitCode = 1;
}

/** A share as an option gives it. */
export function share(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !(value >= 0 && value <= 1))
    throw new InvalidArgumentError("must be a number from 0 to 1.");
  return value;
}
