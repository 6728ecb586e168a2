import { hashBytes, leafHash } from "./hashing";
import { type Checkpoint, decode, type LogKey, NoteRefused, readCheckpoint } from "./note";
import { ProofRefused, verifyInclusion } from "./proofs";

const header = "c2sp.org/tlog-proof@v1";

/** A proof that stands alone (C2SP tlog-proof): place, hashes, and the checkpoint that it leads to. */
export function writeProof(index: number, hashes: readonly Buffer[], checkpoint: string): string {
  return [header, `index ${index}`, ...hashes.map((hash) => hash.toString("base64")), "", checkpoint].join("\n");
}

/**
 * Checks that an entry is in the log that the key signed.
 * @param entry its bytes, as the log has them.
 * @throws ProofRefused, NoteRefused.
 */
export function verifyProof(
  proof: string,
  entry: Buffer,
  key: LogKey,
): { readonly index: number; readonly checkpoint: Checkpoint } {
  const end = proof.indexOf("\n\n");
  const [first, place, ...lines] = proof.slice(0, Math.max(end, 0)).split("\n");
  const index = /^index (0|[1-9]\d{0,14})$/.exec(place ?? "")?.[1];
  if (first !== header || index === undefined) throw new ProofRefused(`it is not one of ${header}`);
  const hashes = lines.map((line) => {
    const hash = decode(line);
    if (hash?.length !== hashBytes) throw new ProofRefused(`${JSON.stringify(line)} is no hash`);
    return hash;
  });
  const checkpoint = readCheckpoint(proof.slice(end + 2), key);
  verifyInclusion({ index: Number(index), ...checkpoint }, leafHash(entry), hashes);
  return { index: Number(index), checkpoint };
}

/** Whether an error says that a proof or its checkpoint does not hold. */
export function isRefusal(error: unknown): error is ProofRefused | NoteRefused {
  return error instanceof ProofRefused || error instanceof NoteRefused;
}
