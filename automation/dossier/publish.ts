import { ModelCards } from "../../aws/sagemaker-cards";
import { detectorName, environmentTags } from "../../contract/names";
import { canonicalJson } from "../../lifecycle/canonical";
import type { DossierFacts } from "../../records/dossier/facts";
import { cardDisagreements, modelCard } from "../../records/dossier/model-card";
import type { LineagePlace } from "../lineage/reading";

export interface PublishedCard {
  readonly card: string;
  readonly done: "created" | "updated" | "unchanged";
  readonly disagreed: readonly string[];
}

/**
 * Has the account's model card of an environment say what is recorded of a release. A card that says so already stays
 * as it is: each change makes a version, and a version is a statement that something changed.
 * @returns the card's name, what was done, and where the card that was there contradicted the release: nothing where it
 * only said less.
 */
export async function publishCard(
  { name: environment, session }: LineagePlace,
  facts: DossierFacts,
): Promise<PublishedCard> {
  const cards = new ModelCards(session);
  const card = detectorName(environment);
  const content = canonicalJson(JSON.parse(JSON.stringify(modelCard(facts))));
  const before = await cards.read(card);
  if (before?.content === content) return { card, done: "unchanged", disagreed: [] };
  if (before) await cards.update(card, content);
  else await cards.create(card, content, environmentTags(environment));
  const disagreed = before ? cardDisagreements(before.content, facts.release) : [];
  return { card, done: before ? "updated" : "created", disagreed };
}
