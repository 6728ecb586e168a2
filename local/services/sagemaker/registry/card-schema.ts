import { z } from "zod";

const text = (most: number) => z.string().max(most).optional();
/** The schema says "maxContains", which draft 7 ignores; what is meant is believed to be the most items. */
const texts = (most: number) => z.array(z.string().max(1024)).max(most).optional();
const name = (most: number) => z.string().min(1).max(most);
const axes = { x_axis_name: z.unknown().optional(), y_axis_name: z.unknown().optional() };
const metric = (type: z.ZodType, value: z.ZodType) =>
  z.strictObject({ name: name(255), notes: text(1024), type, value, ...axes });
const trainingMetric = z.strictObject({ name: name(255), notes: text(1024), value: z.number() });
const parameter = z.strictObject({ name: name(255), value: name(255) });
const pair = z.array(z.number()).length(2);

/**
 * What a package's card may hold (SageMaker developer guide, "Model package model card schema", version 0.1.0): all of
 * it is optional, and nothing else is taken.
 */
const schema = z.strictObject({
  model_overview: z.strictObject({ model_creator: text(1024), model_artifact: texts(15) }).optional(),
  intended_uses: z
    .strictObject({
      purpose_of_model: text(2048),
      intended_uses: text(2048),
      factors_affecting_model_efficiency: text(2048),
      risk_rating: z.enum(["High", "Medium", "Low", "Unknown"]).optional(),
      explanations_for_risk_rating: text(2048),
    })
    .optional(),
  business_details: z
    .strictObject({ business_problem: text(2048), business_stakeholders: text(2048), line_of_business: text(2048) })
    .optional(),
  training_details: z
    .strictObject({
      objective_function: z.unknown().optional(),
      training_observations: text(1024),
      training_job_details: z
        .strictObject({
          training_arn: text(1024),
          training_datasets: texts(15),
          training_environment: z.strictObject({ container_image: texts(15) }).optional(),
          training_metrics: z.array(trainingMetric).max(50).optional(),
          user_provided_training_metrics: z.array(trainingMetric).max(50).optional(),
          hyper_parameters: z.array(parameter).max(100).optional(),
          user_provided_hyper_parameters: z.array(parameter).max(100).optional(),
        })
        .optional(),
    })
    .optional(),
  evaluation_details: z
    .array(
      z.strictObject({
        name: name(63),
        evaluation_observation: text(2096),
        evaluation_job_arn: text(256),
        datasets: texts(10),
        metadata: z.record(z.string(), z.string().max(1024)).optional(),
        metric_groups: z
          .array(
            z.looseObject({
              name: name(63),
              metric_data: z.array(
                z.union([
                  metric(
                    z.enum(["number", "string", "boolean"]),
                    z.union([z.number(), z.string().max(63), z.boolean()]),
                  ),
                  metric(z.literal("linear_graph"), z.array(pair).min(1)),
                  metric(z.literal("bar_chart"), z.array(z.number()).min(1)),
                  metric(z.literal("matrix"), z.array(z.array(z.number()).min(1).max(20)).min(1).max(20)),
                ]),
              ),
            }),
          )
          .optional(),
      }),
    )
    .optional(),
  additional_information: z
    .strictObject({
      ethical_considerations: text(2048),
      caveats_and_recommendations: text(2048),
      custom_details: z.record(z.string(), z.string().max(1024)).optional(),
    })
    .optional(),
});

/** What is wrong with the content of a package's card; undefined where it follows the schema. */
export function cardProblem(content: string): string | undefined {
  let found: unknown;
  try {
    found = JSON.parse(content);
  } catch {
    return "it is not a valid JSON document";
  }
  const { error } = schema.safeParse(found);
  return error?.issues.map(({ path, message }) => `${path.join(".") || "document"}: ${message}`).join("; ");
}
