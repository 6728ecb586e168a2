import type { StackOutputs } from "../../contract/outputs";
import { releasedArchive, type ReleasedModel } from "../../contract/desired-release";
import { ObjectStore } from "../../aws/s3";
import { isUnknown, type Unknown } from "../../lifecycle/comparison";
import { decisionSha256, type FoundDecision, imageOf } from "../../lifecycle/decision-checks";
import { gateCandidate, gateDefaults, type GateDecision, type GatePolicy } from "../../lifecycle/gate";
import { summaryOf } from "../../records/release";
import { UserError } from "../errors";
import type { Environment } from "../stack/environment";
import { Decisions } from "./decisions";
import { readChampion } from "./evaluation";
import { type PackageFacts, readPackage } from "./package-facts";
import type { Evidence } from "./rollout/context";

/** A model package with its archive, judged and ready to be copied to an environment. */
export interface Candidate {
  readonly packageArn: string;
  /** The bytes that were judged, and no others, are released. */
  readonly archive: Buffer;
  readonly sha256: string;
  /** By digest. Where the image is not there: as the package names it, and nothing is released. */
  readonly imageUri: string;
  readonly evidence: Evidence;
  readonly decision: GateDecision;
  readonly facts: PackageFacts;
  /** The newest decision about it. */
  readonly decided: FoundDecision | undefined;
}

/**
 * Reads a model package and asks the gate about it; nothing is changed.
 * @throws UserError when the package names no archive, or one that is gone.
 */
export async function judgeCandidate(
  registry: Environment,
  packageArn: string,
  policy: Pick<GatePolicy, "minMap50" | "approvals" | "decision" | "card">,
): Promise<Candidate> {
  const facts = await readPackage(registry.session, packageArn);
  const { described, archive, digests, evaluation, imageName, modelDataUrl, touchedBy } = facts;
  if (!modelDataUrl)
    throw new UserError(`${packageArn} names no model archive.`, "Register the model by the training pipeline.");
  if (!archive)
    throw new UserError(
      `The model archive ${modelDataUrl} does not exist.`,
      "Run the training pipeline again: the archive was deleted after registration.",
    );
  const metadata = described.CustomerMetadataProperties ?? {};
  const outputs = await registry.outputs();
  const decisions = new Decisions(registry.session, outputs);
  const asked = policy.decision === "demanded";
  const [champion, newest, key] = await Promise.all([
    readChampion(new ObjectStore(registry.session), outputs.artifactsBucket),
    asked ? decisions.newest(packageArn) : undefined,
    asked ? decisions.key() : { unknown: "it was not asked for" },
  ]);
  const sha256 = digests.archiveSha256!;
  const imageUri = imageOf(digests) ?? undefined;
  const decision = gateCandidate(
    {
      approval: described.ModelApprovalStatus ?? "",
      map50: metadata["map50"] === undefined ? undefined : Number(metadata["map50"]),
      recordedSha256: metadata["modelSha256"],
      actualSha256: sha256,
      image: { name: imageName, uri: imageUri },
      evaluation,
      golden: { unknown: "the golden set is asked on each endpoint" },
      decision: { packageArn, decision: newest, key, now: digests, touchedBy },
      card: {
        card: facts.card,
        artifact: modelDataUrl,
        image: imageName,
        dataset: metadata["datasetUri"],
        evaluation: described.ModelMetrics?.ModelQuality?.Statistics?.S3Uri,
      },
    },
    champion,
    { ...gateDefaults, ...policy, golden: "asked-later" },
  );
  const decided = readable(newest);
  const evidence = {
    imageDigest: digests.image?.digest,
    datasetDigest: digests.datasetDigest ?? metadata["datasetDigest"],
    evaluation: isUnknown(evaluation) ? undefined : summaryOf(evaluation),
    decision: decided && decidedBy(decided, touchedBy),
  };
  return { packageArn, archive, sha256, imageUri: imageUri ?? imageName ?? "none", evidence, decision, facts, decided };
}

function readable(newest: FoundDecision | Unknown | undefined): FoundDecision | undefined {
  return newest === undefined || isUnknown(newest) ? undefined : newest;
}

/**
 * Who decided, as records keep it. The registry knows the person better than a session's name says, as long as nobody
 * else touched the package.
 */
function decidedBy(found: FoundDecision, touchedBy: PackageFacts["touchedBy"]): Evidence["decision"] {
  const { by, person, at, why } = found.decision;
  return {
    arn: by,
    person: (touchedBy?.arn === by ? touchedBy.sourceIdentity : undefined) ?? person,
    at,
    why,
    decisionSha256: decisionSha256(found),
  };
}

/** Each environment holds its own copy of the archive, addressed by digest, under its own key. */
export function modelIn({ artifactsBucket }: StackOutputs, { packageArn, sha256, imageUri }: Candidate): ReleasedModel {
  return {
    modelPackageArn: packageArn,
    modelDataUrl: releasedArchive(artifactsBucket, sha256),
    modelSha256: sha256,
    imageUri,
  };
}
