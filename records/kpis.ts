import type { ObjectStore } from "../aws/s3";
import { readJson } from "../contract/json";
import { kpiRowsDocument, type KpiRowsDocument, kpiRowsKey, kpiTableKey } from "../contract/kpi";

/** What is kept of a KPI, with the tag that its next write compares. */
export interface KeptKpi {
  readonly document?: KpiRowsDocument;
  readonly tag?: string;
  /** What is wrong with what lies there. */
  readonly damaged?: string;
}

/** KPIs in the artifacts bucket: what is kept of each, and the tables that the business delivers. */
export class KpiRecords {
  constructor(
    private readonly store: Pick<ObjectStore, "getWithTag" | "putIf">,
    private readonly bucket: string,
  ) {}

  async read(name: string): Promise<KeptKpi> {
    const object = await this.store.getWithTag({ bucket: this.bucket, key: kpiRowsKey(name) });
    if (!object) return {};
    const read = readJson(object.body.toString("utf8"), kpiRowsDocument);
    if (read.kind === "value") return { document: read.value, tag: object.tag };
    return { tag: object.tag, damaged: read.kind === "not-json" ? read.why : read.problems.slice(0, 5).join("; ") };
  }

  /** @throws Error where somebody else wrote meanwhile. */
  async write(document: KpiRowsDocument, tag: string | undefined): Promise<void> {
    const key = kpiRowsKey(document.definition.name);
    const { outcome: written } = await this.store.putIf(
      { bucket: this.bucket, key },
      `${JSON.stringify(document)}\n`,
      tag === undefined ? { absent: true } : { tag },
      "application/json",
    );
    if (written === "conflict") throw new Error(`somebody else wrote ${key} at the same time`);
  }

  /** The table as text; undefined where the business has delivered none. */
  async table(name: string): Promise<string | undefined> {
    const object = await this.store.getWithTag({ bucket: this.bucket, key: kpiTableKey(name) });
    return object?.body.toString("utf8");
  }
}
