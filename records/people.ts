import { createHmac, randomBytes } from "node:crypto";
import { z } from "zod";
import { atATime } from "../aws/at-a-time";
import type { ObjectStore, S3Location } from "../aws/s3";
import { peoplePrefix } from "../contract/places";
import type { Mask, Personal } from "../lifecycle/audit/call-entry";

/** Bytes of a salt, and characters of a digest: 128 bits, in hexadecimal. */
const saltBytes = 32;
const digestCharacters = 32;
const saltKey = `${peoplePrefix}salt`;

const held = z.union([
  z.strictObject({ what: z.string(), value: z.string() }),
  z.strictObject({ erased: z.literal(true) }),
]);

/** Whom a digest stands for. */
export interface Named {
  readonly digest: string;
  readonly what: string;
  readonly value: string;
}

/**
 * Who is behind the digests of a log: a salt, and one object for each digest. Nothing of it is in the log, so that a
 * person can be forgotten while the log still holds.
 */
export class People {
  private readonly pending = new Map<string, { readonly what: Personal; readonly value: string }>();
  /** Digests that are known to be kept, or forgotten. */
  private readonly settled = new Set<string>();

  private constructor(
    private readonly store: Pick<ObjectStore, "putIf">,
    private readonly bucket: string,
    private readonly salt: Buffer,
  ) {}

  /** With the environment's salt, which is made by whoever asks first. */
  static async open(store: Pick<ObjectStore, "get" | "putIf">, bucket: string): Promise<People> {
    const place = { bucket, key: saltKey };
    let salt = await store.get(place);
    if (!salt) {
      await store.putIf(place, randomBytes(saltBytes), { absent: true }, "application/octet-stream");
      salt = await store.get(place);
    }
    if (salt?.length !== saltBytes)
      throw new Error(
        `s3://${bucket}/${saltKey} is no salt: it has ${salt?.length ?? 0} bytes instead of ${saltBytes}`,
      );
    return new People(store, bucket, salt);
  }

  /** Digest of what is personal; `keep` keeps whom it stands for. */
  readonly mask: Mask = (what, value) => {
    const digest = this.digestOf(what, value);
    if (!this.settled.has(digest)) this.pending.set(digest, { what, value });
    return digest;
  };

  digestOf(what: string, value: string): string {
    const hash = createHmac("sha256", this.salt).update(`${what}\0${value}`, "utf8").digest("hex");
    return `${what}:${hash.slice(0, digestCharacters)}`;
  }

  /** Keeps whom the digests stand for that were made since; who was forgotten stays so. */
  async keep(): Promise<void> {
    const pending = [...this.pending];
    await atATime(pending, async ([digest, person]) => {
      // There already, or erased: either stays as it is.
      await this.store.putIf(
        placeOf(this.bucket, digest),
        JSON.stringify(person),
        { absent: true },
        "application/json",
      );
      this.settled.add(digest);
      this.pending.delete(digest);
    });
  }
}

/** Everybody whom digests stand for. */
export async function namedPeople(store: Pick<ObjectStore, "get" | "list">, bucket: string): Promise<Named[]> {
  const objects = (await store.list(bucket, peoplePrefix)).filter(({ key }) => key !== saltKey);
  const found = await atATime(objects, async ({ key }): Promise<Named[]> => {
    const body = await store.get({ bucket, key });
    const person = body && held.parse(JSON.parse(body.toString("utf8")));
    return person && "value" in person ? [{ digest: digestIn(key), ...person }] : [];
  });
  return found.flat();
}

/** Whether somebody is meant by a text: a digest, all of what it stands for, or the last part of it. */
export function isMeant({ digest, value }: Named, text: string): boolean {
  return text === digest || text === value || text === value.split("/").at(-1);
}

/**
 * Forgets people: what each digest stood for goes with all versions of it, and does not come again. The log's entries
 * stay as they are.
 */
export async function forget(
  store: Pick<ObjectStore, "put" | "deleteEarlier">,
  bucket: string,
  digests: readonly string[],
): Promise<void> {
  for (const digest of digests) {
    // First, so that whoever tells of the same person meanwhile finds that it is forgotten.
    await store.put(placeOf(bucket, digest), JSON.stringify({ erased: true }), "application/json");
    await store.deleteEarlier(placeOf(bucket, digest));
  }
}

function placeOf(bucket: string, digest: string): S3Location {
  return { bucket, key: `${peoplePrefix}${digest.replace(":", "/")}.json` };
}

function digestIn(key: string): string {
  return key
    .slice(peoplePrefix.length)
    .replace("/", ":")
    .replace(/\.json$/, "");
}
