import { cardOf, type CardStatements, packageCard } from "../../contract/package-card";
import type { Evaluation } from "../../lifecycle/comparison";
import type { CardFacts } from "../../lifecycle/model-card";

/** The card of a package as the pipeline writes it, and the package that it is about. */
export function cardFacts(
  evaluation: Evaluation,
  changes: Partial<CardStatements<string>> = {},
): CardFacts & { readonly card: object } {
  const package_ = { artifact: "s3://b/model.tar.gz", image: "image:1", dataset: "s3://flights/flights/" };
  const uri = "s3://b/evaluation.json";
  return {
    ...package_,
    evaluation: uri,
    card: packageCard.parse(
      cardOf({
        ...package_,
        creator: "arn:execution",
        parameters: { epochs: "5" },
        scores: {
          map50: String(evaluation.map50),
          map: String(evaluation.map),
          latencyP99Ms: String(evaluation.latencyMs.p99),
          modelBytes: String(evaluation.modelBytes),
        },
        details: {
          modelSha256: evaluation.archiveSha256,
          datasetDigest: evaluation.datasetDigest,
          evaluation: uri,
          licence: "AGPL-3.0",
        },
        intendedUse: undefined,
        ...changes,
      }),
    ),
  };
}
