import { z } from "zod";

const text = (most: number) => z.string().max(most);
const list = (most: number) => z.array(text(1024)).max(most);
const parameter = z.strictObject({ name: z.string().min(1).max(255), value: z.string().min(1).max(255) });
const metric = z.strictObject({
  name: z.string().min(1).max(255),
  notes: text(1024).optional(),
  type: z.enum(["number", "string", "boolean"]),
  value: z.union([z.number(), text(63), z.boolean()]),
});

/**
 * What the card inside a model package says (SageMaker developer guide, "Model package model card schema"): as far as we
 * write it, with AWS's limits. It is part of the package, so an approver's decision binds it.
 */
export const packageCard = z.strictObject({
  model_overview: z.strictObject({ model_creator: text(1024), model_artifact: list(15) }),
  intended_uses: z.strictObject({
    intended_uses: text(2048).optional(),
    risk_rating: z.enum(["High", "Medium", "Low", "Unknown"]),
  }),
  training_details: z.strictObject({
    training_job_details: z.strictObject({
      training_arn: text(1024).optional(),
      training_datasets: list(15),
      training_environment: z.strictObject({ container_image: list(15) }),
      user_provided_hyper_parameters: z.array(parameter).max(100),
    }),
  }),
  evaluation_details: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(63),
        evaluation_job_arn: text(256).optional(),
        datasets: list(10),
        metric_groups: z.array(z.strictObject({ name: z.string().min(1).max(63), metric_data: z.array(metric) })),
      }),
    )
    .length(1),
  additional_information: z.strictObject({ custom_details: z.record(z.string(), text(1024)) }),
});
export type PackageCard = z.output<typeof packageCard>;

/** Scores that a card states, by the member of the evaluation that they are of. */
export const cardScores = {
  map50: "mAP50",
  map: "mAP",
  latencyP99Ms: "latency p99 ms",
  modelBytes: "model bytes",
} as const;
export type CardScore = keyof typeof cardScores;

/** What else a card states, in its custom details. */
export const cardDetails = ["modelSha256", "datasetDigest", "evaluation", "licence"] as const;
export type CardDetail = (typeof cardDetails)[number];

/** What is stated of a model. Texts may be references that only a pipeline's run resolves. */
export interface CardStatements<Text> {
  /** What made the model: the ARN of a pipeline's execution. */
  readonly creator: Text;
  /** S3 URI of the archive. */
  readonly artifact: Text;
  /** URI of the container image. */
  readonly image: Text;
  readonly trainingJob?: Text;
  readonly evaluationJob?: Text;
  readonly dataset: Text;
  readonly parameters: Readonly<Record<string, Text>>;
  readonly scores: Readonly<Record<CardScore, Text>>;
  readonly details: Readonly<Record<CardDetail, Text>>;
  /** What the owner says that it is for; undefined where nobody has said it. */
  readonly intendedUse: string | undefined;
}

/** The card that says so. Scores are texts: how a pipeline writes a number into a text AWS does not say. */
export function cardOf<Text>(of: CardStatements<Text>) {
  return {
    model_overview: { model_creator: of.creator, model_artifact: [of.artifact] },
    intended_uses: {
      ...(of.intendedUse === undefined ? {} : { intended_uses: of.intendedUse }),
      risk_rating: "Unknown" as const,
    },
    training_details: {
      training_job_details: {
        ...(of.trainingJob === undefined ? {} : { training_arn: of.trainingJob }),
        training_datasets: [of.dataset],
        training_environment: { container_image: [of.image] },
        user_provided_hyper_parameters: Object.entries(of.parameters).map(([name, value]) => ({ name, value })),
      },
    },
    evaluation_details: [
      {
        name: "held-out test split",
        ...(of.evaluationJob === undefined ? {} : { evaluation_job_arn: of.evaluationJob }),
        datasets: [of.dataset],
        metric_groups: [
          {
            name: "quality, latency and size",
            metric_data: (Object.keys(cardScores) as CardScore[]).map((score) => ({
              name: cardScores[score],
              type: "string" as const,
              value: of.scores[score],
            })),
          },
        ],
      },
    ],
    additional_information: { custom_details: of.details },
  };
}

/** Tag of models in environments that take no model without a card: what says so to whoever judges the program. */
export const cardTag = { "model-card": "demanded" } as const;
