import { flag, optional, type Values } from "./setting";

/** A sentence or several, as a model card takes it (SageMaker developer guide, "Model card JSON schema"). */
const statement = /^.{1,2048}$/;
const expected = "at most 2048 characters without line breaks";

export const documentSettings = {
  demandModelCard: flag({
    meaning:
      "Refuses to release a model package that has no model card; tag `model-card` on every model. A card that contradicts its package is refused in any case. The policy pack refuses to serve in prod without it.",
    default: "false",
  }),
  provider: optional(statement, expected, {
    meaning:
      "Who places the models on the market or puts them into service under their own name (EU AI Act, Article 3(3)): name and address, as the technical file (Annex IV) states them.",
    example: "Example Flights Ltd, 1 Example Street, 1000 Example Town",
  }),
  intendedUse: optional(statement, expected, {
    meaning:
      "What the models are for, as their owner says it: in the model card, in the technical file (Annex IV) and, where a release's card says something else, a reason to refuse it. Set the same in the registry's environment, whose pipeline writes the cards.",
    example: "Finds people and vehicles on aerial images for search and rescue; no identification of persons.",
  }),
};
/** The provider stands in the settings for the dossier alone, which reads it there. */
type DocumentValues = Values<typeof documentSettings>;

/** What is stated of models, and demanded of what is released. */
export interface DocumentSettings {
  readonly demandModelCard: boolean;
  /** Undefined where the owner has not said it. */
  readonly intendedUse: string | undefined;
}

export function documentsOf({ demandModelCard, intendedUse }: DocumentValues): DocumentSettings {
  return { demandModelCard, intendedUse };
}
