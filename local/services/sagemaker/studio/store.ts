import { createHash, randomBytes } from "node:crypto";
import type { Cloud } from "../../../cloud";
import type { Members } from "../../../members";
import type { InventoryItem } from "../../../service";
import { AwsError } from "../../../errors";
import type { Table } from "../../../journal";
import { FileSystems } from "../../efs/store";
import type { Tags } from "../tags";
import { nfsGroupInventory } from "./nfs-groups";

/** One thing of Studio: what it was asked to be, and what AWS adds. */
export interface StudioRecord {
  readonly arn: string;
  /** The members of its create request, with later updates over them. */
  readonly given: Members;
  /** What AWS made up: ids, URLs. */
  readonly made: Members;
  readonly createdMs: number;
  readonly modifiedMs: number;
}

export type StudioKind = "domain" | "user-profile" | "space" | "app" | "studio-lifecycle-config";

const types: Readonly<Record<StudioKind, string>> = {
  domain: "AWS::SageMaker::Domain",
  "user-profile": "AWS::SageMaker::UserProfile",
  space: "AWS::SageMaker::Space",
  app: "AWS::SageMaker::App",
  "studio-lifecycle-config": "AWS::SageMaker::StudioLifecycleConfig",
};

/** Domains, profiles, spaces, apps and lifecycle configurations, by the end of their ARN. */
export class StudioStore {
  private readonly tables: Readonly<Record<StudioKind, Table<StudioRecord>>>;
  /** Home directories, which may outlive their domain (`RetentionPolicy`). */
  readonly files: FileSystems;

  constructor(
    readonly cloud: Cloud,
    readonly tags: Tags,
  ) {
    const table = (kind: StudioKind): Table<StudioRecord> => cloud.journal.table(`sagemaker/studio/${kind}`);
    this.tables = {
      domain: table("domain"),
      "user-profile": table("user-profile"),
      space: table("space"),
      app: table("app"),
      "studio-lifecycle-config": table("studio-lifecycle-config"),
    };
    this.files = new FileSystems(cloud);
  }

  arn(kind: StudioKind, key: string): string {
    return this.cloud.arn("sagemaker", `${kind}/${key.toLowerCase()}`);
  }

  find(kind: StudioKind, key: string): StudioRecord | undefined {
    return this.tables[kind].get(key.toLowerCase());
  }

  /** @throws ResourceNotFound in the words of Studio's operations. */
  get(kind: StudioKind, key: string, words: string): StudioRecord {
    const found = this.find(kind, key);
    if (!found) throw new AwsError("ResourceNotFound", `${words} does not exist.`);
    return found;
  }

  all(kind: StudioKind): StudioRecord[] {
    return [...this.tables[kind].values()];
  }

  add(kind: StudioKind, key: string, { Tags: given, ...members }: Members, made: Members, now: Date): StudioRecord {
    const arn = this.arn(kind, key);
    const record: StudioRecord = { arn, given: members, made, createdMs: now.getTime(), modifiedMs: now.getTime() };
    this.tables[kind].put(key.toLowerCase(), record);
    if (given) this.tags.put(arn, given);
    return record;
  }

  change(kind: StudioKind, key: string, members: Members, now: Date): void {
    const record = this.tables[kind].get(key.toLowerCase())!;
    const given = Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
    this.tables[kind].put(key.toLowerCase(), {
      ...record,
      given: { ...record.given, ...given },
      modifiedMs: now.getTime(),
    });
  }

  drop(kind: StudioKind, key: string): void {
    this.tags.drop(this.arn(kind, key));
    this.tables[kind].delete(key.toLowerCase());
  }

  exists(arn: string): boolean {
    return Object.keys(types).some((kind) => this.all(kind as StudioKind).some((record) => record.arn === arn));
  }

  inventory(): InventoryItem[] {
    return [
      ...(Object.keys(types) as StudioKind[]).flatMap((kind) =>
        this.all(kind).map(({ arn }) => ({ arn, type: types[kind] })),
      ),
      ...nfsGroupInventory(this.cloud),
    ];
  }
}

/** Lower-case letters and digits that nobody can guess, as ids of domains have them. */
export function randomId(length: number): string {
  return [...randomBytes(length)].map((byte) => "abcdefghijklmnopqrstuvwxyz0123456789"[byte % 36]).join("");
}

/** The user id on the domain's file system: AWS counts from 200000. */
export function fileSystemUid(arn: string): string {
  return String(200_000 + (parseInt(createHash("sha256").update(arn).digest("hex").slice(0, 6), 16) % 100_000));
}
