import { ModelCards } from "../../aws/sagemaker-cards";
import { detectorName, environmentTags } from "../../contract/names";
import { canonicalJson } from "../../lifecycle/canonical";
import type { DossierFacts } from "../../records/dossier/facts";
import { modelCard } from "../../records/dossier/model-card";
import type { LineagePlace } from "../lineage/reading";

/**
 * Has the account's model card of an environment say what is recorded of a release. A card that says so already stays
 * as it is: each change makes a version, and a version is a statement that something changed.
 * @returns the card's name, and what was done.
 */
export async function publishCard(
  { name: environment, session }: LineagePlace,
  facts: DossierFacts,
): Promise<{ readonly card: string; readonly done: "created" | "updated" | "unchanged" }> {
  const cards = new ModelCards(session);
  const card = detectorName(environment);
  const content = canonicalJson(JSON.parse(JSON.stringify(modelCard(facts))));
  const before = await cards.read(card);
  if (before?.content === content) return { card, done: "unchanged" };
  if (before) await cards.update(card, content);
  else await cards.create(card, content, environmentTags(environment));
  return { card, done: before ? "updated" : "created" };
}
