import { createHash } from "node:crypto";
import { z } from "zod";
import { publicKeyOf, signMessage } from "../../aws/kms";
import { ObjectStore } from "../../aws/s3";
import { readJson } from "../../contract/json";
import { prefixes } from "../../contract/places";
import { bundleOf, type Envelope, holds, sealed, type Statement } from "../../records/dossier/attestations";
import type { DossierFacts } from "../../records/dossier/facts";
import { modelStatement, provenance } from "../../records/dossier/provenance";
import type { LineagePlace } from "../lineage/reading";

const envelope = z.object({
  payloadType: z.string(),
  payload: z.string(),
  signatures: z.array(z.object({ keyid: z.string().optional(), sig: z.string() })),
});

/** What is signed of a release. */
const attestations = { provenance, model: modelStatement } as const;
type Name = keyof typeof attestations;

/** A statement with its signature; none where nobody signed, or it is about something else. */
export interface Attested {
  readonly statement: Statement;
  readonly envelope: Envelope | undefined;
  readonly bundle: object | undefined;
  /** Why there is no valid signature. */
  readonly missing: string | undefined;
}

/**
 * Statements about a release with the signatures that lie beside the ledger. A signature under ECDSA is another one each
 * time, so each is made once and kept; reading changes nothing.
 * @param sign makes those that are not there, by the key that the log is signed with: for whoever may write the log.
 */
export async function attested(
  { session, outputs }: LineagePlace,
  facts: DossierFacts,
  sign: boolean,
): Promise<Record<Name, Attested>> {
  const store = new ObjectStore(session);
  const { artifactsBucket: bucket, logKeyArn } = outputs;
  const key = await publicKeyOf(session, logKeyArn);
  const one = async (name: Name): Promise<Attested> => {
    const statement = attestations[name](facts);
    const digest = createHash("sha256").update(JSON.stringify(statement)).digest("hex");
    const place = { bucket, key: `${prefixes.ledger}attestations/${facts.release.releaseId}/${name}-${digest}.json` };
    let body = await store.get(place);
    if (!body && sign) {
      const made = await sealed(statement, logKeyArn, (bytes) => signMessage(session, logKeyArn, bytes));
      await store.putIf(place, `${JSON.stringify(made)}\n`, { absent: true }, "application/json");
      body = await store.get(place);
    }
    if (!body)
      return {
        statement,
        envelope: undefined,
        bundle: undefined,
        missing: `nobody has signed it: s3://${bucket}/${place.key} is not there`,
      };
    const read = readJson(body.toString("utf8"), envelope);
    const valid = read.kind === "value" && holds(read.value, statement, key);
    return valid
      ? {
          statement,
          envelope: read.value,
          bundle: bundleOf(read.value, key),
          missing: undefined,
        }
      : {
          statement,
          envelope: undefined,
          bundle: undefined,
          missing: `the signature at s3://${bucket}/${place.key} does not hold`,
        };
  };
  const [made, model] = await Promise.all([one("provenance"), one("model")]);
  return { provenance: made, model };
}
