import type { Cloud } from "../../cloud";
import type { Members } from "../../members";
import { AwsError } from "../../errors";
import type { Table } from "../../journal";

/** A function (`$LATEST`) or a published version of it. */
export interface FunctionRecord {
  readonly name: string;
  readonly arn: string;
  readonly version: string;
  readonly runtime: string;
  readonly roleArn: string;
  readonly handler: string;
  readonly description: string;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly architectures: readonly string[];
  readonly ephemeralStorageMb: number;
  readonly logFormat: "Text" | "JSON";
  readonly logGroup: string;
  readonly deadLetterArn?: string;
  readonly kmsKeyArn?: string;
  readonly tracing: string;
  readonly vpc?: Members;
  readonly layers: readonly Members[];
  readonly codeSha256: string;
  readonly codeSize: number;
  readonly revisionId: string;
  readonly modifiedMs: number;
  readonly lastVersion: number;
}

/** A name that stands for one version of a function. */
export interface AliasRecord {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly arn: string;
  readonly revisionId: string;
}

export interface InvokeConfig {
  readonly maximumRetryAttempts?: number;
  readonly maximumEventAgeInSeconds?: number;
  readonly onFailure?: string;
  readonly onSuccess?: string;
  readonly modifiedMs: number;
}

/** Functions, versions, aliases, permissions and tags in the journal. */
export class FunctionStore {
  readonly functions: Table<FunctionRecord>;
  readonly versions: Table<FunctionRecord>;
  readonly aliases: Table<AliasRecord>;
  readonly policies: Table<{ Version: string; Id: string; Statement: Members[] }>;
  readonly tags: Table<Record<string, string>>;
  readonly invokeConfigs: Table<InvokeConfig>;
  readonly concurrency: Table<number>;
  /** URLs go with their function; `urls/` says what they are. */
  readonly urls: Table<unknown>;

  constructor(readonly cloud: Cloud) {
    this.functions = cloud.journal.table("lambda/functions");
    this.versions = cloud.journal.table("lambda/versions");
    this.aliases = cloud.journal.table("lambda/aliases");
    this.policies = cloud.journal.table("lambda/policies");
    this.tags = cloud.journal.table("lambda/tags");
    this.invokeConfigs = cloud.journal.table("lambda/invoke-configs");
    this.concurrency = cloud.journal.table("lambda/concurrency");
    this.urls = cloud.journal.table("lambda/function-urls");
  }

  /** Name and qualifier of a function given by name, `name:qualifier`, partial or full ARN. */
  parse(reference: string, qualifier?: string): { name: string; qualifier?: string } {
    const [, name = reference, inline] =
      /^(?:arn:[^:]+:lambda:[^:]*:\d*:function:|\d{12}:function:|function:)?([^:]+)(?::([^:]+))?$/.exec(reference) ??
      [];
    return { name, qualifier: qualifier ?? inline };
  }

  arn(reference: string, qualifier?: string): string {
    const parsed = this.parse(reference, qualifier);
    return this.cloud.arn("lambda", `function:${parsed.name}${parsed.qualifier ? `:${parsed.qualifier}` : ""}`);
  }

  /** @throws ResourceNotFoundException as Lambda words it. */
  get(reference: string, qualifier?: string): FunctionRecord {
    const parsed = this.parse(reference, qualifier);
    const found = this.functions.get(parsed.name);
    const missing = (): AwsError =>
      new AwsError("ResourceNotFoundException", `Function not found: ${this.arn(reference, qualifier)}`, 404, {
        Type: "User",
      });
    if (!found) throw missing();
    if (parsed.qualifier === undefined || parsed.qualifier === "$LATEST") return found;
    const alias = this.aliases.get(`${parsed.name}:${parsed.qualifier}`);
    const version = alias?.version ?? parsed.qualifier;
    if (version === "$LATEST") return found;
    const published = this.versions.get(`${parsed.name}:${version}`);
    if (!published) throw missing();
    return published;
  }

  versionsOf(name: string): FunctionRecord[] {
    return [...this.versions.values()]
      .filter((record) => record.name === name)
      .sort((a, b) => Number(a.version) - Number(b.version));
  }

  aliasesOf(name: string): AliasRecord[] {
    return [...this.aliases.entries()].filter(([key]) => key.startsWith(`${name}:`)).map(([, alias]) => alias);
  }

  drop(name: string): void {
    this.functions.delete(name);
    for (const version of this.versionsOf(name)) this.versions.delete(`${name}:${version.version}`);
    for (const alias of this.aliasesOf(name)) this.aliases.delete(`${name}:${alias.name}`);
    for (const [key] of [...this.urls.entries()]) if (key.split(":")[0] === name) this.urls.delete(key);
    for (const table of [this.policies, this.tags, this.invokeConfigs, this.concurrency]) table.delete(name);
  }
}

/** A function as Lambda describes it. */
export function configuration(record: FunctionRecord): Members {
  return {
    FunctionName: record.name,
    FunctionArn: record.version === "$LATEST" ? record.arn : `${record.arn}:${record.version}`,
    Runtime: record.runtime,
    Role: record.roleArn,
    Handler: record.handler,
    CodeSize: record.codeSize,
    Description: record.description,
    Timeout: record.timeoutSeconds,
    MemorySize: record.memoryMb,
    LastModified: new Date(record.modifiedMs).toISOString().replace("Z", "+0000"),
    CodeSha256: record.codeSha256,
    Version: record.version,
    VpcConfig: record.vpc,
    DeadLetterConfig: record.deadLetterArn === undefined ? undefined : { TargetArn: record.deadLetterArn },
    Environment: Object.keys(record.environment).length === 0 ? undefined : { Variables: record.environment },
    KMSKeyArn: record.kmsKeyArn,
    TracingConfig: { Mode: record.tracing },
    RevisionId: record.revisionId,
    Layers: record.layers.length === 0 ? undefined : record.layers,
    State: "Active",
    LastUpdateStatus: "Successful",
    PackageType: "Zip",
    Architectures: record.architectures,
    EphemeralStorage: { Size: record.ephemeralStorageMb },
    SnapStart: { ApplyOn: "None", OptimizationStatus: "Off" },
    LoggingConfig: { LogFormat: record.logFormat, LogGroup: record.logGroup },
  };
}
