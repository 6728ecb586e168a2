import { resolve } from "node:path";
import { createInterface } from "node:readline/promises";
import { Command } from "commander";
import { UserError } from "../../automation/errors";
import { type Teardown, teardown } from "../../automation/teardown/teardown";
import { type EnvironmentName, environments } from "../../contract/environments";
import { environmentName, environmentNames, openEnvironment, printJson, projectDir } from "../project";
import { stageReporter } from "../terminal";

interface TeardownFlags {
  readonly stack: readonly EnvironmentName[];
  readonly withAudit?: boolean;
  readonly keepIn: string;
  readonly registry: EnvironmentName;
  readonly withoutRecords?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
}

export function teardownCommand(): Command {
  return new Command("teardown")
    .description("Delete environments with everything in them, and prove that nothing is left. Cannot be undone.")
    .requiredOption("-s, --stack <environments>", "environments, comma-separated", environmentNames)
    .option("--with-audit", "delete the audit trail's bucket and key as well, where the settings keep them")
    .option(
      "--keep-in <folder>",
      "where ledger, log and dossiers are kept, verified, before anything is deleted",
      "kept",
    )
    .option(
      "--registry <environment>",
      "environment whose registry holds the packages: it goes last, since dossiers are made of it",
      environmentName,
      "dev" as EnvironmentName,
    )
    .option("--without-records", "delete ledger and log as well, also where they do not hold")
    .option("-y, --yes", "do not ask")
    .option("--json", "print the result as JSON")
    .action(async (options: TeardownFlags) => {
      if (!options.yes) await confirm(options.stack);
      const report = stageReporter();
      const done = [];
      const all = await Promise.all(environments.map(openEnvironment));
      const registry = all.find(({ name }) => name === options.registry)!;
      const rest = all.filter((one) => one !== registry && options.stack.includes(one.name));
      for (const environment of options.stack.includes(registry.name) ? [...rest, registry] : rest) {
        // With the registry goes what the releases of all others were made of.
        const targets = environment === registry ? all : [environment];
        const keep = { folder: resolve(options.keepIn), dossiers: { registry, targets, projectDir } };
        done.push(
          await teardown(environment, report, {
            withAudit: options.withAudit,
            keep: options.withoutRecords ? undefined : keep,
          }),
        );
      }
      if (options.json) printJson(done);
      if (!options.json) for (const one of done) process.stdout.write(teardownText(one));
      const leftovers = done.flatMap((one) => one.leftovers);
      if (leftovers.length > 0)
        throw new UserError(
          `Still there or still listed as ours:\n${leftovers.map((arn) => `  - ${arn}`).join("\n")}`,
          "AWS's tagging API lags by some minutes, which were waited for. Run the same command again, or delete by hand what stays.",
        );
    });
}

async function confirm(stacks: readonly string[]): Promise<void> {
  const wanted = stacks.join(",");
  if (!process.stdin.isTTY)
    throw new UserError("teardown deletes data for good and nobody is there to confirm.", "Say so by --yes.");
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(
    `This deletes ${wanted} with all models and data in them. Type "${wanted}" to go on: `,
  );
  terminal.close();
  if (answer.trim() !== wanted) throw new UserError("Not confirmed; nothing was deleted.", `Type exactly: ${wanted}`);
}

function teardownText({
  environment,
  resourcesDeleted,
  packagesDeleted,
  objectsDeleted,
  leftovers,
  pendingKeys,
  endlessLogGroups,
  kept,
  keptHome,
  records,
}: Teardown): string {
  const list = (title: string, items: readonly string[], after = ""): string =>
    items.length === 0 ? "" : `${title}\n${items.map((item) => `  - ${item}`).join("\n")}\n${after}`;
  return [
    `${environment}: ${resourcesDeleted} resources, ${packagesDeleted} model packages, ${objectsDeleted} objects deleted; ${leftovers.length} left\n`,
    records
      ? `Kept in ${records.folder}, verified: a ledger of ${records.ledgerEntries} entries, a log of ${records.logEntries}, ${Object.keys(records.dossiers).length} dossiers\n`
      : "",
    list(
      "Keys that wait for their deletion (aws kms cancel-key-deletion has one back until then):",
      pendingKeys.map(({ arn, until }) => `${arn} until ${until}`),
    ),
    list(
      "Kept on purpose (peregrine:auditKeep):",
      kept,
      `Delete it, too: npx peregrine teardown --stack ${environment} --with-audit\n`,
    ),
    list(
      "Home directories of Studio, kept on purpose:",
      keptHome ? [keptHome.arn] : [],
      `${keptHome?.keyArn ? "Their key waits for its deletion (above): cancel that, or what they hold is lost with it. " : ""}To delete them: aws efs delete-file-system --file-system-id ${keptHome?.arn.split("/").at(-1)}\n`,
    ),
    list(
      "Log groups that SageMaker made for the whole account, kept without an end:",
      endlessLogGroups,
      "Give them one: aws logs put-retention-policy --log-group-name NAME --retention-in-days 30\n",
    ),
  ].join("");
}
