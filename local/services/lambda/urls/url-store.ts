import { createHash } from "node:crypto";
import type { FunctionUrlConfig } from "@aws-sdk/client-lambda";
import type { Cloud } from "../../../cloud";
import { AwsError } from "../../../errors";
import type { Table } from "../../../journal";
import type { FunctionStore } from "../functions";

/** A URL of a function, or of one of its aliases. */
export interface UrlRecord {
  /** What its address begins with; it never changes. */
  readonly id: string;
  readonly functionName: string;
  readonly alias?: string;
  readonly authType: "AWS_IAM";
  readonly cors?: FunctionUrlConfig["Cors"];
  readonly createdMs: number;
  readonly modifiedMs: number;
}

/** Where requests to function URLs arrive: a path, since a name of its own would need a name server. */
const urlPath = "/lambda-url/";

/** Function URLs in the journal. */
export class UrlStore {
  private readonly urls: Table<UrlRecord>;

  /** @param gatewayUrl where the local cloud answers, `http://127.0.0.1:<port>`. */
  constructor(
    readonly cloud: Cloud,
    readonly functions: FunctionStore,
    private readonly gatewayUrl: string | undefined,
  ) {
    this.urls = cloud.journal.table("lambda/function-urls");
  }

  /** The function that a URL is for. @throws ResourceNotFoundException where it or the alias is not there. */
  target(reference: string, qualifier: string | undefined): { readonly name: string; readonly alias?: string } {
    const { name, qualifier: alias } = this.functions.parse(reference, qualifier);
    this.functions.get(name, alias);
    return alias === undefined ? { name } : { name, alias };
  }

  /** @throws ResourceNotFoundException as Lambda words it. */
  get(reference: string, qualifier: string | undefined): UrlRecord {
    const { name, alias } = this.target(reference, qualifier);
    const found = this.urls.get(keyOf(name, alias));
    if (!found)
      throw new AwsError("ResourceNotFoundException", "The resource you requested does not exist.", 404, {
        Type: "User",
      });
    return found;
  }

  has(name: string, alias: string | undefined): boolean {
    return this.urls.has(keyOf(name, alias));
  }

  byId(id: string): UrlRecord | undefined {
    return [...this.urls.values()].find((record) => record.id === id);
  }

  of(name: string): UrlRecord[] {
    return [...this.urls.values()].filter((record) => record.functionName === name);
  }

  put(record: UrlRecord): UrlRecord {
    this.urls.put(keyOf(record.functionName, record.alias), record);
    return record;
  }

  delete({ functionName, alias }: UrlRecord): void {
    this.urls.delete(keyOf(functionName, alias));
  }

  /** The id follows from account, function and alias: a URL that is made again is the same (Lambda developer guide). */
  idOf(name: string, alias: string | undefined): string {
    const digest = createHash("sha256").update(this.functions.arn(name, alias)).digest();
    return [...digest].map((byte) => (byte % 36).toString(36)).join("");
  }

  addressOf({ id }: UrlRecord): string {
    return `${this.gatewayUrl ?? "http://127.0.0.1"}${urlPath}${id}/`;
  }

  /** As AWS would name its host, for what a function is told. */
  hostOf({ id }: UrlRecord): string {
    return `${id}.lambda-url.${this.cloud.region}.on.aws`;
  }
}

function keyOf(name: string, alias: string | undefined): string {
  return alias === undefined ? name : `${name}:${alias}`;
}
