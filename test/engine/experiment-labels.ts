import type { ExperimentStatus } from "../../automation/experiment/status";
import { type ScoresDocument, scoresKey } from "../../contract/experiment";
import type { Registry } from "./registry";
import { artifacts, endpoint } from "./staging";

/** Of a hundred labelled images of each model, those that it gets wholly right; the others it gets half right. */
export interface Labelled {
  readonly champion: number;
  readonly challenger: number;
  /** Whether both models answered the same images, as in a shadow test. */
  readonly shared?: boolean;
}

/** Writes what monitoring of staging writes when answers of its experiment were labelled. */
export async function label(
  registry: Registry,
  { experiment }: ExperimentStatus,
  { champion, challenger, shared = false }: Labelled,
): Promise<void> {
  const begun = Date.parse(experiment!.started!.at);
  const iso = (seconds: number) => new Date(begun + seconds * 1000).toISOString();
  const answers = (variant: string, good: number) =>
    Array.from({ length: 100 }, (_, index) => ({
      id: `${shared ? "both" : variant}/${index}`,
      flight: shared ? "both" : variant,
      variant,
      answeredAt: iso(1 + index),
      labelledAt: iso(60 + index),
      sample: "random",
      right: (index * 37) % 100 < good ? 2 : 1,
      found: 2,
      true: 2,
    }));
  const scores: ScoresDocument = {
    schema: "peregrine.scores/1",
    until: iso(3600),
    answers: [...answers("champion", champion), ...answers("challenger", challenger)],
    flights: {},
  };
  await registry.put(artifacts, scoresKey(endpoint), JSON.stringify(scores));
}
