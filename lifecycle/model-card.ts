import { cardScores, type CardDetail, type CardScore, type PackageCard } from "../contract/package-card";
import { type Check, type Evaluation, isUnknown, type Unknown } from "./comparison";

/** What the card in a package says, and what it is held against. */
export interface CardFacts {
  /** Undefined where the package has none; unknown where it cannot be read. */
  readonly card: PackageCard | Unknown | undefined;
  /** S3 URI of the archive, as the package names it. */
  readonly artifact: string | undefined;
  /** The container image, as the package names it; its tag cannot be moved to another one. */
  readonly image: string | undefined;
  /** S3 URI of the training data, as the package names it. */
  readonly dataset: string | undefined;
  /** S3 URI of the evaluation. */
  readonly evaluation: string | undefined;
}

/** What an environment wants of a card. */
export interface CardPolicy {
  /** A package without a card is refused. One whose card contradicts it is refused everywhere. */
  readonly demanded: boolean;
  /** What the models of each environment are for, by environment, where its owner says so. */
  readonly intendedUses: Readonly<Record<string, string>>;
}

/**
 * What environments want of a card, by their settings: what one of them demands all do. Anything but a plain no is a
 * demand.
 * @param settings of each environment, as their files have them.
 */
export function cardPolicy(settings: Readonly<Record<string, Readonly<Record<string, unknown>>>>): CardPolicy {
  const all = Object.entries(settings);
  return {
    demanded: all.some(([, { demandModelCard }]) => String(demandModelCard) !== "false"),
    intendedUses: Object.fromEntries(
      all.flatMap(([name, { intendedUse }]) =>
        typeof intendedUse === "string" && intendedUse !== "" ? [[name, intendedUse]] : [],
      ),
    ),
  };
}

/** Rounding of a score in a text is no contradiction. */
const sameWithin = 1e-3;

/** The card is there where it must be, and says what is so: of this archive, image, data, evaluation and use. */
export function cardCheck(
  facts: CardFacts,
  actualSha256: string,
  evaluation: Evaluation | Unknown,
  { demanded, intendedUses }: CardPolicy,
): Check {
  const about = (ok: boolean, text: string): Check => ({ name: "model-card", ok, value: null, bound: null, text });
  const { card } = facts;
  if (card === undefined)
    return about(!demanded, demanded ? "the package has no model card" : "no model card is asked for");
  if (isUnknown(card)) return about(false, `the model card cannot be read: ${card.unknown}`);
  const against = disagreements(card, facts, actualSha256, evaluation, intendedUses);
  return against.length === 0
    ? about(true, "the model card agrees with the package")
    : about(false, `the model card contradicts the package: ${against.join("; ")}`);
}

function disagreements(
  card: PackageCard,
  { artifact, image, dataset, evaluation: uri }: CardFacts,
  actualSha256: string,
  evaluation: Evaluation | Unknown,
  intendedUses: CardPolicy["intendedUses"],
): string[] {
  const { training_job_details: training } = card.training_details;
  const evaluated = card.evaluation_details[0]!;
  const metrics = evaluated.metric_groups.flatMap(({ metric_data }) => metric_data);
  const detail = (name: CardDetail) => card.additional_information.custom_details[name];
  const said = (what: string, says: string | undefined, is: string | undefined): string[] =>
    says === is ? [] : [`its ${what} is ${says ?? "not there"}, and not ${is ?? "known"}`];
  const scored = (score: CardScore, is: number): string[] => {
    const found = metrics.filter(({ name }) => name === cardScores[score]);
    const says = found.length === 1 ? Number(found[0]!.value) : undefined;
    return says !== undefined && Math.abs(says - is) <= sameWithin
      ? []
      : [`its ${cardScores[score]} is ${says ?? "not there"}, and not ${is}`];
  };
  return [
    ...said("archive", only(card.model_overview.model_artifact), artifact),
    ...said("archive's SHA-256", detail("modelSha256"), actualSha256),
    ...said("image", only(training.training_environment.container_image), image),
    ...said("training data", only(training.training_datasets), dataset),
    ...said("evaluation", detail("evaluation"), uri),
    // Where the evaluation cannot be read, the gate refuses by that alone.
    ...(isUnknown(evaluation)
      ? []
      : [
          ...said("data set", detail("datasetDigest"), evaluation.datasetDigest),
          ...scored("map50", evaluation.map50),
          ...scored("map", evaluation.map),
          ...scored("latencyP99Ms", evaluation.latencyMs.p99),
          ...scored("modelBytes", evaluation.modelBytes),
        ]),
    ...Object.entries(intendedUses).flatMap(([environment, use]) =>
      said(`intended use (for ${environment})`, card.intended_uses.intended_uses, use),
    ),
  ];
}

/** The one that there is; undefined where there are none or several. */
const only = (items: readonly string[]): string | undefined => (items.length === 1 ? items[0] : undefined);
