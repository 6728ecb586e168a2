import { z } from "zod";
import { type DossierFacts, evidenceOf, factsBy, nodeOf } from "./facts";

const text = (most: number) => z.string().max(most);
const metric = z.strictObject({
  name: z.string().min(1).max(255),
  notes: text(1024).optional(),
  type: z.enum(["number", "string", "boolean"]),
  value: z.union([z.number(), z.string(), z.boolean()]),
});

/**
 * The content of a SageMaker model card, as far as we write it. Members and limits are those of the model card's JSON
 * schema (developer guide, "Model card JSON schema"; the SageMaker Python SDK has the same in
 * `sagemaker.core.shapes.model_card_shapes`).
 */
export const modelCardContent = z.strictObject({
  model_overview: z.strictObject({
    model_id: text(1024),
    model_name: text(1024),
    model_description: text(1024),
    model_version: z.number().int().positive(),
    problem_type: z.string(),
    algorithm_type: text(1024),
    model_creator: text(1024),
    model_owner: text(1024),
    model_artifact: z.array(text(1024)).max(15),
    inference_environment: z.strictObject({ container_image: z.array(text(1024)).max(15) }),
  }),
  intended_uses: z.strictObject({
    purpose_of_model: text(2048),
    intended_uses: text(2048),
    factors_affecting_model_efficiency: text(2048),
    risk_rating: z.enum(["High", "Medium", "Low", "Unknown"]),
    explanations_for_risk_rating: text(2048),
  }),
  business_details: z.strictObject({
    business_problem: text(2048),
    business_stakeholders: text(2048),
    line_of_business: text(2048),
  }),
  training_details: z.strictObject({
    training_observations: text(1024),
    training_job_details: z.strictObject({
      training_arn: text(1024).optional(),
      training_datasets: z.array(text(1024)).max(15),
      training_environment: z.strictObject({ container_image: z.array(text(1024)).max(15) }),
      user_provided_hyper_parameters: z
        .array(z.strictObject({ name: z.string().min(1).max(255), value: text(255) }))
        .max(100),
    }),
  }),
  evaluation_details: z.array(
    z.strictObject({
      name: z.string().min(1).max(63),
      evaluation_observation: text(2096),
      datasets: z.array(text(1024)).max(10),
      metric_groups: z.array(z.strictObject({ name: z.string().min(1).max(63), metric_data: z.array(metric) })),
    }),
  ),
  additional_information: z.strictObject({
    ethical_considerations: text(2048),
    caveats_and_recommendations: text(2048),
    custom_details: z.record(z.string(), z.string()),
  }),
});
export type ModelCardContent = z.infer<typeof modelCardContent>;

/** Longest content of a card, characters (SageMaker API, CreateModelCard). */
const maxContent = 100_000;
const notProvided = "not provided";

/** The card of a released model: every field from a record, or `not provided`. @throws ZodError: a bug. */
export function modelCard(facts: DossierFacts): ModelCardContent {
  const { release } = facts;
  const [archive, pack, execution, dataset] = (["archive", "package", "execution", "dataset"] as const).map((kind) =>
    nodeOf(facts, kind),
  );
  const numbers = Object.entries(pack?.facts ?? {}).filter(([name]) => /^(mAP|latency|gain|model size)/.test(name));
  const read = facts.documents.get("README.md");
  return modelCardContent.parse({
    model_overview: {
      model_id: release.modelPackageArn,
      model_name: release.releaseId,
      model_description: "YOLO11 detector for aerial images",
      model_version: Number(/\/(\d+)$/.exec(release.modelPackageArn)?.[1] ?? 1),
      problem_type: "Object Detection",
      algorithm_type: archive?.facts["architecture"] ?? notProvided,
      model_creator: execution?.facts["by"] ?? notProvided,
      model_owner: facts.settings["owner"] ?? notProvided,
      model_artifact: archive?.facts["uri"] ? [archive.facts["uri"]] : [],
      inference_environment: { container_image: [release.imageUri] },
    },
    intended_uses: {
      purpose_of_model: read ? `Object detection on drone imagery (README.md, SHA-256 ${read.sha256})` : notProvided,
      intended_uses: facts.settings["intendedUse"] || notProvided,
      factors_affecting_model_efficiency:
        cut(numbers.flatMap(([name, value]) => (/^mAP50 /.test(name) ? [`${name}: ${value}`] : [])).join("; "), 2048) ||
        notProvided,
      risk_rating: "Unknown",
      explanations_for_risk_rating: "Nobody has rated it in a record that this card is made of.",
    },
    business_details: {
      business_problem: notProvided,
      business_stakeholders: release.decision ? `decided by ${release.decision.person}` : notProvided,
      line_of_business: notProvided,
    },
    training_details: {
      training_observations: cut(evidenceOf(facts, archive ?? pack!).join("; "), 1024),
      training_job_details: {
        training_arn: execution?.facts["job TrainDetector"],
        training_datasets: dataset ? [dataset.id] : [],
        training_environment: { container_image: [release.imageUri] },
        user_provided_hyper_parameters: factsBy(archive, "parameter ").map(([name, value]) => ({
          name,
          value: cut(value, 255),
        })),
      },
    },
    evaluation_details: pack?.facts["evaluation"]
      ? [
          {
            name: "held-out test split",
            evaluation_observation: pack.facts["evaluation"],
            datasets: dataset ? [dataset.id] : [],
            metric_groups: [
              {
                name: "quality, latency and size",
                metric_data: numbers.map(([name, value]) => ({ name, type: "string" as const, value })),
              },
            ],
          },
        ]
      : [],
    additional_information: {
      ethical_considerations: notProvided,
      caveats_and_recommendations: cut([...facts.graph.problems, ...facts.graph.gaps].join("; ") || "none known", 2048),
      custom_details: {
        modelSha256: release.modelSha256,
        releaseId: release.releaseId,
        licence: pack?.facts["licence"] ?? notProvided,
        ledgerEntry: `${facts.ledgerUri}#${release.entry.sequence}`,
      },
    },
  });
}

/**
 * Whether a card is about a model, by what only the right one says.
 * @returns what disagrees; nothing where it agrees.
 */
export function cardDisagreements(
  content: string,
  model: { readonly modelSha256: string; readonly modelPackageArn: string; readonly map50?: string },
): string[] {
  if (content.length > maxContent) return [`it has ${content.length} characters, and SageMaker takes ${maxContent}`];
  let parsed: ReturnType<typeof modelCardContent.safeParse>;
  try {
    parsed = modelCardContent.safeParse(JSON.parse(content));
  } catch {
    return ["it is no JSON"];
  }
  if (!parsed.success) return parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  const card = parsed.data;
  const metrics = card.evaluation_details.flatMap(({ metric_groups }) =>
    metric_groups.flatMap((one) => one.metric_data),
  );
  const map50 = metrics.find(({ name }) => name === "mAP50")?.value;
  const sha256 = card.additional_information.custom_details["modelSha256"];
  return [
    ...(card.model_overview.model_id === model.modelPackageArn
      ? []
      : [`it is about ${card.model_overview.model_id}, and not ${model.modelPackageArn}`]),
    ...(sha256 === model.modelSha256 ? [] : [`it names the archive ${sha256}, and not ${model.modelSha256}`]),
    ...(model.map50 === undefined || map50 === model.map50 ? [] : [`its mAP50 is ${map50}, and not ${model.map50}`]),
  ];
}

const cut = (value: string, most: number): string => (value.length > most ? `${value.slice(0, most - 1)}…` : value);
