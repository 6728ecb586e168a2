import { createHash } from "node:crypto";
import { z } from "zod";
import type { ObjectStore } from "../aws/s3";
import { askedKey, courseKey, type EndingDocument, endingDocument, endingKey } from "../contract/experiment";
import { readJson } from "../contract/json";
import { lookSchema } from "../lifecycle/experiment/look";

/** A look, and up to when it counted. */
const countedLook = z.strictObject({
  look: lookSchema,
  /** Requests before this minute are counted. */
  servedUntil: z.iso.datetime(),
  /** Labels and flights until then are counted; undefined where monitoring has not run yet. */
  scoresUntil: z.iso.datetime({ offset: true }).optional(),
});
export type CountedLook = Readonly<z.infer<typeof countedLook>>;

const course = z.strictObject({ version: z.literal(1), looks: z.array(countedLook) });

/** The looks so far, with the tag that the next write compares. */
export interface KeptCourse {
  readonly looks: readonly CountedLook[];
  readonly tag: string | undefined;
  /** SHA-256 of the object, hexadecimal; undefined before the first look. */
  readonly sha256: string | undefined;
}

/** What is seen of an experiment while it runs, in the artifacts bucket. Each write happens once, or not at all. */
export class ExperimentCourse {
  constructor(
    private readonly store: Pick<ObjectStore, "get" | "getWithTag" | "putIf">,
    private readonly bucket: string,
    private readonly id: string,
  ) {}

  /** S3 URI of the looks. */
  get uri(): string {
    return `s3://${this.bucket}/${courseKey(this.id)}`;
  }

  /** @throws Error where what lies there is damaged. */
  async read(): Promise<KeptCourse> {
    const found = await this.store.getWithTag({ bucket: this.bucket, key: courseKey(this.id) });
    if (!found) return { looks: [], tag: undefined, sha256: undefined };
    const { looks } = parsed(courseKey(this.id), found.body, course);
    return { looks, tag: found.tag, sha256: createHash("sha256").update(found.body).digest("hex") };
  }

  /** Adds a look. @returns false where another controller was faster: what it counted must not be counted again. */
  async add({ looks, tag }: KeptCourse, look: CountedLook): Promise<boolean> {
    const { outcome } = await this.store.putIf(
      { bucket: this.bucket, key: courseKey(this.id) },
      `${JSON.stringify({ version: 1, looks: [...looks, look] })}\n`,
      tag === undefined ? { absent: true } : { tag },
      "application/json",
    );
    return outcome === "written";
  }

  /** Undefined while it runs. @throws Error where what lies there is damaged. */
  async ending(): Promise<EndingDocument | undefined> {
    const body = await this.store.get({ bucket: this.bucket, key: endingKey(this.id) });
    return body && parsed(endingKey(this.id), body, endingDocument);
  }

  /** Notes how it ends; the first word stays. */
  async end(ending: EndingDocument): Promise<void> {
    await this.create(endingKey(this.id), ending);
  }

  async asked(): Promise<boolean> {
    return (await this.store.get({ bucket: this.bucket, key: askedKey(this.id) })) !== undefined;
  }

  /** Notes that the release path was asked. @param request id of the request; undefined where nobody takes any. */
  async noteAsked(at: string, request: string | undefined): Promise<void> {
    await this.create(askedKey(this.id), { version: 1, at, request });
  }

  private async create(key: string, value: object): Promise<void> {
    const body = `${JSON.stringify(value, undefined, 1)}\n`;
    await this.store.putIf({ bucket: this.bucket, key }, body, { absent: true }, "application/json");
  }
}

function parsed<T>(key: string, body: Buffer, schema: z.ZodType<T>): T {
  const read = readJson(body.toString("utf8"), schema);
  if (read.kind === "value") return read.value;
  throw new Error(`${key} is damaged: ${read.kind === "not-json" ? read.why : read.problems.slice(0, 5).join("; ")}`);
}
