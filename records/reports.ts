import { z } from "zod";
import type { ObjectStore } from "../aws/s3";
import { readJson } from "../contract/json";
import { prefixes } from "../contract/places";

/** Which reports follow each other: of the same environments, and of periods of the same length. */
export interface ReportSeries {
  readonly environments: readonly string[];
  readonly kind: string;
}

const types: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  pdf: "application/pdf",
  md: "text/markdown; charset=utf-8",
  json: "application/json",
};

/** Reports in an artifacts bucket: `reports/<environments>/<kind>/<end of the period>/report.<form>`. */
export class ReportRecords {
  constructor(
    private readonly store: Pick<ObjectStore, "get" | "put" | "list">,
    private readonly bucket: string,
  ) {}

  /** Where a report lies, with a slash at its end. @param end ISO 8601. */
  folder(series: ReportSeries, end: string): string {
    return `${prefixOf(series)}${stampOf(end)}/`;
  }

  /** Keeps all forms of a report. @returns S3 URI of its folder. */
  async keep(series: ReportSeries, end: string, files: ReadonlyMap<string, string | Buffer>): Promise<string> {
    const folder = this.folder(series, end);
    for (const [name, body] of files)
      await this.store.put({ bucket: this.bucket, key: `${folder}${name}` }, body, types[name.split(".").at(-1)!]);
    return `s3://${this.bucket}/${folder}`;
  }

  /** Whether a report is there that the next one can read. */
  async has(series: ReportSeries, end: string): Promise<boolean> {
    const body = await this.store.get({ bucket: this.bucket, key: `${this.folder(series, end)}${keptForm}` });
    return body !== undefined;
  }

  /**
   * The newest report of a series that ends before a time; undefined before the first. Read as far as the schema says.
   * @throws Error where it is damaged.
   */
  async before<Kept>(series: ReportSeries, end: string, schema: z.ZodType<Kept>): Promise<Kept | undefined> {
    const keys = (await this.store.list(this.bucket, prefixOf(series)))
      .map(({ key }) => key)
      .filter((key) => key.endsWith(`/${keptForm}`) && key.slice(prefixOf(series).length) < stampOf(end))
      .sort();
    const key = keys.at(-1);
    const body = key && (await this.store.get({ bucket: this.bucket, key }));
    if (!body) return undefined;
    const read = readJson(body.toString("utf8"), schema);
    if (read.kind === "value") return read.value;
    throw new Error(`${key} is damaged: ${read.kind === "not-json" ? read.why : read.problems.slice(0, 5).join("; ")}`);
  }
}

const keptForm = "report.json";

function prefixOf({ environments, kind }: ReportSeries): string {
  return `${prefixes.reports}${environments.join("+")}/${kind}/`;
}

/** `20261130T120000Z`: sorts by time. */
function stampOf(end: string): string {
  return `${new Date(end).toISOString().slice(0, 19).replaceAll(/[-:]/g, "")}Z`;
}
