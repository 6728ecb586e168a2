import { join } from "node:path";
import { Command } from "commander";
import { attested } from "../../automation/dossier/attest";
import { dossierFacts, type DossierSource, gatherGraph } from "../../automation/dossier/gather";
import { publishCard } from "../../automation/dossier/publish";
import { writeDossier } from "../../automation/dossier/write";
import type { LineagePlace } from "../../automation/lineage/reading";
import type { EnvironmentName } from "../../contract/environments";
import { actingAs, profileOption, type Profiles } from "../profiles";
import { environmentName, openEnvironment, printJson, projectDir } from "../project";

interface Options {
  readonly stack: EnvironmentName;
  readonly registry: EnvironmentName;
  readonly out?: string;
  readonly sign?: boolean;
  readonly publish?: boolean;
  readonly profile?: Profiles;
  readonly json?: boolean;
}

/** `peregrine dossier`: the documents of a release, from evidence alone. */
export function dossierCommand(): Command {
  return new Command("dossier")
    .description(
      "The documents of a release, each statement with where it was read: technical file (Annex IV), data sheet, model card, bill of materials, provenance.",
    )
    .argument("<release>", "a release id, the beginning of one, or a model package's ARN")
    .requiredOption("-s, --stack <environment>", "environment that the release went to", environmentName)
    .option(
      "--registry <environment>",
      "environment whose registry holds the package",
      environmentName,
      "dev" as EnvironmentName,
    )
    .option("--out <folder>", "where the documents are written; dossier-<release> when left out")
    .option("--sign", "sign provenance and model by the log's key, where nobody has; for whoever may write the log")
    .option("--publish", "make or update the model card in the account")
    .addOption(profileOption())
    .option("--json", "print as JSON")
    .action(async (release: string, options: Options) => {
      const [registry, target] = [await open(options.registry, options), await open(options.stack, options)];
      const source: DossierSource = {
        registry: registry.place,
        target: target.place,
        settings: target.settings,
        projectDir,
      };
      const facts = await dossierFacts(source, await gatherGraph(source), release);
      const statements = await attested(target.place, facts, options.sign ?? false);
      const written = await writeDossier(
        options.out ?? join(".", `dossier-${facts.release.releaseId}`),
        facts,
        statements,
      );
      const card = options.publish ? await publishCard(target.place, facts) : undefined;
      const { filled, of } = written.document.score;
      if (options.json) return printJson({ folder: written.folder, files: written.files, score: { filled, of }, card });
      process.stdout.write(`${written.folder}: ${Object.keys(written.files).join(", ")}\n`);
      process.stdout.write(`Annex IV: ${filled} of ${of} points from evidence\n`);
      for (const { heading, rows } of written.document.sections)
        for (const { label, state } of rows)
          if (state === "missing") process.stdout.write(`missing  ${heading}: ${label}\n`);
      if (card) process.stdout.write(`model card ${card.card}: ${card.done}\n`);
      for (const what of card?.disagreed ?? []) process.stdout.write(`its content before: ${what}\n`);
    });
}

async function open(name: EnvironmentName, { profile }: Options) {
  const environment = await openEnvironment(name);
  const session = actingAs(environment, profile);
  const place: LineagePlace = { name, session, outputs: await environment.outputs() };
  return { place, settings: environment.settings };
}
