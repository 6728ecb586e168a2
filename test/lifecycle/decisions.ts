import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { canonicalJson } from "../../lifecycle/canonical";
import {
  type DecidedDigests,
  decide,
  decisionKey,
  type DecisionKey,
  type PackageDecision,
} from "../../lifecycle/decision";
import type { DecisionFacts, FoundDecision } from "../../lifecycle/decision-checks";

export const packageArn = "arn:aws:sagemaker:eu-central-1:123456789012:model-package/peregrine-dev-detector/7";
export const approver = "arn:aws:sts::123456789012:assumed-role/peregrine-dev-approver/cleo";

/** A SHA-256 that belongs to a text. */
export const sha = (text: string): string => createHash("sha256").update(text).digest("hex");

/** A key pair as KMS has it. */
export class TestKey {
  private readonly pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
  constructor(
    private readonly arn = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555",
  ) {}

  get key(): DecisionKey {
    return { arn: this.arn, publicKey: this.pair.publicKey.export({ format: "der", type: "spki" }) };
  }

  /** Signs as KMS does, and lays the decision where it belongs. */
  sign(document: PackageDecision): FoundDecision {
    const signature = sign("sha256", Buffer.from(canonicalJson(document)), this.pair.privateKey).toString("base64");
    return { decision: document, algorithm: "ECDSA_SHA_256", signature, key: decisionKey(document) };
  }
}

export const testKey = new TestKey();

export const digests: DecidedDigests = {
  archiveSha256: sha("archive"),
  image: {
    repository: "123456789012.dkr.ecr.eu-central-1.amazonaws.com/peregrine-ml",
    digest: `sha256:${sha("image")}`,
  },
  evaluationSha256: sha("evaluation"),
  datasetDigest: sha("manifest"),
  content: {
    InferenceSpecification: sha("specification"),
    CustomerMetadataProperties: sha("metadata"),
    ModelMetrics: sha("metrics"),
  },
};

/** An approval, but for what is given. */
export function approval(change: Partial<PackageDecision> = {}): PackageDecision {
  return decide({
    packageArn,
    verdict: "Approved",
    why: "finds cars by night",
    by: approver,
    person: "cleo",
    at: "2026-11-26T10:00:00.000Z",
    keyArn: testKey.key.arn,
    digests,
    ...change,
  });
}

/** A package that was approved and is as it was then, but for what is given. */
export function decidedFacts(change: Partial<DecisionFacts> = {}): DecisionFacts {
  return {
    packageArn,
    decision: testKey.sign(approval()),
    key: testKey.key,
    now: digests,
    touchedBy: { arn: approver, at: "2026-11-26T10:00:01.000Z" },
    ...change,
  };
}
