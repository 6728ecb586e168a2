import type { Cloud } from "../../cloud";
import type { Members } from "../../members";
import type { Table } from "../../journal";
import { Propagation, type Seen } from "../../propagation";
import { hasLinkedRole } from "../linked-roles";

/** A key as a resource names it: by ARN, id or alias. */
interface KeySetting {
  readonly key: string;
  /** S3: a key of the bucket's own stands between, so that KMS hears of the bucket and not of each object. */
  readonly bucketKey?: boolean;
}

export function bucketArn(bucket: unknown): string {
  return `arn:aws:s3:::${String(bucket)}`;
}

/**
 * Which key of KMS each bucket, topic, queue and parameter is encrypted with, which aliases keys have, and which
 * service-linked roles there are.
 */
export class DependentFacts {
  private readonly keys: Table<KeySetting>;
  /** Id of the key behind each alias. */
  private readonly aliases: Table<string>;
  /** The same as conditions see it. */
  private readonly seenAliases: Seen<string>;
  /** Uploads in parts that were begun with an encryption of their own: its key, or none. */
  readonly uploads: Table<{ readonly key?: string; readonly bucketKey: boolean }>;
  /** Buckets that may hold objects with other keys than the bucket's. */
  readonly mixedBuckets: Table<boolean>;

  constructor(private readonly cloud: Cloud) {
    this.keys = cloud.journal.table<KeySetting>("upstream/keys");
    const aliases = new Propagation(cloud.clock, cloud.lags.aliasMs).follow(
      cloud.journal.table<string>("upstream/aliases"),
    );
    this.aliases = aliases.table;
    this.seenAliases = aliases.seen;
    this.uploads = cloud.journal.table("upstream/upload-keys");
    this.mixedBuckets = cloud.journal.table("upstream/mixed-buckets");
  }

  /** An alias leads to a key from now on. @param keyId undefined: it is gone. */
  pointAlias(alias: string, keyId: string | undefined): void {
    if (keyId === undefined) this.aliases.delete(alias);
    else this.aliases.put(alias, keyId);
  }

  /** What encrypts a resource; undefined where nothing or a key of AWS's own does. */
  keyOf(resourceArn: string): KeySetting | undefined {
    return this.keys.get(resourceArn);
  }

  /** Remembers the key of a resource. @param key undefined, empty or AWS's own forgets it. */
  setKey(resourceArn: string, key: unknown, bucketKey?: boolean): void {
    if (typeof key === "string" && key !== "" && !/alias\/aws\//.test(key))
      this.keys.put(resourceArn, { key, ...(bucketKey ? { bucketKey } : {}) });
    else if (this.keys.has(resourceArn)) this.keys.delete(resourceArn);
  }

  /** The parameters below a path that are encrypted with a key of the account's. */
  encryptedBelow(arnPrefix: string): string[] {
    return [...this.keys.entries()].map(([arn]) => arn).filter((arn) => arn.startsWith(arnPrefix));
  }

  /** The ARN of a key given by ARN, id or alias; undefined for AWS's own keys and for aliases of none. */
  arnOf(key: unknown): string | undefined {
    if (typeof key !== "string" || key === "") return undefined;
    const alias = /alias\/.*$/.exec(key)?.[0];
    if (!alias) return key.startsWith("arn:") ? key : this.cloud.arn("kms", `key/${key}`);
    const id = this.aliases.get(alias);
    return id === undefined ? undefined : this.cloud.arn("kms", `key/${id}`);
  }

  /**
   * Names of a key, as `kms:ResourceAliases` has them: those of some minutes ago (`lags.ts`), while a request by a new
   * alias finds its key at once.
   */
  aliasesOf(keyArn: string): string[] {
    const wanted = keyArn.slice(keyArn.lastIndexOf("/") + 1);
    return [...this.seenAliases.entries()].filter(([, id]) => id === wanted).map(([alias]) => alias);
  }

  /** The key of a Studio domain. */
  keyOfDomain(domainId: unknown): string | undefined {
    const domain = this.cloud.journal
      .table<{ given: Members }>("sagemaker/studio/domain")
      .get(String(domainId).toLowerCase());
    return (domain?.given.KmsKeyId ?? domain?.given.HomeEfsFileSystemKmsKeyId) as string | undefined;
  }

  hasLinkedRole(service: string): boolean {
    return hasLinkedRole(this.cloud, service);
  }

  arn(service: string, resource: string): string {
    return this.cloud.arn(service, resource);
  }

  get region(): string {
    return this.cloud.region;
  }

  get accountId(): string {
    return this.cloud.accountId;
  }
}

const known = new WeakMap<Cloud, DependentFacts>();

/** The facts of a cloud. */
export function dependentFacts(cloud: Cloud): DependentFacts {
  let facts = known.get(cloud);
  if (!facts) known.set(cloud, (facts = new DependentFacts(cloud)));
  return facts;
}
